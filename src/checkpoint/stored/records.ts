/** From what has changed to the records that are to be written. */
import type { View } from '../../domain.ts'
import type { BitsPart, Cut } from '../cut.ts'
import type { Head } from '../heads.ts'
import type { Pace } from '../pace.ts'
import { type About, aboutNothing, type Origin } from './about.ts'
import { Ahead } from './ahead.ts'
import type { CheckpointFile } from './checkpoint-file.ts'
import {
  bitsKey,
  eventsPerRecord,
  idsKey,
  idsPerRecord,
  keyOf,
  ordersPerRange,
  ownersKey,
  type Records,
  viewsPerRecord,
} from './layout.ts'
import { recordWriter, viewRecordOf } from './view-record.ts'
import { recordOf, WordList } from './words.ts'

export interface BuildOptions {
  readonly cut: Cut
  readonly file: CheckpointFile
  readonly origin: Origin
  readonly ownerOf: (view: View) => string | null
  readonly pace: Pace
}

/** What is done besides the views, as `Pace` counts it. */
const work = {
  /** An order is put to those of its record. */
  grouping: 0.05,
  /** A hash is made, and put to a list. */
  owner: 0.2,
  /** The same, and put to the filter. */
  id: 0.35,
  /** A record of words is copied, and its checksum made. */
  record: 4,
  /** It is looked up whether there is such a record. */
  look: 0.5,
}

/**
 * Makes the records of a checkpoint, some in each turn, and writes some of them ahead. The file is read, and
 * written by nobody else.
 *
 * @throws {NoCheckpointError} if one that is ahead cannot be written
 */
export async function buildRecords(
  options: BuildOptions,
): Promise<{ readonly records: Records; readonly about: About }> {
  const { cut, file, origin } = options
  const nothing = aboutNothing(origin, file.salt)
  const ahead = new Ahead(file, nothing)
  const records = new Map<number, Buffer | undefined>()
  try {
    await buildViews(options, records, ahead)
    await buildOwners(options, records)
    const idBits = await buildIds(options, records)
    buildPlaces(options, records)
    for (const [key, record] of ahead.rest) records.set(key, record)
    await ahead.settled()
    const before = file.about ?? nothing
    const statuses = buildBits('statuses', cut.statuses, before.statuses, records)
    const paths = buildBits('states', cut.inStates, before.paths, records)
    const keys = await mixedKeys(options, records)
    const { eventId, newest, orders, states } = cut
    const names = { statuses, paths }
    return {
      records,
      about: { ...before, keys, eventId, newest, orders, idBits, ...names, states },
    }
  } finally {
    // Whatever else went wrong, nothing is being written any more.
    await ahead.settled().catch(() => {})
  }
}

async function buildViews(
  { cut, file, pace }: BuildOptions,
  records: Map<number, Buffer | undefined>,
  ahead: Ahead,
): Promise<void> {
  const { viewOf } = cut
  const writer = recordWriter()
  for (const [number, heads] of await byRecord(cut, pace)) {
    const replaced = new Map(heads.map((head) => [head.place % viewsPerRecord, viewOf(head)]))
    const isThere = number * viewsPerRecord < file.size
    const before = isThere ? file.record('views', number) : undefined
    const key = keyOf('views', number)
    const record = viewRecordOf(key, replaced, before, writer)
    if (isThere) records.set(key, record)
    else await ahead.put(key, record)
    if (pace.isOver(heads.length)) await pace.turn()
  }
}

/** The orders by the numbers of the records that have their views. */
async function byRecord({ heads }: Cut, pace: Pace): Promise<ReadonlyMap<number, readonly Head[]>> {
  const numbers = new Map<number, Head[]>()
  for (const head of heads) {
    const number = Math.floor(head.place / viewsPerRecord)
    const others = numbers.get(number)
    if (others) others.push(head)
    else numbers.set(number, [head])
    if (pace.isOver(work.grouping)) await pace.turn()
  }
  return numbers
}

/** The orders that the checkpoint does not have yet, by place. */
function* placedSince({ cut, file }: BuildOptions): Generator<Head> {
  for (const head of cut.heads) if (head.place >= file.size) yield head
}

async function buildOwners(
  options: BuildOptions,
  records: Map<number, Buffer | undefined>,
): Promise<void> {
  const { cut, file, ownerOf, pace } = options
  const lists = new Lists((key) => file.wordsAt(key))
  for (const head of placedSince(options)) {
    const customerId = ownerOf(cut.viewOf(head))
    if (customerId !== null) {
      const hash = file.hash(customerId)
      lists.put(ownersKey(Math.floor(head.place / ordersPerRange), hash), hash, head.place)
    }
    if (pace.isOver(work.owner)) await pace.turn()
  }
  await lists.seal(records, pace)
}

