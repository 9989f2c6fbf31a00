/** What a server said on one of its streams, and where in it. */

export interface Message {
  /** Where its first byte stands in the stream, and where the one after its last. */
  readonly start: number
  readonly end: number
  readonly text: string
}

const headEnd = '\r\n\r\n'
const textFrame = 0x81

/**
 * The messages of a stream: the text frames of a WebSocket, or lines.
 *
 * @throws {Error} where it has frames that a server of ours does not send
 */
export function messagesOf(stream: Buffer): readonly Message[] {
  if (!stream.subarray(0, 5).equals(Buffer.from('HTTP/'))) return linesOf(stream)
  const end = stream.indexOf(headEnd)
  const isUpgraded = stream.subarray(9, 12).toString() === '101'
  return end < 0 || !isUpgraded ? linesOf(stream) : framesOf(stream, end + headEnd.length)
}

function linesOf(stream: Buffer): readonly Message[] {
  let start = 0
  return stream
    .toString('latin1')
    .split('\n')
    .map((text) => {
      const line = { start, end: start + text.length, text }
      start = line.end + 1
      return line
    })
}

function framesOf(stream: Buffer, from: number): readonly Message[] {
  const messages: Message[] = []
  let start = from
  while (start + 2 <= stream.length) {
    const kind = stream[start]!
    const short = stream[start + 1]!
    if (short >= 128) throw new Error('The server sent a masked frame.')
    const headBytes = short < 126 ? 2 : short === 126 ? 4 : 10
    if (start + headBytes > stream.length) break
    let length = short
    if (short === 126) length = stream.readUInt16BE(start + 2)
    if (short === 127) length = Number(stream.readBigUInt64BE(start + 2))
    const end = start + headBytes + length
    // The process ended in the middle of it.
    if (end > stream.length) break
    const isControl = (kind & 0x08) !== 0
    if (kind === textFrame) {
      messages.push({ start, end, text: stream.toString('utf8', start + headBytes, end) })
    } else if (!isControl) {
      throw new Error(`The server sent a frame that is not one whole text: ${kind}.`)
    }
    start = end
  }
  return messages
}

/** What is claimed in a message: the greatest eventId that is named in it; 0 where there is none. */
export function claimOf(text: string): number {
  let most = 0
  for (const [, eventId] of text.matchAll(/"(?:eventId|head|previousEventId)":(\d+)/g)) {
    most = Math.max(most, Number(eventId))
  }
  return most
}
