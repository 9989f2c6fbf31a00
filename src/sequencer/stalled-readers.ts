import type { LogReader } from '../log/event-log.ts'
import type { Runtime } from '../runtime.ts'

/** A reader, and for how long it has read the log as it was at one moment. */
export interface StalledReader {
  readonly pid: number
  readonly ms: number
}

interface Seen {
  readonly since: number
  isTold: boolean
}

/**
 * Finds those who read the log as it was long ago: nothing that was freed since can be used again
 * meanwhile, so that the file grows with each commit.
 */
export class StalledReaders {
  readonly #stalledMs: number
  readonly #runtime: Runtime
  readonly #onStalled: (reader: StalledReader) => void
  #seen = new Map<string, Seen>()

  /** @param onStalled called once for each, when it has read for `stalledMs` */
  constructor(
    stalledMs: number,
    runtime: Runtime,
    onStalled: (reader: StalledReader) => void = () => {},
  ) {
    this.#stalledMs = stalledMs
    this.#runtime = runtime
    this.#onStalled = onStalled
  }

  /** Takes in who reads now; to be called from time to time. */
  look(readers: readonly LogReader[]): void {
    const now = this.#runtime.elapsed()
    const seen = new Map<string, Seen>()
    for (const { pid, thread, commit } of readers) {
      const key = `${pid} ${thread} ${commit}`
      const reader = this.#seen.get(key) ?? { since: now, isTold: false }
      seen.set(key, reader)
      const ms = now - reader.since
      if (reader.isTold || ms < this.#stalledMs) continue
      reader.isTold = true
      this.#onStalled({ pid, ms })
    }
    this.#seen = seen
  }
}
