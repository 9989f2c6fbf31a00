const bits = 2 ** 26

/**
 * Tells of most hashes that were not put to it that they were not, so that for a new order nothing need
 * be read: a Bloom filter of three bits a hash. It takes 8 MiB, however many there are; of 2 million
 * hashes it lets one in a thousand through, of 10 million one in twenty.
 */
export class IdFilter {
  readonly #words = new Uint32Array(bits / 32)

  add(hash: number): void {
    const step = stepOf(hash)
    for (let bit = hash, probe = 0; probe < 3; probe++, bit += step) {
      this.#words[(bit % bits) >>> 5]! |= 1 << (bit & 31)
    }
  }

  /** True of all that were put to it, and of few others. */
  mayHave(hash: number): boolean {
    const step = stepOf(hash)
    for (let bit = hash, probe = 0; probe < 3; probe++, bit += step) {
      if ((this.#words[(bit % bits) >>> 5]! & (1 << (bit & 31))) === 0) return false
    }
    return true
  }
}

const stepOf = (hash: number) => (Math.imul(hash, 0x9e3779b1) | 1) >>> 0
