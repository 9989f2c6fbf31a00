import type { Waiting } from './append.ts'

/** The commands that wait to be decided: first in, first out. */
export class Inbox {
  #queue: Waiting[] = []
  #taken = 0

  get length(): number {
    return this.#queue.length - this.#taken
  }

  push(waiting: Waiting): void {
    this.#queue.push(waiting)
  }

  /** Puts commands that were taken out before all others. */
  putBack(group: readonly Waiting[]): void {
    if (group.length === 0) return
    this.#queue = [...group, ...this.#queue.slice(this.#taken)]
    this.#taken = 0
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
