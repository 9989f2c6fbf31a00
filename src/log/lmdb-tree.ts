/** The one LMDB tree of a log: an entry a commit, by the eventId of its first event. */
import { type Database, open, type RootDatabase } from 'lmdb'
import { CorruptLogError, DataFolderError } from '../errors.ts'
import { Entry } from './codec.ts'
import type { LogReader } from './event-log.ts'
import { eventsPath } from './events-file.ts'
import type { FolderMark } from './folder/mark.ts'
import { whyNotOpenable } from './openable.ts'
import { checkPages } from './pages/check-file.ts'
import { Preallocation } from './preallocation.ts'
import type { Room } from './room.ts'

/** Where the newest entry is, and the eventId of its last event. */
export interface Tail {
  readonly key: number
  readonly last: number
}

/** What it is opened for; who writes says what room there is. */
export type Access =
  | { readonly readOnly: true }
  | { readonly readOnly: false; readonly room: Pick<Room, 'isAmple'> }

export class LmdbTree {
  readonly #db: RootDatabase<Buffer, number>
  readonly #readOnly: boolean
  readonly #preallocation: Preallocation | undefined

  /** @throws {DataFolderError} if the system does not let it be opened */
  constructor(folder: string, access: Access) {
    const { readOnly } = access
    this.#readOnly = readOnly
    const path = eventsPath(folder)
    const why = whyNotOpenable(path, { readOnly })
    if (why !== undefined) {
      const cause = new Error(why)
      throw new DataFolderError(`${folder} cannot be opened: ${why}.`, { cause })
    }
    this.#db = open<Buffer, number>({
      path,
      encoding: 'binary',
      useVersions: true,
      // A put then resolves when it is flushed, and readers beside us see nothing before it is.
      overlappingSync: false,
      // With it lmdb-js holds a promise of its own, which nobody handles where a commit fails.
      eventTurnBatching: false,
      readOnly,
    })
    if (!access.readOnly) this.#preallocation = new Preallocation(path, access.room)
  }

  /**
   * As it is now, also beside the process that writes.
   *
   * @throws {CorruptLogError} if the newest entry is not what was written
   */
  get tail(): Tail | undefined {
    // lmdb-js reads what it has read last for about a millisecond more.
    if (this.#readOnly) this.#db.resetReadTxn()
    const range = { reverse: true, limit: 1, versions: true }
    for (const { key, value, version } of this.#db.getRange(range)) {
      const { last } = new Entry(key, value)
      if (last !== version) throw new CorruptLogError(key, `its entry ends with ${version}`)
      return { key, last }
    }
    return undefined
  }

  /**
   * True once it is durable; false where LMDB's writer found another tail than `previous`, or anything
   * after it.
   */
  async putAfter(previous: Tail | undefined, tail: Tail, entry: Buffer): Promise<boolean> {
    const db: Database<Buffer, number> = this.#db
    let isLast: Promise<boolean> | undefined
    const put = () => {
      // Pages are filled to the end with `append`, which the types leave out.
      isLast = db.put(tail.key, entry, { version: tail.last, append: true } as never)
    }
    let follows: Promise<boolean> | undefined
    if (previous === undefined) put()
    else follows = db.ifVersion(previous.key, previous.last, put)
    // Both are waited for at once: where a commit fails, both reject.
    const conditions = await Promise.all([follows ?? true, isLast])
    if (!conditions.every((holds) => holds === true)) return false
    this.#preallocation?.used(entry.length)
    return true
  }

  /** The last entry whose key is not greater: the one that holds the event, if there is one. */
  entryAt(eventId: number): Entry | undefined {
    const range = { start: eventId, reverse: true, limit: 1 }
    for (const { key, value } of this.#db.getRange(range)) return new Entry(key, value)
    return undefined
  }

  /** The entries whose keys are not less, in order. */
  *entriesFrom(eventId: number): Generator<Entry> {
    for (const { key, value } of this.#db.getRange({ start: eventId })) yield new Entry(key, value)
  }

  /** Who reads it, in any process; those whose process has ended are let go of. */
  readers(): readonly LogReader[] {
    this.#db.readerCheck()
    return parseReaders(this.#db.readerList())
  }

  /** For as long as `use` runs, no page that is in use when it begins is written anew. */
  pinned<T>(use: () => T): T {
    const transaction = this.#db.useReadTransaction()
    try {
      return use()
    } finally {
      transaction.done()
    }
  }

  /** Waits for the puts under way. */
  async close(): Promise<void> {
    await Promise.all([this.#db.close(), this.#preallocation?.close()])
  }

  /** The same, but for LMDB, which may wait for ever where a commit has failed. */
  async abandon(): Promise<void> {
    this.close().catch(() => {})
    await this.#preallocation?.close()
  }
}

/** Opens the tree of a log, but for one that is not sound; left open where `use` does not throw. */
export function withTree<T>(
  folder: string,
  mark: FolderMark | undefined,
  access: Access,
  use: (tree: LmdbTree) => T,
): T {
  const tree = new LmdbTree(folder, access)
  try {
    if (mark) tree.pinned(() => checkPages(folder, mark))
    return use(tree)
  } catch (error) {
    void tree.close()
    throw error
  }
}

/** Lines such as ` 31842 7f3d9bcbbc80 5`; a reader that reads nothing now has a dash for its commit. */
const line = /^\s*(\d+)\s+([0-9a-f]+)\s+(\d+)\s*$/

/** Reads the text that lmdb-js gives of the table: those that are reading. */
function parseReaders(text: string): readonly LogReader[] {
  return text.split('\n').flatMap((each) => {
    const [, pid, thread, commit] = line.exec(each) ?? []
    return pid && thread && commit ? [{ pid: Number(pid), thread, commit: Number(commit) }] : []
  })
}
