import type { Refusal } from '../../domain.ts'
import type { Runtime } from '../../runtime.ts'

/** A bucket that holds a second's worth of calls, and fills evenly: a token bucket. */
export class RateLimit {
  readonly #perSecond: number
  readonly #clock: Pick<Runtime, 'elapsed'>
  #left: number
  #filledAt: number

  constructor(callsPerSecondMax: number, clock: Pick<Runtime, 'elapsed'>) {
    this.#perSecond = callsPerSecondMax
    this.#clock = clock
    this.#left = callsPerSecondMax
    this.#filledAt = clock.elapsed()
  }

  /** Takes one call; 0 where there was one left, else the milliseconds until there is. */
  take(): number {
    const now = this.#clock.elapsed()
    const filled = this.#left + ((now - this.#filledAt) / 1000) * this.#perSecond
    this.#left = Math.min(this.#perSecond, filled)
    this.#filledAt = now
    if (this.#left < 1) return Math.ceil(((1 - this.#left) / this.#perSecond) * 1000)
    this.#left--
    return 0
  }
}

export function rateLimited(retryAfterMs: number): Refusal {
  const message = `Too many calls by this socket. Go on in ${retryAfterMs} ms.`
  return { refused: 'RATE_LIMITED', message, details: { retryAfterMs } }
}
