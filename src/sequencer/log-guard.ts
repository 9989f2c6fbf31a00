import type { Config } from '../config.ts'
import type { EventLog } from '../log/event-log.ts'
import type { Runtime } from '../runtime.ts'

export interface LogGuardOptions {
  readonly log: EventLog
  readonly config: Config
  readonly runtime: Runtime
}

/** Looks from time to time whether the log is still there, as an append that ends does at once. */
export class LogGuard {
  readonly #options: LogGuardOptions
  readonly #onLost: (fault: Error) => void
  #cancel: () => void = () => {}

  constructor(options: LogGuardOptions, onLost: (fault: Error) => void) {
    this.#options = options
    this.#onLost = onLost
    this.#checkLater()
  }

  end(): void {
    this.#cancel()
  }

  #checkLater(): void {
    const { runtime, config } = this.#options
    this.#cancel = runtime.after(config.logCheckMs, () => this.#check())
  }

  #check(): void {
    try {
      this.#options.log.check()
    } catch (fault) {
      return this.#onLost(fault as Error)
    }
    this.#checkLater()
  }
}
