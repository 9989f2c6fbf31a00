import type { Config } from '../config.ts'
import { NoCheckpointError } from '../errors.ts'
import { type Runtime, yieldTurn } from '../runtime.ts'
import type { Cut, Cuttable } from './cut.ts'
import { Pace } from './pace.ts'
import { notPlain } from './plain.ts'
import type { Origin } from './stored/about.ts'
import type { CheckpointFile } from './stored/checkpoint-file.ts'
import { buildRecords } from './stored/records.ts'

type Limits = Pick<Config, 'checkpointOrdersMax' | 'checkpointMs' | 'ordersKeptMax'>

export interface CheckpointsOptions {
  readonly of: Cuttable
  readonly file: CheckpointFile
  readonly origin: Origin
  readonly config: Limits
  readonly runtime: Runtime
  /** Called with why a checkpoint could not be written. The next one is tried in time. */
  readonly onFailure: (error: unknown) => void
}

/** Orders that are let go of at once, and how much work that is, as `Pace` counts it. */
const lettingGo = { orders: 64, work: 12 }
/** Views that are looked at, so that a domain whose views JSON cannot say is noticed when it is tried out. */
const looksMax = 1000

/**
 * Writes checkpoints in the background, one at a time: when so many orders have changed, or so much
 * time has passed since the first of them did. Where one cannot be written, all that it would have had
 * stays in memory, and nothing else changes.
 */
export class Checkpoints {
  readonly #options: CheckpointsOptions
  #cancel: (() => void) | undefined
  #underWay: Promise<void> | undefined
  /** How many more are. */
  #looks = looksMax
  #isBegun = false
  #isClosed = false
  #hasFailed = false

  constructor(options: CheckpointsOptions) {
    this.#options = options
  }

  /**
   * Writes them by itself from here on. While the log is replayed orders are not shown as their heads
   * have them, but for the moments at which the replay calls `write`.
   */
  begin(): void {
    this.#isBegun = true
    this.changed()
  }

  /** Something has changed. */
  changed(): void {
    if (!this.#isBegun || this.#isClosed || this.#underWay) return
    const { of, config, runtime } = this.#options
    // After one that failed, the next one waits for its time.
    if (of.changedCount >= config.checkpointOrdersMax && !this.#hasFailed) {
      void this.write()
      return
    }
    this.#cancel ??= runtime.after(config.checkpointMs, () => {
      this.#cancel = undefined
      void this.write()
    })
  }

  /** Writes one, after the one that is under way; resolves when that has ended, well or not. */
  write(): Promise<void> {
    this.#cancel?.()
    this.#cancel = undefined
    // Where none is under way, what it is of is taken at once.
    const write = this.#underWay ? this.#underWay.then(() => this.#write()) : this.#write()
    const underWay = write.finally(() => {
      if (this.#underWay !== underWay) return
      this.#underWay = undefined
      if (this.#options.of.changedCount > 0) this.changed()
    })
    this.#underWay = underWay
    return underWay
  }

  /** Resolves when none is under way. */
  async settled(): Promise<void> {
    await this.#underWay
  }

  /** Begins no more of itself; resolves when the one under way has ended. */
  async stop(): Promise<void> {
    this.#isClosed = true
    this.#cancel?.()
    await this.#underWay
  }

  /**
   * Writes the last one, and closes the file. Where one was under way, that is the last, and where the
   * replay did not come to its end there is none.
   */
  async close(): Promise<void> {
    const isLast = this.#isBegun && !this.#underWay
    await this.stop()
    if (isLast) await this.write()
    await this.#options.file.close()
  }

  async #write(): Promise<void> {
    const { of, file, origin, config, runtime, onFailure } = this.#options
    const pace = new Pace(
      () => yieldTurn(runtime),
      () => of.changedCount,
    )
    let cut: Cut | undefined
    try {
      cut = of.cut()
      if (!cut) return
      await this.#look(cut, pace)
      const ownerOf = of.ownerOf.bind(of)
      const { records, about } = await buildRecords({ cut, file, origin, ownerOf, pace })
      await file.write(records, about)
      // In one step, so that no order is both in memory and not, or neither.
      file.goOnFrom(about)
      of.cutWritten(cut)
      this.#hasFailed = false
    } catch (error) {
      if (cut) of.cutDropped(cut)
      this.#hasFailed = true
      return onFailure(error)
    }
    while (of.letGo(config.ordersKeptMax, lettingGo.orders)) {
      if (pace.isOver(lettingGo.work)) await pace.turn()
    }
  }

  async #look({ heads, viewOf }: Cut, pace: Pace): Promise<void> {
    for (const head of heads.slice(0, this.#looks)) {
      const fault = notPlain(viewOf(head))
      if (fault !== undefined) {
        const why = `cannot hold the views of this domain: ${fault}, which JSON cannot say`
        throw new NoCheckpointError(this.#options.file.path, why)
      }
      if (pace.isOver(1)) await pace.turn()
    }
    this.#looks = Math.max(0, this.#looks - heads.length)
  }
}
