import { Checkpoints } from '../checkpoint/checkpoints.ts'
import { OrderHeads } from '../checkpoint/heads.ts'
import type { OpenedCheckpoint } from '../checkpoint/stored/open.ts'
import type { Config } from '../config.ts'
import type { Domain, View } from '../domain.ts'
import { CheckpointDamagedError } from '../errors.ts'
import type { EventLog } from '../log/event-log.ts'
import type { Runtime } from '../runtime.ts'
import { OrderView } from './order-view.ts'
import { type Progress, rebuild } from './rebuild.ts'

export interface KeptViewOptions<V extends View> {
  readonly domain: Domain<never, V>
  readonly log: EventLog
  /** What it goes on from and takes further; undefined where all orders are to be in memory. */
  readonly checkpoint: OpenedCheckpoint | undefined
  /** Why there is none, where there should be one. */
  readonly noCheckpoint?: Error | undefined
  readonly config: Config
  readonly runtime: Runtime
  readonly observer: CheckpointObserver
}

/** Hears of checkpoints what people should know. */
export interface CheckpointObserver {
  /** The one that was there is not gone on from; why, in words that follow a colon. */
  checkpointRemoved(why: string): void
  /** There can be none. */
  noCheckpoint(error: Error): void
  /** One could not be written. The next one is tried in time. */
  checkpointFailed(error: unknown): void
}

/** OrderView and the heads of its orders, with the checkpoint that they begin with and leave. */
export class KeptView<V extends View> {
  readonly heads: OrderHeads
  readonly view: OrderView<V>
  readonly #options: KeptViewOptions<V>
  readonly #checkpoints: Checkpoints | undefined

  constructor(options: KeptViewOptions<V>) {
    const { domain, log, checkpoint, config, runtime, observer } = options
    this.#options = options
    this.heads = new OrderHeads(checkpoint?.file, runtime.id())
    this.view = new OrderView(domain, log, this.heads, runtime, config)
    if (!checkpoint) return
    this.#checkpoints = new Checkpoints({
      ...{ file: checkpoint.file, origin: checkpoint.origin, of: this.view.cuts },
      ...{ config, runtime },
      onFailure: (error) => observer.checkpointFailed(error),
    })
  }

  /** Brings it to the head of the log: from the checkpoint, or from nothing. Throws as `rebuild`. */
  async rebuild(onProgress: (progress: Progress) => void): Promise<void> {
    const { checkpoint, noCheckpoint, observer } = this.#options
    if (noCheckpoint) observer.noCheckpoint(noCheckpoint)
    if (checkpoint?.removed !== undefined) observer.checkpointRemoved(checkpoint.removed)
    try {
      await this.#rebuild(onProgress)
    } catch (error) {
      if (!checkpoint || !(error instanceof CheckpointDamagedError)) throw error
      observer.checkpointRemoved(error.what)
      await this.#checkpoints?.settled()
      await checkpoint.file.beginAnew()
      this.heads.startOver()
      this.view.startOver()
      await this.#rebuild(onProgress)
    }
    this.#checkpoints?.begin()
  }

  async #rebuild(onProgress: (progress: Progress) => void): Promise<void> {
    const { heads, view } = this
    const { checkpoint } = this.#options
    if (checkpoint) view.restore(checkpoint.file.stocktaking())
    await rebuild({ ...this.#options, heads, view, checkpoints: this.#checkpoints, onProgress })
  }

  /** Orders have changed: in time, a checkpoint is written. */
  changed(): void {
    this.#checkpoints?.changed()
  }

  /** Leaves a checkpoint that the next start goes on from. */
  async close(): Promise<void> {
    await this.#checkpoints?.close()
  }
}
