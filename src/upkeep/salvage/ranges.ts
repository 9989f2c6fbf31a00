/** Whole numbers that follow each other. */
export interface Range {
  readonly first: number
  readonly last: number
}

/** Whole numbers in ascending order, as few ranges as can be. */
export class Ranges {
  readonly #ranges: Range[] = []
  #count = 0

  get all(): readonly Range[] {
    return this.#ranges
  }

  /** How many numbers there are. */
  get count(): number {
    return this.#count
  }

  /** Adds numbers that are greater than all before. */
  add(first: number, last = first): void {
    this.#count += last - first + 1
    const before = this.#ranges.at(-1)
    if (before?.last === first - 1) this.#ranges[this.#ranges.length - 1] = { ...before, last }
    else this.#ranges.push({ first, last })
  }
}
