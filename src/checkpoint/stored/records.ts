/** From what has changed to the records that are to be written. */
import type { View } from '../../domain.ts'
import type { BitsPart, Cut } from '../cut.ts'
import type { About, Origin } from './about.ts'
import type { CheckpointFile } from './checkpoint-file.ts'
import {
  bitsKey,
  checkpointFormat,
  eventsPerRecord,
  idsKey,
  idsPerRecord,
  keyOf,
  mixKey,
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
  /** Gives others their turn. */
  readonly turn: () => Promise<void>
  /** Orders, or records, that are done in one turn. */
  readonly perTurn: number
}

/** Makes the records of a checkpoint, a few in a turn. The file is read, and written by nobody else. */
export async function buildRecords(
  options: BuildOptions,
): Promise<{ readonly records: Records; readonly about: About }> {
  const { cut, origin } = options
  const records = new Map<number, Buffer | undefined>()
  await buildViews(options, records)
  await buildOwners(options, records)
  const idBits = await buildIds(options, records)
  buildPlaces(options, records)
  const { statuses: before = [], paths: pathsBefore = [] } = options.file.about ?? {}
  const statuses = buildBits('statuses', cut.statuses, before, records)
  const paths = buildBits('states', cut.inStates, pathsBefore, records)
  const keys = await mixedKeys(options, records)
  const { eventId, newest, orders, states } = cut
  const { epoch, firstEventId, domain, fingerprint } = origin
  const of = { format: checkpointFormat, epoch, firstEventId, domain, fingerprint }
  const { salt } = options.file
  const names = { statuses, paths }
  return {
    records,
    about: { ...of, salt, keys, eventId, newest, orders, idBits, ...names, states },
  }
}

async function buildViews(
  { cut, file, turn, perTurn }: BuildOptions,
  records: Map<number, Buffer | undefined>,
): Promise<void> {
  const { heads, views } = cut
  const writer = recordWriter()
  let [next, done] = [0, 0]
  while (next < heads.length) {
    const number = Math.floor(heads[next]!.place / viewsPerRecord)
    const replaced = new Map<number, View>()
    for (; next < heads.length; next++) {
      const { place } = heads[next]!
      if (Math.floor(place / viewsPerRecord) !== number) break
      replaced.set(place % viewsPerRecord, views[next]!)
    }
    const isThere = number * viewsPerRecord < file.size
    const before = isThere ? file.record('views', number) : undefined
    const key = keyOf('views', number)
    records.set(key, viewRecordOf(key, replaced, before, writer))
    done += replaced.size
    if (done < perTurn) continue
    done = 0
    await turn()
  }
}

/** The orders that the checkpoint does not have yet, by place, each with its number in the cut. */
function* placedSince({ cut, file }: BuildOptions): Generator<readonly [number, View]> {
  for (const [index, { place }] of cut.heads.entries()) {
    if (place >= file.size) yield [place, cut.views[index]!]
  }
}

async function buildOwners(
  options: BuildOptions,
  records: Map<number, Buffer | undefined>,
): Promise<void> {
  const { file, ownerOf, turn, perTurn } = options
  const lists = new Lists((key) => file.wordsAt(key))
  let done = 0
  for (const [place, view] of placedSince(options)) {
    const customerId = ownerOf(view)
    if (customerId !== null) {
      const hash = file.hash(customerId)
      lists.put(ownersKey(Math.floor(place / ordersPerRange), hash), hash, place)
    }
    if (++done % perTurn === 0) await turn()
  }
  await lists.seal(records, perTurn, turn)
}

/** @returns how many bits of a hash say which record it is in */
async function buildIds(
  options: BuildOptions,
  records: Map<number, Buffer | undefined>,
): Promise<number> {
  const { cut, file, turn, perTurn } = options
  const bitsBefore = file.about?.idBits ?? 0
  let bits = bitsBefore
  while (cut.orders > idsPerRecord * 2 ** bits) bits++
  const isSplit = bits > bitsBefore
  const lists = new Lists((key) => (isSplit ? undefined : file.wordsAt(key)))
  const put = (hash: number, place: number) => lists.put(idsKey(bits, hash), hash, place)
  let done = 0
  if (isSplit && file.size > 0) {
    for (let number = 0; number < 2 ** bitsBefore; number++) {
      const pairs = file.wordsAt(idsKey(bitsBefore, number)) ?? new Uint32Array(0)
      for (let at = 0; at < pairs.length; at += 2) put(pairs[at]!, pairs[at + 1]!)
      if (++done % perTurn === 0) await turn()
    }
  }
  for (const [place, { orderId }] of placedSince(options)) {
    const hash = file.hash(orderId)
    put(hash, place)
    file.ids.add(hash)
    if (++done % perTurn === 0) await turn()
  }
  await lists.seal(records, perTurn, turn)
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
  { file, turn, perTurn }: BuildOptions,
  records: ReadonlyMap<number, Buffer | undefined>,
): Promise<number> {
  let mixed = file.about?.keys ?? 0
  let done = 0
  for (const [key, record] of records) {
    if (file.has(key) !== (record !== undefined)) mixed = mixKey(mixed, key)
    if (++done % perTurn === 0) await turn()
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

  async seal(records: Map<number, Buffer | undefined>, perTurn: number, turn: () => Promise<void>) {
    let done = 0
    for (const [key, list] of this.#lists) {
      records.set(key, recordOf(key, list.words))
      if (++done % perTurn === 0) await turn()
    }
  }
}
