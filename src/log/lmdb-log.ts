/** The log in one LMDB tree, one entry a commit. FORMAT.md says what is stored. */
import { statfs } from 'node:fs/promises'
import { type Database, open, type RootDatabase } from 'lmdb'
import type { RecordedEvent } from '../domain.ts'
import {
  AppendUnknownError,
  CorruptLogError,
  DataFolderError,
  StaleHeadError,
  StorageFullError,
} from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { assertFollows } from './batch.ts'
import { Entry, encodeEntry } from './codec.ts'
import {
  checkEventsFile,
  eventsPath,
  type FolderMark,
  folderFormat,
  prepareFolder,
  readMark,
  writeMark,
} from './data-folder.ts'
import type { EventLog } from './event-log.ts'
import { lockForWriting } from './writer-lock.ts'

export interface WriteOptions {
  readonly folder: string
  /** The name of the domain whose orders the log holds; a log of another one is refused. */
  readonly domain: string
  /** For a log that is made now: the eventId it begins with, 1 by default. */
  readonly firstEventId?: number | undefined
  readonly runtime: Runtime
}

/** Where the newest entry is, and the eventId of its last event. */
interface Tail {
  readonly key: number
  readonly last: number
}

/** Events in one batch of a read, unless a single entry holds more. */
const readBatchEvents = 1000
/** Less room than this on the file system, after a commit that failed, is taken for a full disk. */
const roomBytesMin = 1024 * 1024

/**
 * Opens the log of a folder for writing, and makes both where there are none.
 *
 * @throws {DataFolderError} if the folder is not ours, cannot be written, is from a newer format, is
 * another domain's, or begins with another eventId than asked for
 * @throws {LogLockedError} if another process writes it
 */
export function openLogForWriting(options: WriteOptions): LmdbLog {
  const { folder, domain, firstEventId, runtime } = options
  if (firstEventId !== undefined && !(Number.isSafeInteger(firstEventId) && firstEventId >= 1)) {
    throw new DataFolderError(`The first eventId must be a whole number from 1 on.`)
  }
  readMark(folder)
  prepareFolder(folder)
  const unlock = lockForWriting(folder, runtime.now())
  try {
    const known = readMark(folder)
    if (known) {
      checkMark(folder, known, options)
      checkEventsFile(folder)
      return new LmdbLog(folder, known, unlock)
    }
    const mark: FolderMark = {
      format: folderFormat,
      epoch: runtime.id(),
      firstEventId: firstEventId ?? 1,
      domain,
      createdAt: new Date(runtime.now()).toISOString(),
    }
    // The tree comes first: a mark without a tree is then a log that was lost, and is said to be.
    const log = new LmdbLog(folder, mark, unlock)
    if (log.head !== mark.firstEventId - 1) {
      throw new DataFolderError(`${folder} holds a log, and its ordinal.json is missing.`)
    }
    writeMark(folder, mark)
    return log
  } catch (error) {
    unlock()
    throw error
  }
}

/**
 * Opens the log of a folder for reading only, also beside a process that writes it.
 *
 * @throws {DataFolderError} if there is no log of ours
 */
export function openLogForReading(folder: string): LmdbLog {
  const mark = readMark(folder)
  if (!mark) throw new DataFolderError(`${folder} is not a data folder of Ordinal.`)
  checkEventsFile(folder)
  return new LmdbLog(folder, mark, undefined)
}

function checkMark(folder: string, mark: FolderMark, { domain, firstEventId }: WriteOptions): void {
  if (mark.domain !== domain) {
    throw new DataFolderError(`${folder} holds the log of ${mark.domain}, not of ${domain}.`)
  }
  if (firstEventId !== undefined && firstEventId !== mark.firstEventId) {
    throw new DataFolderError(
      `${folder} begins with event ${mark.firstEventId}, not with ${firstEventId}: ` +
        'the first eventId is chosen when a log is made.',
    )
  }
}

export class LmdbLog implements EventLog {
  readonly epoch: string
  readonly firstEventId: number
  readonly appendsMax = 2
  readonly #folder: string
  readonly #unlock: (() => void) | undefined
  #db: RootDatabase<Buffer, number>
  #durable: Tail | undefined
  /** Where the appends under way lead to. */
  #ahead: Tail | undefined
  #underWay = 0
  #broken: AppendUnknownError | undefined

  /** For `openLogForWriting` and `openLogForReading`, which look at the folder first. */
  constructor(folder: string, mark: FolderMark, unlock: (() => void) | undefined) {
    this.#folder = folder
    this.epoch = mark.epoch
    this.firstEventId = mark.firstEventId
    this.#unlock = unlock
    this.#db = this.#open()
    this.#durable = this.#readTail()
    this.#ahead = this.#durable
  }

