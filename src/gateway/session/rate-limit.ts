import type { Refusal } from '../../domain.ts'
import type { Runtime } from '../../runtime.ts'

/** A bucket that holds a second's worth of calls, and fills evenly: a token bucket. */
export class RateLimit {
  readonly #perSecond: number
  readonly #runtime: Runtime
  #left: number
  #filledAt: number

  constructor(callsPerSecondMax: number, runtime: Runtime) {
    this.#perSecond = callsPerSecondMax
    this.#runtime = runtime
    this.#left = callsPerSecondMax
    this.#filledAt = runtime.now()
  }

  /** Takes one call; 0 where there was one left, else the milliseconds until there is. */
  take(): number {
    const now = this.#runtime.now()
    const filled = this.#left + (Math.max(0, now - this.#filledAt) / 1000) * this.#perSecond
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
