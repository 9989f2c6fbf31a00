import { limits } from '../limits.ts'

/** How long to wait before trying again: anything up to a bound that doubles ("full jitter"). */
export class Backoff {
  readonly #random: () => number
  #failures = 0

  constructor(random: () => number) {
    this.#random = random
  }

  /** The wait before the next try, in ms. */
  next(): number {
    const bound = Math.min(limits.backoffMsMax, limits.backoffMsFirst * 2 ** this.#failures)
    this.#failures++
    return this.#random() * bound
  }

  /** The wait where the other side says to come back at once; a failure, if it says so again and again. */
  soon(): number {
    if (this.#failures > 0) return this.next()
    this.#failures++
    return this.#random() * limits.soonMsMax
  }

  /** All is well again. */
  reset(): void {
    this.#failures = 0
  }
}
