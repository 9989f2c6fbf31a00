/** Text frames as RFC 6455, section 5.2, has them from a server: whole, not masked, not compressed. */

const finalText = 0x81
/** The lengths from which on a header has two, and eight bytes for them. */
const twoBytesFrom = 126
const eightBytesFrom = 0x1_0000

/** The bytes of a frame that holds the text. */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const frame = Buffer.allocUnsafe(headerBytes(length) + length)
  frame.write(text, writeHeader(frame, length))
  return frame
}

/** The bytes of a frame that holds a text, given as bytes. */
export function bytesFrame(bytes: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(headerBytes(bytes.length) + bytes.length)
  bytes.copy(frame, writeHeader(frame, bytes.length))
  return frame
}

function headerBytes(length: number): number {
  if (length < twoBytesFrom) return 2
  return length < eightBytesFrom ? 4 : 10
}

/** Returns where it ends. */
function writeHeader(frame: Buffer, length: number): number {
  frame[0] = finalText
  if (length < twoBytesFrom) {
    frame[1] = length
    return 2
  }
  if (length < eightBytesFrom) {
    frame[1] = 126
    return frame.writeUInt16BE(length, 2)
  }
  frame[1] = 127
  return frame.writeBigUInt64BE(BigInt(length), 2)
}
