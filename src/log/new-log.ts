import type { RecordedEvent } from '../domain.ts'
import { AppendUnknownError, DataFolderError, StorageFullError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { eventsPath } from './events-file.ts'
import { prepareEmptyFolder, removeUnmarked, writeMark } from './folder/data-folder.ts'
import type { FolderMark } from './folder/mark.ts'
import { sayingWhy } from './folder/reasons.ts'
import { WriterLock } from './folder/writer-lock.ts'
import { LmdbLog } from './lmdb-log.ts'
import { LmdbTree } from './lmdb-tree.ts'
import { Room } from './room.ts'

/**
 * A log that is made of events which are there already. It is none until it is finished: only then is
 * its folder marked, so that nobody takes half of it for the whole.
 */
export class NewLog {
  readonly #folder: string
  readonly #mark: FolderMark
  readonly #log: LmdbLog
  readonly #appends: Promise<void>[] = []
  #ahead: number

  /** @throws {DataFolderError} if the folder is not empty, or cannot be written */
  constructor(folder: string, mark: FolderMark, runtime: Runtime) {
    this.#folder = folder
    this.#mark = mark
    this.#ahead = mark.firstEventId - 1
    this.#log = sayingWhy(folder, () => {
      prepareEmptyFolder(folder)
      const lock = new WriterLock(folder, runtime)
      try {
        const room = new Room(folder, runtime)
        const tree = new LmdbTree(folder, { readOnly: false, room })
        lock.keep(eventsPath(folder))
        return new LmdbLog(folder, mark, tree, { runtime, lock, room })
      } catch (error) {
        lock.release()
        removeUnmarked(folder)
        throw error
      }
    })
  }

  /**
   * Appends the events that come next. Resolves when the next ones may come, which is before these are
   * durable.
   *
   * @throws {DataFolderError} if there is no room, or it cannot be written
   */
  async append(batch: readonly RecordedEvent[]): Promise<void> {
    const append = this.#log.append(batch, this.#ahead)
    this.#ahead += batch.length
    // Heard of when its turn comes.
    append.catch(() => {})
    this.#appends.push(append)
    if (this.#appends.length >= this.#log.appendsMax) await this.#landed()
  }

  /** All that was appended, once it is durable. */
  async *readAll(): AsyncGenerator<readonly RecordedEvent[]> {
    while (this.#appends.length > 0) await this.#landed()
    yield* this.#log.read(this.#mark.firstEventId)
  }

  /** Makes it a log, when what was appended is durable: from here on it can be opened. */
  async finish(): Promise<void> {
    while (this.#appends.length > 0) await this.#landed()
    sayingWhy(this.#folder, () => writeMark(this.#folder, this.#mark))
    await this.#log.close()
  }

  /** Removes what was written of it. */
  async discard(): Promise<void> {
    await this.#log.close()
    removeUnmarked(this.#folder)
  }

  async #landed(): Promise<void> {
    try {
      await this.#appends.shift()
    } catch (error) {
      if (error instanceof StorageFullError) {
        throw new DataFolderError(`There is no room left in ${this.#folder}.`, { cause: error })
      }
      if (!(error instanceof AppendUnknownError)) throw error
      const { cause } = error
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new DataFolderError(`${this.#folder} cannot be written: ${why}`, { cause: error })
    }
  }
}
