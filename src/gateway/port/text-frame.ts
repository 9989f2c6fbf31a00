/** Text frames as RFC 6455, section 5.2, has them from a server: whole, not masked, not compressed. */

const finalText = 0x81
/** The lengths from which on a header has two, and eight bytes for them. */
const twoBytesFrom = 126
const eightBytesFrom = 0x1_0000

/** Bytes of a text frame around so many of a text. */
function frameBytes(textBytes: number): number {
  if (textBytes < twoBytesFrom) return 2 + textBytes
  return (textBytes < eightBytesFrom ? 4 : 10) + textBytes
}

/** The frames of these texts, one after the other. */
export function textFrames(texts: readonly (string | Buffer)[]): Buffer {
  const lengths = texts.map(bytesOf)
  let total = 0
  for (const length of lengths) total += frameBytes(length)
  const frames = Buffer.allocUnsafe(total)
  let at = 0
  for (const [index, text] of texts.entries()) {
    at = writeHeader(frames, at, lengths[index]!)
    at += typeof text === 'string' ? frames.write(text, at) : text.copy(frames, at)
  }
  return frames
}

function bytesOf(text: string | Buffer): number {
  return typeof text === 'string' ? Buffer.byteLength(text) : text.length
}

/** Returns where it ends. */
function writeHeader(frames: Buffer, at: number, length: number): number {
  frames[at] = finalText
  if (length < twoBytesFrom) {
    frames[at + 1] = length
    return at + 2
  }
  if (length < eightBytesFrom) {
    frames[at + 1] = 126
    return frames.writeUInt16BE(length, at + 2)
  }
  frames[at + 1] = 127
  return frames.writeBigUInt64BE(BigInt(length), at + 2)
}
