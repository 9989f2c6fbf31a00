/** A set of small whole numbers, a bit each, that can be walked in order from any place. */
export class Bitset {
  #words = new Uint32Array(16)
  #size = 0

  get size(): number {
    return this.#size
  }

  add(index: number): void {
    const word = index >>> 5
    if (word >= this.#words.length) this.#grow(word)
    const bit = 1 << (index & 31)
    if ((this.#words[word]! & bit) !== 0) return
    this.#words[word]! |= bit
    this.#size++
  }

  delete(index: number): void {
    const word = index >>> 5
    const bit = 1 << (index & 31)
    if (word >= this.#words.length || (this.#words[word]! & bit) === 0) return
    this.#words[word]! &= ~bit
    this.#size--
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

  #grow(word: number): void {
    const grown = new Uint32Array(Math.max(word + 1, this.#words.length * 2))
    grown.set(this.#words)
    this.#words = grown
  }
}
