const none = -1

/** A place among the numbers, held while they are touched; see `hold`. */
export interface Place {
  index: number
}

/**
 * Small whole numbers in the order in which they were last touched: a linked list in two arrays,
 * 8 bytes a number. Touching one is as cheap however many there are.
 */
export class Recency {
  #older = new Int32Array(16)
  #newer = new Int32Array(16)
  #newest = none
  #size = 0
  readonly #held = new Map<number, Set<Place>>()

  /** Makes `index` the one touched last; a new one must be the next whole number. */
  touch(index: number): void {
    if (index === this.#newest) return
    if (this.#held.size > 0) this.#moveOn(index)
    if (index < this.#size) this.#unlink(index)
    else this.#admit(index)
    this.#older[index] = this.#newest
    this.#newer[index] = none
    if (this.#newest !== none) this.#newer[this.#newest] = index
    this.#newest = index
  }

  /** The number touched last; undefined where there is none. */
  get newest(): number | undefined {
    return this.#newest === none ? undefined : this.#newest
  }

  /** The number touched last before this one was; undefined where there is none. */
  older(index: number): number | undefined {
    const older = this.#older[index]
    return older === none ? undefined : older
  }

  /** The number touched next after this one was; undefined where there is none. */
  newer(index: number): number | undefined {
    const newer = this.#newer[index]
    return newer === none ? undefined : newer
  }

  /**
   * Keeps a place: where its number is touched, and so goes to the end, the place goes over to the
   * number that was touched next. So a walk can be left, and gone on with later.
   */
  hold(place: Place): void {
    const here = this.#held.get(place.index)
    if (here) here.add(place)
    else this.#held.set(place.index, new Set([place]))
  }

  release(place: Place): void {
    const here = this.#held.get(place.index)
    if (here?.delete(place) && here.size === 0) this.#held.delete(place.index)
  }

  #moveOn(index: number): void {
    const here = this.#held.get(index)
    const newer = this.newer(index)
    if (!here || newer === undefined) return
    this.#held.delete(index)
    for (const place of here) {
      place.index = newer
      this.hold(place)
    }
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
