import { rmSync } from 'node:fs'
import { type Database, open, type RootDatabase, type Transaction } from 'lmdb'
import type { View } from '../../domain.ts'
import { CheckpointDamagedError } from '../../errors.ts'
import type { StatusPart } from '../cut.ts'
import { type About, aboutKey, aboutRecord, readAbout } from './about.ts'
import { IdFilter } from './id-filter.ts'
import {
  bitsPerRecord,
  eventsPerRecord,
  hashOf,
  isSealed,
  type Kind,
  keyOf,
  nameOf,
  ordersPerRange,
  ownerRecordsPerRange,
  viewsPerRecord,
} from './layout.ts'
import type { Stocktaking, StoredOrder, StoredOrders } from './stored-orders.ts'
import { viewIn } from './view-record.ts'
import { placesWith, wordsOf } from './words.ts'

/** Records to be written, by key; undefined for one that is to be removed. */
export type Records = ReadonlyMap<number, Buffer | undefined>

const statusRecordsMax = 2 ** 20

/** The key of the bits of so many orders that have a status or do not. */
export const statusKey = (status: number, record: number) =>
  keyOf('statuses', status * statusRecordsMax + record)

/** The key of the pairs of an orderId, where there are two to the power of `bits` records of them. */
export const idsKey = (bits: number, hash: number) => keyOf('ids', 2 ** bits + (hash % 2 ** bits))

/** The key of the pairs of a customer among the orders of a range. */
export const ownersKey = (range: number, hash: number) =>
  keyOf('owners', range * ownerRecordsPerRange + (hash % ownerRecordsPerRange))

/** As lmdb-js has it; its types leave the second out. */
interface BinaryReader {
  getBinaryFast(key: number, options?: { readonly transaction: Transaction }): Buffer | undefined
}

/** The file of a checkpoint: what is read of it, and one transaction that takes it further. */
export class CheckpointFile implements StoredOrders {
  readonly path: string
  readonly #db: RootDatabase<Buffer, number>
  #about: About | undefined
  readonly #firstEventId: number
  /** Of the hashes of its orderIds, and of those that are to be written. */
  readonly ids = new IdFilter()
  /** For reading only: as it was when it was opened, also beside a process that takes it further. */
  readonly #pinned: Transaction | undefined
  readonly #reading: { readonly transaction: Transaction } | undefined
  /** Read last of their kinds: who walks through orders asks for the next one. */
  #views: { readonly number: number; readonly record: Buffer } | undefined
  #places: { readonly number: number; readonly words: Uint32Array } | undefined

  /** @throws {CheckpointDamagedError} if what it says of itself is damaged */
  constructor(path: string, firstEventId: number, { readOnly }: { readonly readOnly: boolean }) {
    this.path = path
    this.#firstEventId = firstEventId
    // Flushed at each commit, in the order that makes it whole after a power cut; see lmdb-tree.ts.
    this.#db = open<Buffer, number>({ path, encoding: 'binary', overlappingSync: false, readOnly })
    this.#pinned = readOnly ? this.#db.useReadTransaction() : undefined
    this.#reading = this.#pinned ? { transaction: this.#pinned } : undefined
    try {
      const record = this.record('about', 0)
      this.#about = record && readAbout(record)
      this.#fillFilter()
    } catch (error) {
      void this.close()
      throw error
    }
  }

  /** Undefined where nothing was written yet. */
  get about(): About | undefined {
    return this.#about
  }

  get eventId(): number {
    return this.#about?.eventId ?? this.#firstEventId - 1
  }

  get size(): number {
    return this.#about?.orders ?? 0
  }

  find(orderId: string): StoredOrder | undefined {
    if (this.size === 0) return undefined
    const hash = hashOf(orderId)
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
    const number = Math.floor(place / viewsPerRecord)
    if (this.#views?.number !== number) {
      const found = this.record('views', number) ?? this.#missing('views', number)
      this.#views = { number, record: Buffer.from(found) }
    }
    const { record } = this.#views
    return viewIn(record, place % viewsPerRecord) ?? this.#missing('views', number)
  }

  placeOf(eventId: number): number {
    const index = eventId - this.#firstEventId
    const number = Math.floor(index / eventsPerRecord)
    if (this.#places?.number !== number) {
      const record = this.record('places', number) ?? this.#missing('places', number)
      this.#places = { number, words: wordsOf(record) }
    }
    return this.#places.words[index % eventsPerRecord] ?? this.#missing('places', number)
  }

  *owned(customerId: string, from: number): Generator<number> {
    const hash = hashOf(customerId)
    const ranges = Math.ceil(this.size / ordersPerRange)
    for (let range = Math.floor(from / ordersPerRange); range < ranges; range++) {
      const pairs = this.wordsAt(ownersKey(range, hash)) ?? []
      for (const place of placesWith(pairs, hash)) {
        if (place >= from && place < this.size) yield place
      }
    }
  }

  stocktaking(): Stocktaking {
    return { statuses: this.#statuses(), states: this.#about?.states ?? [] }
  }

  *#statuses(): Generator<StatusPart> {
    const parts = Math.ceil(this.size / bitsPerRecord)
    for (const [number, status] of (this.#about?.statuses ?? []).entries()) {
      for (let part = 0; part < parts; part++) {
        const words = this.wordsAt(statusKey(number, part))
        if (words) yield { status, part, words }
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

  /** The words of a record of them, by its key. */
  wordsAt(key: number): Uint32Array<ArrayBuffer> | undefined {
    const record = this.#read(key)
    return record && wordsOf(record)
  }

  /**
   * Writes all of it, or nothing. Resolves once it is on the disk; what is read is as of `goOnFrom`,
   * before and after.
   */
  async write(records: Records, about: About): Promise<void> {
    const db: Database<Buffer, number> = this.#db
    await this.#db.batch(() => {
      for (const [key, record] of records) {
        if (record) db.put(key, record)
        else db.remove(key)
      }
      db.put(aboutKey, aboutRecord(about))
    })
  }

  /** Reads what was written last. */
  goOnFrom(about: About): void {
    this.#db.resetReadTxn()
    this.#about = about
    this.#places = undefined
    this.#views = undefined
  }

  close(): Promise<void> {
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
    if (!this.#pinned) rmSync(this.path, { force: true })
    return new CheckpointDamagedError(this.path, what)
  }
}
