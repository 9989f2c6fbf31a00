import { bitsIn } from '../checkpoint/stored/words.ts'

/** A set of small whole numbers, a bit each, that can be walked in order from any place. */
export class Bitset {
  readonly #wordsPerPart: number
  #words = new Uint32Array(16)
  #size = 0
  /** Never another one: V8 would throw away the code that has seen only this one. */
  readonly #changed = new Set<number>()
  /** The part that was the last to change; -1 where none has. */
  #lastChanged = -1

  /** @param bitsPerPart of `takeChanged`; a multiple of 32 */
  constructor(bitsPerPart = 32_768) {
    this.#wordsPerPart = bitsPerPart / 32
  }

  get size(): number {
    return this.#size
  }

  has(index: number): boolean {
    return ((this.#words[index >>> 5] ?? 0) & (1 << (index & 31))) !== 0
  }

  add(index: number): void {
    const word = index >>> 5
    this.#grow(word)
    const bit = 1 << (index & 31)
    if ((this.#words[word]! & bit) !== 0) return
    this.#words[word]! |= bit
    this.#size++
    this.markChanged(this.#partOf(word))
  }

  delete(index: number): void {
    const word = index >>> 5
    const bit = 1 << (index & 31)
    if (word >= this.#words.length || (this.#words[word]! & bit) === 0) return
    this.#words[word]! &= ~bit
    this.#size--
    this.markChanged(this.#partOf(word))
  }

  /** The numbers of the parts that have changed since the last call. */
  takeChanged(): ReadonlySet<number> {
    const changed = new Set(this.#changed)
    this.#changed.clear()
    this.#lastChanged = -1
    return changed
  }

  /** A part has to be taken, or taken again. */
  markChanged(part: number): void {
    if (part === this.#lastChanged) return
    this.#lastChanged = part
    this.#changed.add(part)
  }

  /** The members of one part, a bit each; a copy. */
  part(part: number): Uint32Array {
    const words = new Uint32Array(this.#wordsPerPart)
    const start = part * this.#wordsPerPart
    words.set(this.#words.subarray(start, start + this.#wordsPerPart))
    return words
  }

  /** Puts the members of one part, which had none. */
  put(part: number, words: Uint32Array): void {
    const start = part * this.#wordsPerPart
    this.#grow(start + words.length - 1)
    this.#words.set(words, start)
    for (const word of words) this.#size += bitsIn(word)
  }

  /** The members from `from` on, ascending. */
  *from(from: number): Generator<number> {
    for (let word = from >>> 5; word < this.#words.length; word++) {
      let bits = this.#words[word]!
      if (word === from >>> 5) bits &= -1 << (from & 31)
      while (bits !== 0) {
        const lowest = 31 - Math.clz32(bits & -bits)
        yield word * 32 + lowest
        bits &= bits - 1
      }
    }
  }

  #partOf(word: number): number {
    return Math.floor(word / this.#wordsPerPart)
  }

  #grow(word: number): void {
    if (word < this.#words.length) return
    const grown = new Uint32Array(Math.max(word + 1, this.#words.length * 2))
    grown.set(this.#words)
    this.#words = grown
  }
}
