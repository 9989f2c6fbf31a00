import type { Database, RootDatabase, Transaction } from 'lmdb'
import { checkpointViewsHeldMax } from '../../config.ts'
import type { View } from '../../domain.ts'
import { CheckpointDamagedError, ClosedError, NoCheckpointError } from '../../errors.ts'
import { hasRoom } from '../../log/room.ts'
import type { BitsPart } from '../cut.ts'
import { type About, aboutKey, aboutRecord, readAbout } from './about.ts'
import { IdFilter } from './id-filter.ts'
import {
  bitsKey,
  bitsPerRecord,
  eventsPerRecord,
  idsKey,
  isSealed,
  type Kind,
  keyOf,
  mixKey,
  nameOf,
  ordersPerRange,
  ownersKey,
  type Records,
  viewsPerRecord,
} from './layout.ts'
import type { Stocktaking, StoredOrder, StoredOrders } from './stored-orders.ts'
import { TextHash } from './text-hash.ts'
import { type BinaryReader, bytesOf, logRoomBytes, openTree, removeFiles } from './tree.ts'
import { viewIn } from './view-record.ts'
import { placesWith, wordsOf } from './words.ts'

export interface CheckpointFileOptions {
  readonly path: string
  readonly firstEventId: number
  readonly readOnly: boolean
  /** What hashes are made with, of a checkpoint that is begun now. */
  readonly salt: string
}

/** The file of a checkpoint: what is read of it, and one transaction that takes it further. */
export class CheckpointFile implements StoredOrders {
  readonly path: string
  readonly #options: CheckpointFileOptions
  #db: RootDatabase<Buffer, number>
  #about: About | undefined
  #hash: TextHash
  /** Of the hashes of its orderIds, and of those that are to be written. */
  ids = new IdFilter()
  #isClosed = false
  /** For reading only: as it was when it was opened, also beside a process that takes it further. */
  readonly #pinned: Transaction | undefined
  readonly #reading: { readonly transaction: Transaction } | undefined
  /** Read lately, by place. */
  readonly #views = new Map<number, View>()
  /** Read last of their kinds: who walks through orders asks for the next one. */
  #record: { readonly number: number; readonly bytes: Buffer } | undefined
  #places: { readonly number: number; readonly words: Uint32Array } | undefined

  /** Opens it; what it says of itself is read by `begin`. */
  constructor(options: CheckpointFileOptions) {
    this.path = options.path
    this.#options = options
    this.#hash = TextHash.salted(options.salt)
    this.#db = openTree(options.path, options.readOnly)
    this.#pinned = options.readOnly ? this.#db.useReadTransaction() : undefined
    this.#reading = this.#pinned ? { transaction: this.#pinned } : undefined
  }

  /** @throws {CheckpointDamagedError} if what it says of itself is damaged */
  begin(): void {
    const record = this.record('about', 0)
    this.#about = record && readAbout(record)
    this.#hash = TextHash.salted(this.salt)
    this.#fillFilter()
  }

  /** Removes it, and begins another one, which is empty. */
  async beginAnew(): Promise<void> {
    await this.#db.close()
    removeFiles(this.path)
    this.#db = openTree(this.path, this.#options.readOnly)
    this.ids = new IdFilter()
    this.#about = undefined
    this.#hash = TextHash.salted(this.salt)
    this.#forget()
  }

  /** Undefined where nothing was written yet. */
  get about(): About | undefined {
    return this.#about
  }

