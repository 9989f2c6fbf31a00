/** Bytes that get longer without being copied each time. */
export class GrowingBytes {
  #bytes = Buffer.alloc(64 * 1024)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Longer by zeros, or shorter. */
  set length(length: number) {
    this.#reserve(length)
    this.#bytes.fill(0, Math.min(length, this.#length), Math.max(length, this.#length))
    this.#length = length
  }

  /** The bytes themselves, up to the length. */
  get all(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Puts bytes where there are others, or after the end; the length stays as it is. */
  put(bytes: Buffer, at: number): void {
    this.#reserve(at + bytes.length)
    bytes.copy(this.#bytes, at)
  }

  #reserve(length: number): void {
    if (length <= this.#bytes.length) return
    const larger = Buffer.alloc(2 ** Math.ceil(Math.log2(length)))
    this.#bytes.copy(larger)
    this.#bytes = larger
  }
}
