/** The log in one LMDB tree, one entry a commit. FORMAT.md says what is stored. */
import assert from 'node:assert/strict'
import type { RecordedEvent } from '../domain.ts'
import {
  AppendUnknownError,
  ClosedError,
  CorruptLogError,
  type Fault,
  StaleHeadError,
  StorageFullError,
} from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { assertFollows, walkBack } from './batch.ts'
import { ByteWriters } from './byte-writer.ts'
import { type Entry, writeEntry } from './codec.ts'
import type { EventLog, LogReader } from './event-log.ts'
import { checkEventsFile, eventsPath } from './events-file.ts'
import {
  beginFolder,
  finishFolder,
  ownMark,
  prepareFolder,
  settleFolder,
  type WriteOptions,
} from './folder/data-folder.ts'
import { checkMark, type FolderMark, markOf, readMark } from './folder/mark.ts'
import { sayingWhy } from './folder/reasons.ts'
import { checkReadersRight, WriterLock } from './folder/writer-lock.ts'
import { LmdbTree, type Tail, withTree } from './lmdb-tree.ts'
import { hasRoom, Room } from './room.ts'

/** What only the process that writes has. */
interface Writer {
  readonly runtime: Runtime
  readonly lock: WriterLock
  readonly room: Room
}

/** A put under way, and what ends its append where lmdb-js does not. */
interface Put {
  readonly landed: Promise<boolean>
  readonly fail: (error: Fault) => void
}

/** Events in one batch of a read, unless a single entry holds more. */
const readBatchEvents = 1000
const entryBytesGuess = 256 * 1024
/** How long, after a commit that failed, the others are waited for. */
const settleMsMax = 5000

/**
 * Opens the log of a folder for writing, and makes both where there are none.
 *
 * @throws {DataFolderError} if the folder is not ours, cannot be written, is from a newer format, is
 * another domain's, begins with another eventId than asked for, or has a damaged file
 * @throws {LogLockedError} if another process writes it
 * @throws {CorruptLogError} if its file is damaged where events are, or its newest entry is
 */
export function openLogForWriting(options: WriteOptions): LmdbLog {
  const { folder, runtime } = options
  return sayingWhy(folder, () => {
    readMark(folder)
    prepareFolder(options)
    const lock = new WriterLock(folder, runtime)
    try {
      const known = readMark(folder)
      if (known) {
        checkMark(folder, known, options)
        checkEventsFile(folder)
      }
      const begun = known ? undefined : beginFolder(options)
      const room = new Room(folder, runtime)
      return withTree(folder, known, { readOnly: false, room }, (tree) => {
        // The tree comes first: a mark without a tree says that a log was lost.
        if (known) settleFolder(folder)
        else finishFolder(folder)
        const mark = begun ?? ownMark(options, known!)
        lock.keep(eventsPath(folder))
        return new LmdbLog(folder, mark, tree, { runtime, lock, room })
      })
    } catch (error) {
      lock.release()
      throw error
    }
  })
}

/**
 * Opens the log of a folder for reading only, also beside a process that writes it.
 *
 * @throws {DataFolderError} if there is no log of ours, or its file is damaged
 * @throws {CorruptLogError} if its file is damaged where events are, or its newest entry is
 */
export function openLogForReading(folder: string): LmdbLog {
  return sayingWhy(folder, () => {
    const mark = markOf(folder)
    checkEventsFile(folder)
    checkReadersRight(folder)
    return withTree(folder, mark, { readOnly: true }, (tree) => new LmdbLog(folder, mark, tree))
  })
}

export class LmdbLog implements EventLog {
  readonly epoch: string
  readonly firstEventId: number
  readonly appendsMax = 2
  readonly #folder: string
  readonly #writer: Writer | undefined
  /** For entries, which LMDB reads until their append has ended. */
  readonly #entries = new ByteWriters(this.appendsMax, entryBytesGuess)
  readonly #appends = new Set<Promise<boolean>>()
  readonly #puts = new Set<Put>()
  #tree: LmdbTree
  #durable: Tail | undefined
  /** Where the appends under way lead to. */
  #ahead: Tail | undefined
  /** Until it is known what a commit that failed means. */
  #recovery: Promise<void> | undefined
  #broken: Fault | undefined
  #closed: Promise<void> | undefined

  /** For `openLogForWriting` and `openLogForReading`, which look at the folder first. */
  constructor(folder: string, mark: FolderMark, tree: LmdbTree, writer?: Writer) {
    this.#folder = folder
    this.epoch = mark.epoch
    this.firstEventId = mark.firstEventId
    this.#writer = writer
    this.#tree = tree
    this.#durable = tree.tail
    this.#ahead = this.#durable
  }

  get head(): number {
    return this.#lastOf(this.#writer ? this.#durable : this.#tree.tail)
  }

