const none = -1

/**
 * Small whole numbers in the order in which they were last touched: a linked list in two arrays,
 * 8 bytes a number. Touching one is as cheap however many there are.
 */
export class Recency {
  #older = new Int32Array(16)
  #newer = new Int32Array(16)
  #newest = none
  #size = 0

  /** Makes `index` the one touched last; a new one must be the next whole number. */
  touch(index: number): void {
    if (index === this.#newest) return
    if (index < this.#size) this.#unlink(index)
    else this.#admit(index)
    this.#older[index] = this.#newest
    this.#newer[index] = none
    if (this.#newest !== none) this.#newer[this.#newest] = index
    this.#newest = index
  }

  /** From the one touched last backwards. Nothing may be touched while it is walked. */
  *newestFirst(): Generator<number> {
    for (let index = this.#newest; index !== none; index = this.#older[index]!) yield index
  }

  #admit(index: number): void {
    if (index !== this.#size)
      throw new RangeError(`${index} is not the next number, ${this.#size}.`)
    this.#size++
    if (this.#size <= this.#older.length) return
    this.#older = grown(this.#older)
    this.#newer = grown(this.#newer)
  }

  #unlink(index: number): void {
    const older = this.#older[index]!
    const newer = this.#newer[index]!
    if (older !== none) this.#newer[older] = newer
    if (newer !== none) this.#older[newer] = older
  }
}

function grown(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2)
  larger.set(array)
  return larger
}
