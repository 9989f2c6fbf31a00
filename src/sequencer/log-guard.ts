import type { Config } from '../config.ts'
import type { EventLog } from '../log/event-log.ts'
import type { Runtime } from '../runtime.ts'
import { type StalledReader, StalledReaders } from './stalled-readers.ts'

export interface LogGuardOptions {
  readonly log: EventLog
  readonly config: Config
  readonly runtime: Runtime
  /** Called with whoever reads the log as it was long ago. */
  readonly onStalledReader?: ((reader: StalledReader) => void) | undefined
}

/**
 * Looks from time to time whether the log is still there, as an append that ends does at once, and
 * who reads it for too long.
 */
export class LogGuard {
  readonly #options: LogGuardOptions
  readonly #onLost: (fault: Error) => void
  readonly #readers: StalledReaders
  #cancel: () => void = () => {}

  constructor(options: LogGuardOptions, onLost: (fault: Error) => void) {
    this.#options = options
    this.#onLost = onLost
    const { config, runtime, onStalledReader } = options
    this.#readers = new StalledReaders(config.stalledReaderMs, runtime, onStalledReader)
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
      const { log } = this.#options
      log.check()
      this.#readers.look(log.readers?.() ?? [])
    } catch (fault) {
      return this.#onLost(fault as Error)
    }
    this.#checkLater()
  }
}
