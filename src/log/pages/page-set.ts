import { PageError } from './page.ts'

/** Pages of a file, a bit each. */
export class PageSet {
  readonly #bits: Uint8Array
  readonly #lastPage: number

  constructor(lastPage: number) {
    this.#bits = new Uint8Array((lastPage >> 3) + 1)
    this.#lastPage = lastPage
  }

  /**
   * Puts pages that follow each other to it.
   *
   * @throws {PageError} if one of them is in it already, or is none that can be used
   */
  add(first: number, count = 1): void {
    if (first < 2 || count < 1 || first + count - 1 > this.#lastPage) {
      throw new PageError(`points to page ${first}, of 2 to ${this.#lastPage}`)
    }
    for (let page = first; page < first + count; page++) {
      const bit = 1 << (page & 7)
      if (this.#bits[page >> 3]! & bit) throw new PageError(`points to page ${page}, as others do`)
      this.#bits[page >> 3]! |= bit
    }
  }
}
