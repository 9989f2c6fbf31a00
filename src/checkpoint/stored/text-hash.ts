import { createHash } from 'node:crypto'

/**
 * 32 bits of a text, by a key that nobody outside knows, so that nobody can find many texts that have the
 * same: to look one of those up would take as long as to look at all of them. It is HalfSipHash-2-4
 * (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012, and their reference implementation) of
 * the text's UTF-16 code units, little-endian.
 */
export class TextHash {
  readonly #key0: number
  readonly #key1: number

  /** @param key two 32-bit words */
  constructor(...key: readonly [number, number]) {
    this.#key0 = key[0]
    this.#key1 = key[1]
  }

  /** With a key made from a salt of any length. */
  static salted(salt: string): TextHash {
    const digest = createHash('sha256').update(salt).digest()
    return new TextHash(digest.readUInt32LE(0), digest.readUInt32LE(4))
  }

  /** From 0 up to, but not including, 2^32. */
  of(text: string): number {
    const { length } = text
    let v0 = this.#key0
    let v1 = this.#key1
    let v2 = this.#key0 ^ 0x6c796765
    let v3 = this.#key1 ^ 0x74656462
    // Word after word of two code units, then the word that has the length, then four rounds without any.
    const last = length & ~1
    for (let at = 0; at <= last + 4; at += 2) {
      const word =
        at < last ? text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16) : ending(text, at)
      if (at === last + 2) v2 ^= 0xff
      v3 ^= word
      for (let round = 0; round < 2; round++) {
        v0 = (v0 + v1) | 0
        v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
        v0 = (v0 << 16) | (v0 >>> 16)
        v2 = (v2 + v3) | 0
        v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
        v0 = (v0 + v3) | 0
        v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
        v2 = (v2 + v1) | 0
        v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
        v2 = (v2 << 16) | (v2 >>> 16)
      }
      v0 ^= word
    }
    return (v1 ^ v3) >>> 0
  }
}

/** The word that has how many bytes there were, and the code unit that is left, if one is; 0 after it. */
function ending(text: string, at: number): number {
  const { length } = text
  if (at > length) return 0
  return (length << 25) | (at < length ? text.charCodeAt(at) : 0)
}
