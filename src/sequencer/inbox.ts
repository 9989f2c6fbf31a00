import type { Waiting } from './append.ts'

/** The commands that wait to be decided: first in, first out, and no more than `max`. */
export class Inbox {
  readonly #max: number
  #queue: Waiting[] = []
  #taken = 0

  constructor(max: number) {
    this.#max = max
  }

  get length(): number {
    return this.#queue.length - this.#taken
  }

  /** False where it is full, and the command is not taken in. */
  push(waiting: Waiting): boolean {
    if (this.length >= this.#max) return false
    this.#queue.push(waiting)
    return true
  }

  /** Takes out the first `count`, or all where there are fewer. */
  take(count: number): Waiting[] {
    const end = Math.min(this.#taken + count, this.#queue.length)
    const group = this.#queue.slice(this.#taken, end)
    this.#taken = end
    if (this.#taken * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#taken)
      this.#taken = 0
    }
    return group
  }
}