  get head(): number {
    const tail = this.#unlock ? this.#durable : this.#readTail()
    return tail?.last ?? this.firstEventId - 1
  }

  async append(batch: readonly RecordedEvent[], expectedHead: number): Promise<void> {
    assertFollows(batch, expectedHead)
    if (this.#broken) throw this.#broken
    const previous = this.#ahead
    if ((previous?.last ?? this.firstEventId - 1) !== expectedHead) {
      throw new StaleHeadError(expectedHead)
    }
    const tail: Tail = { key: expectedHead + 1, last: expectedHead + batch.length }
    this.#ahead = tail
    this.#underWay++
    try {
      const landed = await this.#putAfter(previous, tail, encodeEntry(batch))
      if (!landed) throw new StaleHeadError(expectedHead)
      this.#durable = tail
    } catch (error) {
      throw error instanceof StaleHeadError ? error : await this.#afterFailure(error, expectedHead)
    } finally {
      this.#underWay--
      if (this.#underWay === 0) this.#ahead = this.#durable
    }
  }

  async get(eventId: number): Promise<RecordedEvent | undefined> {
    const entry = this.#entryAt(eventId)
    return entry && eventId <= entry.last ? entry.event(eventId) : undefined
  }

  async *read(from: number): AsyncGenerator<readonly RecordedEvent[]> {
    const head = this.head
    let next = Math.max(from, this.firstEventId)
    while (next <= head) {
      const batch = this.#readBatch(next)
      if (batch[0]?.eventId !== next) throw new CorruptLogError(next, 'it is missing')
      next += batch.length
      yield batch
    }
  }

  async close(): Promise<void> {
    await this.#db.close()
    this.#unlock?.()
  }

  #open(): RootDatabase<Buffer, number> {
    return open<Buffer, number>({
      path: eventsPath(this.#folder),
      encoding: 'binary',
      useVersions: true,
      // A put then resolves when it is flushed, and readers beside us see nothing before it is.
      overlappingSync: false,
      readOnly: this.#unlock === undefined,
    })
  }

  #readTail(): Tail | undefined {
    const range = { reverse: true, limit: 1, versions: true }
    for (const { key, value, version } of this.#db.getRange(range)) {
      const { last } = new Entry(key, value)
      if (last !== version) throw new CorruptLogError(key, `its entry ends with ${version}`)
      return { key, last }
    }
    return undefined
  }

  /** True once it is durable; false where LMDB's writer found another head than `previous`. */
  async #putAfter(previous: Tail | undefined, tail: Tail, entry: Buffer): Promise<boolean> {
    const db: Database<Buffer, number> = this.#db
    let isNew: Promise<boolean> | undefined
    const put = () => {
      isNew = db.ifNoExists(tail.key, () => {
        db.put(tail.key, entry, tail.last)
      })
    }
    let follows = true
    if (previous === undefined) put()
    else follows = await db.ifVersion(previous.key, previous.last, put)
    return (await isNew) === true && follows
  }

  /**
   * Says what a failed commit means. Only where the disk is full, and the log opened anew has the
   * old head, is it sure that nothing was written.
   */
  async #afterFailure(error: unknown, expectedHead: number): Promise<Error> {
    // lmdb-js also rejects this promise, which would end the process where nobody handles it.
    const { commitError } = error as { commitError?: Promise<unknown> }
    Promise.resolve(commitError).catch(() => {})
    const unknown = new AppendUnknownError(error)
    try {
      const { bavail, bsize } = await statfs(this.#folder)
      if (bavail * bsize < roomBytesMin) {
        await this.#db.close()
        this.#db = this.#open()
        const tail = this.#readTail()
        if ((tail?.last ?? this.firstEventId - 1) === expectedHead) {
          return new StorageFullError(this.#folder, error)
        }
      }
    } catch {
      // What cannot be found out stays unknown.
    }
    this.#broken = unknown
    return unknown
  }

  #entryAt(eventId: number): Entry | undefined {
    const range = { start: eventId, reverse: true, limit: 1 }
    for (const { key, value } of this.#db.getRange(range)) return new Entry(key, value)
    return undefined
  }

  #readBatch(from: number): RecordedEvent[] {
    const events: RecordedEvent[] = []
    const first = this.#entryAt(from)
    if (first && from <= first.last) events.push(...first.events(from))
    let next = from + events.length
    if (events.length === 0) return events
    for (const { key, value } of this.#db.getRange({ start: next })) {
      if (events.length >= readBatchEvents) break
      if (key !== next) throw new CorruptLogError(next, 'it is missing')
      const entry = new Entry(key, value)
      events.push(...entry.events())
      next += entry.count
    }
    return events
  }
}
