/** Finds the sound records of events in the file of a log, however damaged it is, without LMDB. */
import { salvagedRecordBytesMax } from '../../config.ts'
import { checksumAt, clueIn, Entry, eventIdAt, recordBytesAt } from '../../log/codec.ts'
import type { PageFile } from '../../log/pages/page-file.ts'
import { type NamedEntry, walkPages } from '../../log/pages/walk.ts'
import type { OnProgress } from '../progress.ts'
import { Places } from './places.ts'

export interface Found {
  readonly places: Places
  /** What can still be read of records that are damaged, by eventId. */
  readonly clues: ReadonlyMap<number, Clue>
  /**
   * The newest event of the log; undefined where the way to it is damaged. A record of a later one is
   * of an append that did not come to its end, and that nobody was told of.
   */
  readonly head: number | undefined
}

/** What a damaged record says of itself. */
export interface Clue {
  readonly type: string
  readonly orderId: string
}

/** Bytes that are searched at a time; what is longer than a record may be is read twice. */
const windowBytes = 4 * salvagedRecordBytesMax
/** A meta page that speaks of a file so much longer than it is cannot be gone by. */
const unseenBytesMax = 2 ** 30

/** First what the tree of the log leads to; then, byte by byte, what lies anywhere in the file. */
export function findRecords(
  file: PageFile,
  firstEventId: number | undefined,
  onProgress: OnProgress,
): Found {
  const places = new Places()
  const clues = new Map<number, Clue>()
  const head = findNamed(file, firstEventId, places, clues)
  const total = mebibytes(file.bytes)
  const window = Buffer.alloc(Math.min(windowBytes, file.bytes))
  let at = 0
  while (at < file.bytes) {
    const bytes = window.subarray(0, Math.min(window.length, file.bytes - at))
    file.read(at, bytes)
    const isLast = at + bytes.length >= file.bytes
    const searched = isLast ? bytes.length : bytes.length - salvagedRecordBytesMax
    const next = search(bytes, at, searched, places, false)
    at += isLast ? bytes.length : next
    onProgress({ of: 'bytes', done: mebibytes(at), total })
  }
  return { places, clues, head }
}

const mebibytes = (bytes: number) => Math.ceil(bytes / 2 ** 20)

/** Returns the head of the log, if the way to it is sound. */
function findNamed(
  file: PageFile,
  firstEventId: number | undefined,
  places: Places,
  clues: Map<number, Clue>,
): number | undefined {
  const meta = file.meta()
  const isMetaSound = typeof meta === 'object'
  const used = isMetaSound ? meta : file.anyMeta()
  if (!used || (used.lastPage + 1) * used.pageBytes > file.bytes + unseenBytesMax) return undefined
  let head = firstEventId === undefined ? undefined : firstEventId - 1
  walkPages({
    file,
    meta: used,
    firstEventId,
    onEntry: (entry) => {
      head = entry.last
      searchEntry(file, entry, places, clues)
    },
    onFault: (fault) => {
      if (fault.of === 'log') head = undefined
    },
  })
  return isMetaSound ? head : undefined
}

function searchEntry(
  file: PageFile,
  { first, at, bytes }: NamedEntry,
  places: Places,
  clues: Map<number, Clue>,
): void {
  const stored = Buffer.alloc(bytes)
  file.read(at, stored)
  search(stored, at, bytes, places, true)
  let entry: Entry
  try {
    entry = new Entry(first, stored)
  } catch {
    // Where its records begin is not known.
    return
  }
  for (let eventId = first; eventId <= entry.last; eventId++) {
    if (places.of(eventId).length > 0) continue
    const clue = clueIn(entry.record(eventId))
    if (clue) clues.set(eventId, clue)
  }
}

/**
 * Adds all records that begin before `end`, and returns where the search goes on.
 *
 * @param at where these bytes are in the file
 */
function search(bytes: Buffer, at: number, end: number, places: Places, isNamed: boolean): number {
  let next = 0
  while (next < end) {
    const length = recordBytesAt(bytes, next, salvagedRecordBytesMax)
    if (length > 0) {
      const checksum = checksumAt(bytes, next)
      places.add(eventIdAt(bytes, next), { at: at + next, bytes: length, checksum, isNamed })
    }
    next += length || 1
  }
  return next
}
