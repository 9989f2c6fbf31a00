import { checkpointAheadRecordsMax } from '../../config.ts'
import type { About } from './about.ts'
import type { CheckpointFile } from './checkpoint-file.ts'
import type { Records } from './layout.ts'

/**
 * Records of orders that the checkpoint does not have yet, written while others are made: most of a
 * checkpoint is that, and to write it all at once would hold it in memory, and keep the disk from the log's
 * commits for as long as it takes. One commit is under way at a time.
 */
export class Ahead {
  readonly #file: CheckpointFile
  readonly #nothing: About
  #records = new Map<number, Buffer>()
  #written: Promise<void> = Promise.resolve()

  /** @param nothing as `CheckpointFile.writeAhead` has it */
  constructor(file: CheckpointFile, nothing: About) {
    this.#file = file
    this.#nothing = nothing
  }

  /** Those that are not being written: fewer than a commit has. */
  get rest(): Records {
    return this.#records
  }

  /** Waits where the commit before the one that this begins is still under way. Throws what that throws. */
  async put(key: number, record: Buffer): Promise<void> {
    this.#records.set(key, record)
    if (this.#records.size < checkpointAheadRecordsMax) return
    const records = this.#records
    this.#records = new Map()
    await this.#written
    this.#written = this.#file.writeAhead(records, this.#nothing)
    // It is told to whoever waits for it, which is somewhat later.
    this.#written.catch(() => {})
  }

  /** Resolves when none is being written. Throws what the last one threw. */
  settled(): Promise<void> {
    return this.#written
  }
}
