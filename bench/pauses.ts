/** The pauses in which V8 collects garbage, while something runs. */
import { PerformanceObserver } from 'node:perf_hooks'

export class Pauses {
  readonly #entries: { readonly startTime: number; readonly duration: number }[] = []
  readonly #observer = new PerformanceObserver((list) => this.#entries.push(...list.getEntries()))

  constructor() {
    this.#observer.observe({ entryTypes: ['gc'] })
  }

  /** How long each took that began in the time from `from` to `to`, by `performance.now()`, in milliseconds. */
  async end(from: number, to: number): Promise<Float64Array> {
    // Node tells of a pause in a later turn.
    await new Promise(setImmediate)
    this.#entries.push(...this.#observer.takeRecords())
    this.#observer.disconnect()
    const within = this.#entries.filter(({ startTime }) => startTime >= from && startTime < to)
    return Float64Array.from(within, ({ duration }) => duration)
  }
}