  async append(batch: readonly RecordedEvent[], expectedHead: number): Promise<void> {
    assert(this.#writer, 'A log that was opened for reading takes no appends.')
    assertFollows(batch, expectedHead)
    if (this.#broken) throw this.#broken
    const previous = this.#ahead
    if (this.#lastOf(previous) !== expectedHead) throw new StaleHeadError(expectedHead)
    const writer = this.#entries.take()
    writeEntry(writer, batch)
    if (!this.#writer.room.has(writer.at)) throw new StorageFullError(this.#folder)
    const tail: Tail = { key: expectedHead + 1, last: expectedHead + batch.length }
    this.#ahead = tail
    const append = this.#put(previous, tail, writer.bytes.subarray(0, writer.at))
    this.#appends.add(append)
    try {
      const follows = await append
      // Of one that failed, lmdb-js may read the bytes at any time.
      this.#entries.giveBack(writer)
      if (!follows) throw new StaleHeadError(expectedHead)
    } finally {
      this.#appends.delete(append)
      if (this.#appends.size === 0) this.#ahead = this.#durable
    }
  }

  readBack(eventId: number, batchEventsMax: number): AsyncGenerator<readonly RecordedEvent[]> {
    // An order's events often lie in one entry, which is then read and checked once.
    let entry: Entry | undefined
    return walkBack(eventId, batchEventsMax, (next) => {
      if (!entry?.holds(next)) entry = this.#entryOf(next)
      return entry?.event(next)
    })
  }

  read(from: number): AsyncGenerator<readonly RecordedEvent[]> {
    return this.#read(Math.max(Math.ceil(from), this.firstEventId), this.head)
  }

  check(): void {
    this.#broken ??= this.#writer?.lock.lost()
    if (this.#broken) throw this.#broken
  }

  readers(): readonly LogReader[] {
    return this.#closed || this.#broken ? [] : this.#tree.readers()
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  #lastOf(tail: Tail | undefined): number {
    return tail?.last ?? this.firstEventId - 1
  }

  /** The entry that holds an event; undefined where the log does not hold it. */
  #entryOf(eventId: number): Entry | undefined {
    if (this.#closed) throw new ClosedError('log')
    if (!Number.isSafeInteger(eventId)) return undefined
    const entry = this.#tree.entryAt(eventId)
    if (entry?.holds(eventId)) return entry
    if (eventId < this.firstEventId || eventId > this.head) return undefined
    throw this.#missing(eventId)
  }

  /** After a fault LMDB may find nothing any more, though it is there. */
  #missing(eventId: number): Error {
    return this.#broken ?? new CorruptLogError(eventId, 'it is missing')
  }

  /** False where LMDB's writer found another tail; throws what `append` throws where it failed. */
  async #put(previous: Tail | undefined, tail: Tail, entry: Buffer): Promise<boolean> {
    const landed = this.#tree.putAfter(previous, tail, entry)
    let put: Put | undefined
    try {
      const follows = await new Promise<boolean>((resolve, reject) => {
        put = { landed, fail: reject }
        this.#puts.add(put)
        landed.then(resolve, reject)
      })
      this.check()
      if (follows) this.#durable = tail
      return follows
    } catch (error) {
      throw await this.#afterFailure(error)
    } finally {
      this.#puts.delete(put!)
    }
  }

  async #afterFailure(error: unknown): Promise<Error> {
    // lmdb-js also rejects this promise, which would end the process where nobody handles it.
    const { commitError } = error as { commitError?: Promise<unknown> }
    Promise.resolve(commitError).catch(() => {})
    if (!this.#broken) {
      this.#recovery ??= this.#recover(error)
      await this.#recovery
      this.#recovery = undefined
    }
    return this.#broken ?? new StorageFullError(this.#folder, error)
  }

  /**
   * Finds out what a failed commit means. Only where the disk is full, and the log opened anew has
   * the head that it had, is it sure that nothing was written; otherwise the log is broken.
   */
  async #recover(cause: unknown): Promise<void> {
    try {
      if (hasRoom(this.#folder, 0)) throw cause
      await this.#putsSettled(cause)
      await this.#tree.close()
      this.check()
      this.#tree = new LmdbTree(this.#folder, { readOnly: false, room: this.#writer!.room })
      if (this.#tree.tail?.last !== this.#durable?.last) throw cause
    } catch {
      this.#broken ??= new AppendUnknownError(cause)
      for (const { fail } of this.#puts) fail(this.#broken)
    }
  }

  /** Waits for all puts; not for ever, as lmdb-js leaves those whose transaction could not begin. */
  #putsSettled(cause: unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.#writer?.runtime.after(settleMsMax, () => reject(cause))
      void Promise.allSettled([...this.#puts].map(({ landed }) => landed)).then(() => {
        cancel?.()
        resolve()
      })
    })
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#appends)
    await (this.#broken ? this.#tree.abandon() : this.#tree.close())
    this.#writer?.lock.release()
  }

  async *#read(from: number, head: number): AsyncGenerator<readonly RecordedEvent[]> {
    let next = from
    while (next <= head) {
      const batch = this.#readBatch(next, head)
      next += batch.length
      yield batch
    }
  }

  /** At least one event, from `from` on and not after `head`. */
  #readBatch(from: number, head: number): RecordedEvent[] {
    const entry = this.#entryOf(from)
    if (!entry) throw this.#missing(from)
    const events = entry.events(from)
    let next = entry.last + 1
    for (const following of this.#tree.entriesFrom(next)) {
      if (events.length >= readBatchEvents || next > head) break
      if (following.first !== next) throw this.#missing(next)
      events.push(...following.events())
      next = following.last + 1
    }
    return events
  }
}