/** @returns how many bits of a hash say which record it is in */
async function buildIds(
  options: BuildOptions,
  records: Map<number, Buffer | undefined>,
): Promise<number> {
  const { cut, file, pace } = options
  const bitsBefore = file.about?.idBits ?? 0
  let bits = bitsBefore
  while (cut.orders > idsPerRecord * 2 ** bits) bits++
  const isSplit = bits > bitsBefore
  const lists = new Lists((key) => (isSplit ? undefined : file.wordsAt(key)))
  const put = (hash: number, place: number) => lists.put(idsKey(bits, hash), hash, place)
  if (isSplit && file.size > 0) {
    for (let number = 0; number < 2 ** bitsBefore; number++) {
      const pairs = file.wordsAt(idsKey(bitsBefore, number)) ?? new Uint32Array(0)
      for (let at = 0; at < pairs.length; at += 2) put(pairs[at]!, pairs[at + 1]!)
      if (pace.isOver(work.record)) await pace.turn()
    }
  }
  for (const { orderId, place } of placedSince(options)) {
    const hash = file.hash(orderId)
    put(hash, place)
    file.ids.add(hash)
    if (pace.isOver(work.id)) await pace.turn()
  }
  await lists.seal(records, pace)
  if (!isSplit) removeSplit(file, bits, records)
  return bits
}

/** The ids as they were before they were split; since the checkpoint after that, nobody reads them. */
function removeSplit(
  file: CheckpointFile,
  bits: number,
  records: Map<number, Buffer | undefined>,
): void {
  for (let before = 0; before < bits; before++) {
    if (!file.has(idsKey(before, 0))) continue
    for (let number = 0; number < 2 ** before; number++) {
      records.set(idsKey(before, number), undefined)
    }
  }
}

function buildPlaces(
  { cut, file, origin }: BuildOptions,
  records: Map<number, Buffer | undefined>,
): void {
  const { places } = cut
  let index = file.eventId + 1 - origin.firstEventId
  for (let done = 0; done < places.length; ) {
    const number = Math.floor(index / eventsPerRecord)
    const start = index % eventsPerRecord
    const count = Math.min(eventsPerRecord - start, places.length - done)
    const words = new Uint32Array(start + count)
    const key = keyOf('places', number)
    if (start > 0) words.set(file.wordsAt(key)!.subarray(0, start))
    words.set(places.subarray(done, done + count), start)
    records.set(key, recordOf(key, words))
    done += count
    index += count
  }
}

/** @returns the names of all statuses, or states, by their numbers */
function buildBits(
  kind: 'statuses' | 'states',
  parts: readonly BitsPart[],
  before: readonly string[],
  records: Map<number, Buffer | undefined>,
): string[] {
  const names = [...before]
  for (const { name, part, words } of parts) {
    if (!names.includes(name)) names.push(name)
    const key = bitsKey(kind, names.indexOf(name), part)
    records.set(key, recordOf(key, words))
  }
  return names
}

/** What the checkpoint is to say of its keys once these records are written. */
async function mixedKeys(
  { file, pace }: BuildOptions,
  records: ReadonlyMap<number, Buffer | undefined>,
): Promise<number> {
  let mixed = file.about?.keys ?? 0
  for (const [key, record] of records) {
    mixed = file.keysWith(mixed, key, record !== undefined)
    if (pace.isOver(work.look)) await pace.turn()
  }
  return mixed
}

/** Pairs that are put to those which records have. */
class Lists {
  readonly #before: (key: number) => Uint32Array<ArrayBuffer> | undefined
  readonly #lists = new Map<number, WordList>()

  constructor(before: (key: number) => Uint32Array<ArrayBuffer> | undefined) {
    this.#before = before
  }

  put(key: number, hash: number, place: number): void {
    let list = this.#lists.get(key)
    if (!list) {
      list = new WordList(this.#before(key))
      this.#lists.set(key, list)
    }
    list.push(hash)
    list.push(place)
  }

  async seal(records: Map<number, Buffer | undefined>, pace: Pace): Promise<void> {
    for (const [key, list] of this.#lists) {
      records.set(key, recordOf(key, list.words))
      if (pace.isOver(work.record)) await pace.turn()
    }
  }
}
