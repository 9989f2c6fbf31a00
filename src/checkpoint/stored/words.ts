/** Records of 32-bit words: pairs (hash, place), places, bits. */
import { checksumBytes, seal } from './layout.ts'

const wordBytes = 4

/** The words of a record, little-endian as everywhere in the file. */
export function wordsOf(record: Buffer): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array((record.length - checksumBytes) / wordBytes)
  // Copied, as the record may begin where no word may.
  new Uint8Array(words.buffer).set(record.subarray(checksumBytes, checksumBytes + words.byteLength))
  return words
}

export function recordOf(key: number, words: Uint32Array): Buffer {
  const record = Buffer.allocUnsafe(checksumBytes + words.byteLength)
  record.set(new Uint8Array(words.buffer, words.byteOffset, words.byteLength), checksumBytes)
  return seal(key, record)
}

/** The places that go with a hash, in the order in which they were put there. */
export function* placesWith(pairs: ArrayLike<number>, hash: number): Generator<number> {
  for (let at = 0; at < pairs.length; at += 2) if (pairs[at] === hash) yield pairs[at + 1]!
}

export function bitsIn(word: number): number {
  let count = 0
  for (let bits = word; bits !== 0; bits &= bits - 1) count++
  return count
}

/** Words that more are put to. */
export class WordList {
  #words: Uint32Array<ArrayBuffer>
  #size: number

  constructor(words = new Uint32Array(0)) {
    this.#words = words
    this.#size = words.length
  }

  push(word: number): void {
    if (this.#size === this.#words.length) {
      const grown = new Uint32Array(Math.max(16, this.#size * 2))
      grown.set(this.#words)
      this.#words = grown
    }
    this.#words[this.#size++] = word
  }

  /** Of those that were put to it. */
  at(index: number): number {
    return this.#words[index]!
  }

  get words(): Uint32Array<ArrayBuffer> {
    return this.#words.subarray(0, this.#size)
  }
}
