import type { RecordedEvent } from '../../src/domain.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'

interface HeldAppend {
  readonly batch: readonly RecordedEvent[]
  /** Writes it, and says so. */
  land(): void
  /** Writes it, and says nothing yet: `report` does. */
  write(): Promise<void>
  report(): void
  /** Ends it without writing anything. */
  fail(error: Error): void
  /** Writes it, and reports an error all the same. */
  landAndFail(error: Error): void
}

/** A log whose appends wait until the test says how each of them ends. */
export class ScriptedLog extends MemoryLog {
  readonly held: HeldAppend[] = []

  override append(batch: readonly RecordedEvent[], expectedHead: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const write = () => super.append(batch, expectedHead)
      this.held.push({
        batch,
        land: () => void write().then(resolve, reject),
        write,
        report: resolve,
        fail: reject,
        landAndFail: (error) => void write().then(() => reject(error), reject),
      })
    })
  }

  /**
   * Takes out the oldest append that waits, once there is one.
   *
   * @param turnsMax of the event loop, after which none is to come any more; of what another process has
   * to do first, Infinity: the test's own limit ends it
   */
  async next(turnsMax = 1000): Promise<HeldAppend> {
    for (let turn = 0; turn < turnsMax; turn++) {
      const first = this.held.shift()
      if (first) return first
      await new Promise((resolve) => setImmediate(resolve))
    }
    throw new Error(`No append came within ${turnsMax} turns of the event loop.`)
  }
}