  /** True where there is no record at all. */
  get isEmpty(): boolean {
    for (const _ of this.#db.getKeys({ limit: 1 })) return false
    return true
  }

  get eventId(): number {
    return this.#about?.eventId ?? this.#options.firstEventId - 1
  }

  get size(): number {
    return this.#about?.orders ?? 0
  }

  get salt(): string {
    return this.#about?.salt ?? this.#options.salt
  }

  /** By which ids and customers are found. */
  hash(text: string): number {
    return this.#hash.of(text)
  }

  find(orderId: string): StoredOrder | undefined {
    if (this.size === 0) return undefined
    const hash = this.hash(orderId)
    if (!this.ids.mayHave(hash)) return undefined
    const pairs = this.wordsAt(idsKey(this.#about!.idBits, hash))
    if (!pairs) return undefined
    for (const place of placesWith(pairs, hash)) {
      const view = this.view(place)
      if (view.orderId === orderId) return { place, view }
    }
    return undefined
  }

  view(place: number): View {
    const held = this.#views.get(place)
    if (held) return held
    const number = Math.floor(place / viewsPerRecord)
    if (this.#record?.number !== number) {
      const found = this.record('views', number) ?? this.#missing('views', number)
      this.#record = { number, bytes: Buffer.from(found) }
    }
    const view =
      viewIn(this.#record.bytes, place % viewsPerRecord) ?? this.#missing('views', number)
    if (this.#views.size >= checkpointViewsHeldMax) this.#views.clear()
    this.#views.set(place, view)
    return view
  }

  placeOf(eventId: number): number {
    const index = eventId - this.#options.firstEventId
    const number = Math.floor(index / eventsPerRecord)
    if (this.#places?.number !== number) {
      const record = this.record('places', number) ?? this.#missing('places', number)
      this.#places = { number, words: wordsOf(record) }
    }
    return this.#places.words[index % eventsPerRecord] ?? this.#missing('places', number)
  }

  *owned(customerId: string, from: number): Generator<number> {
    const hash = this.hash(customerId)
    const ranges = Math.ceil(this.size / ordersPerRange)
    for (let range = Math.floor(from / ordersPerRange); range < ranges; range++) {
      const pairs = this.wordsAt(ownersKey(range, hash)) ?? []
      for (const place of placesWith(pairs, hash)) {
        if (place >= from && place < this.size) yield place
      }
    }
  }

  stocktaking(): Stocktaking {
    const { statuses = [], paths = [], states = [] } = this.#about ?? {}
    const inStates = this.#bits('states', paths)
    return { statuses: this.#bits('statuses', statuses), inStates, states }
  }

  *#bits(kind: 'statuses' | 'states', names: readonly string[]): Generator<BitsPart> {
    const parts = Math.ceil(this.size / bitsPerRecord)
    for (const [number, name] of names.entries()) {
      for (let part = 0; part < parts; part++) {
        const words = this.wordsAt(bitsKey(kind, number, part))
        if (words) yield { name, part, words }
      }
    }
  }

  /**
   * A record of what was written last; undefined where there is none. Its bytes are another one's
   * as soon as the next is read.
   */
  record(kind: Kind, number: number): Buffer | undefined {
    return this.#read(keyOf(kind, number))
  }

  has(key: number): boolean {
    return this.#db.doesExist(key)
  }

  /** What it says of its keys, once a record is there, or is not. */
  keysWith(keys: number, key: number, isThere: boolean): number {
    return this.has(key) === isThere ? keys : mixKey(keys, key)
  }

  /** The words of a record of them, by its key. */
  wordsAt(key: number): Uint32Array<ArrayBuffer> | undefined {
    const record = this.#read(key)
    return record && wordsOf(record)
  }

  /**
   * Writes all of it, or nothing. Resolves once it is on the disk; what is read is as of `goOnFrom`,
   * before and after.
   *
   * @throws {NoCheckpointError} if it is not sure that there is room for it
   */
  async write(records: Records, about: About): Promise<void> {
    const db: Database<Buffer, number> = this.#db
    const bytes = bytesOf(records)
    if (!hasRoom(this.path, bytes + logRoomBytes)) {
      throw new NoCheckpointError(this.path, `may take ${bytes} bytes more, for which is no room`)
    }
    try {
      await this.#db.batch(() => {
        for (const [key, record] of records) {
          if (record) db.put(key, record)
          else db.remove(key)
        }
        db.put(aboutKey, aboutRecord(about))
      })
    } catch (error) {
      // lmdb-js also rejects this promise, which would end the process where nobody handles it.
      const { commitError } = error as { commitError?: Promise<unknown> }
      throw await Promise.resolve(commitError).then(
        () => error,
        (why) => why,
      )
    }
  }

  /**
   * Writes records that nobody reads before the next `write`: of orders that it does not have yet. What it
   * has stays what it was, so that it can be gone on from should the rest never follow.
   *
   * @param nothing what it says of itself where nothing was written yet
   */
  async writeAhead(records: Records, nothing: About): Promise<void> {
    const about = this.#about ?? nothing
    let { keys } = about
    for (const key of records.keys()) keys = this.keysWith(keys, key, true)
    await this.write(records, { ...about, keys })
    this.goOnFrom({ ...about, keys })
  }

  /** Reads what was written last. */
  goOnFrom(about: About): void {
    this.#db.resetReadTxn()
    this.#about = about
    this.#forget()
  }

  #forget(): void {
    this.#places = undefined
    this.#record = undefined
    this.#views.clear()
  }

  /** Waits for what is being written. */
  close(): Promise<void> {
    this.#isClosed = true
    this.#pinned?.done()
    return this.#db.close()
  }

  #fillFilter(): void {
    if (!this.#about) return
    const { idBits } = this.#about
    for (let number = 0; number < 2 ** idBits; number++) {
      const pairs = this.wordsAt(idsKey(idBits, number)) ?? []
      for (let at = 0; at < pairs.length; at += 2) this.ids.add(pairs[at]!)
    }
  }

  #read(key: number): Buffer | undefined {
    if (this.#isClosed) throw new ClosedError('engine')
    const shared = (this.#db as BinaryReader).getBinaryFast(key, this.#reading)
    // What lmdb-js gives is longer than it says.
    const record = shared?.subarray(0, shared.length)
    if (record && !isSealed(key, record)) throw this.#damaged(`record ${nameOf(key)}`)
    return record
  }

  #missing(kind: Kind, number: number): never {
    throw this.#damaged(`record ${nameOf(keyOf(kind, number))} is missing`)
  }

  /** It is of no use any more. Whoever writes it sees to it that the next start does not go on from it. */
  #damaged(what: string): CheckpointDamagedError {
    if (!this.#pinned) removeFiles(this.path)
    return new CheckpointDamagedError(this.path, what)
  }
}
