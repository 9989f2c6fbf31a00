const placesPerPart = 1024

interface Part<T> {
  readonly items: (T | undefined)[]
  count: number
}

/** What there is of orders by their places, of which many may have nothing: 8 bytes one that has. */
export class PlaceTable<T> {
  readonly #parts = new Map<number, Part<T>>()
  /** The part that was asked for last. */
  #last: Part<T> | undefined
  #lastNumber = -1

  get(place: number): T | undefined {
    return this.#partOf(place)?.items[place % placesPerPart]
  }

  /** Where there was nothing. */
  add(place: number, item: T): void {
    let part = this.#partOf(place)
    if (!part) {
      part = { items: [], count: 0 }
      const number = Math.floor(place / placesPerPart)
      this.#parts.set(number, part)
      this.#last = part
      this.#lastNumber = number
    }
    const index = place % placesPerPart
    // Without holes, which arrays are slow with.
    while (part.items.length < index) part.items.push(undefined)
    part.items[index] = item
    part.count++
  }

  /** Where there was something. */
  delete(place: number): void {
    const part = this.#partOf(place)!
    part.items[place % placesPerPart] = undefined
    part.count--
    if (part.count > 0) return
    this.#parts.delete(Math.floor(place / placesPerPart))
    this.#last = undefined
    this.#lastNumber = -1
  }

  clear(): void {
    this.#parts.clear()
    this.#last = undefined
    this.#lastNumber = -1
  }

  #partOf(place: number): Part<T> | undefined {
    const number = Math.floor(place / placesPerPart)
    if (number === this.#lastNumber) return this.#last
    this.#last = this.#parts.get(number)
    this.#lastNumber = number
    return this.#last
  }
}
