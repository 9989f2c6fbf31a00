/**
 * WebSocket frames by hand, for the clients of the suite: they share a small machine with the server
 * that is measured, so they must not cost more than they have to. Frames of a server are never masked,
 * and ours never come in fragments.
 */
import { randomBytes } from 'node:crypto'

const finalText = 0x81
const finalClose = 0x88
const finalPong = 0x8a
const masked = 0x80
const length16 = 126
const length64 = 127
/** One key for all: it protects proxies, of which there are none here. Zeros would spare the server work. */
const mask = randomBytes(4).map((byte) => byte | 1)

/** A text frame as a client sends it. */
export function textFrame(text: string): Buffer {
  return frame(finalText, Buffer.from(text))
}

function frame(first: number, payload: Buffer): Buffer {
  const header = headerOf(first, payload.length)
  const bytes = Buffer.concat([header, mask, payload])
  const start = header.length + mask.length
  for (let at = 0; at < payload.length; at++) bytes[start + at]! ^= mask[at & 3]!
  return bytes
}

function headerOf(first: number, length: number): Buffer {
  if (length < length16) return Buffer.of(first, masked | length)
  const isShort = length < 2 ** 16
  const header = Buffer.alloc(isShort ? 4 : 10)
  header[0] = first
  header[1] = masked | (isShort ? length16 : length64)
  if (isShort) header.writeUInt16BE(length, 2)
  else header.writeBigUInt64BE(BigInt(length), 2)
  return header
}

export const opcodes = { text: 1, close: 8, ping: 9 } as const
export const pongFrame = frame(finalPong, Buffer.alloc(0))
export const closeFrame = frame(finalClose, Buffer.alloc(0))

/** Cuts what comes in into frames. A payload is valid during the call alone. */
export class FrameReader {
  readonly #take: (opcode: number, payload: Buffer) => void
  #rest: Buffer = Buffer.alloc(0)

  constructor(take: (opcode: number, payload: Buffer) => void) {
    this.#take = take
  }

  read(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    let at = 0
    while (at + 2 <= bytes.length) {
      const short = bytes[at + 1]! & 0x7f
      const start = at + (short === length64 ? 10 : short === length16 ? 4 : 2)
      if (start > bytes.length) break
      const length =
        short === length64
          ? Number(bytes.readBigUInt64BE(at + 2))
          : short === length16
            ? bytes.readUInt16BE(at + 2)
            : short
      const end = start + length
      if (end > bytes.length) break
      this.#take(bytes[at]! & 0x0f, bytes.subarray(start, end))
      at = end
    }
    this.#rest = bytes.subarray(at)
  }
}
