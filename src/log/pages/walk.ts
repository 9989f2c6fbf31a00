/** Walks through all that a file of the log says is in use, without LMDB. */
import { type Meta, number64 } from './meta.ts'
import {
  checkOverflowPage,
  type Data,
  eventIdOfKey,
  type NumberOfKey,
  PageError,
  pageHeaderBytes,
} from './page.ts'
import type { PageFile } from './page-file.ts'
import { PageSet } from './page-set.ts'
import { TreeWalk } from './tree-walk.ts'

/** An entry of the log, as the tree has it. What is in it was not looked at. */
export interface NamedEntry {
  /** The eventIds of its first and its last event. */
  readonly first: number
  readonly last: number
  /** Where its bytes are in the file. */
  readonly at: number
  readonly bytes: number
}

export interface PageFault {
  readonly of: 'log' | 'free pages'
  /** The first event that may not be found for it; undefined where it is no event's. */
  readonly eventId: number | undefined
  readonly what: string
}

export interface WalkOptions {
  readonly file: PageFile
  readonly meta: Meta
  /** The eventId that the log begins with; undefined where that is not known. */
  readonly firstEventId: number | undefined
  readonly onFault: (fault: PageFault) => void
  readonly onEntry?: (entry: NamedEntry, file: PageFile) => void
  /** Hears how many leaves of the log were read, of how many. */
  readonly onLeaf?: (leaves: number, total: number) => void
}

/** lmdb-js has the version of an entry before its value. */
const versionBytes = 8
/** Says so of a tree. */
const withVersions = 0x100

/**
 * Sees whether the pages of a log are what LMDB relies on: each is what it should be, none is used
 * twice or is both used and free, and the entries follow each other. What is in the entries is not
 * read, as it has checksums.
 *
 * @returns whether the way to the newest entry, and to all others, is sound
 */
export function walkPages(options: WalkOptions): boolean {
  const { file, meta, firstEventId, onFault } = options
  const taken = new PageSet(meta.lastPage)
  let next = firstEventId
  const onEntry = (key: number, data: Data, leaf: Buffer, page: number) => {
    const place = placeOf(data, page, meta)
    const last = versionOf(data, leaf, meta, file)
    if (next !== undefined && key !== next) {
      onFault({ of: 'log', eventId: next, what: `the entry in its place begins with event ${key}` })
    }
    next = undefined
    if (!Number.isSafeInteger(last) || last < key) {
      onFault({ of: 'log', eventId: key, what: `its entry ends with event ${last}` })
      return
    }
    next = last + 1
    options.onEntry?.({ first: key, last, ...place }, file)
  }
  const log = new TreeWalk({
    ...{ file, meta, taken, onEntry, root: meta.main, numberOfKey: eventIdOfKey },
    onLeaf: (leaves) => options.onLeaf?.(leaves, meta.main.leafPages),
    onFault: (what) => {
      onFault({ of: 'log', eventId: next, what })
      next = undefined
    },
  })
  if (meta.main.entries > 0 && meta.main.flags !== withVersions) {
    onFault({
      of: 'log',
      eventId: next,
      what: 'the meta page says that its entries are of another kind',
    })
    return false
  }
  const isSound = log.run()
  walkFreePages({
    ...{ file, meta, taken },
    onFault: (what) => onFault({ of: 'free pages', eventId: undefined, what }),
  })
  return isSound
}

/** The same of the pages that may be used again, of which none may be in use. */
export function walkFreePages(options: {
  readonly file: PageFile
  readonly meta: Meta
  readonly taken: PageSet
  readonly onFault: (what: string) => void
}): void {
  const { file, meta, taken, onFault } = options
  new TreeWalk({
    ...{ file, meta, taken, root: meta.free, numberOfKey: transactionOfKey },
    onEntry: (_, data, leaf) => addFreed(taken, listOf(data, leaf, meta, file)),
    onFault: (what) => onFault(`of the free pages, ${what}`),
  }).run()
}

function placeOf(data: Data, page: number, { pageBytes }: Meta) {
  if (data.bytes < versionBytes) throw new PageError('has an entry without a version')
  const start =
    data.at === undefined ? data.page * pageBytes + pageHeaderBytes : page * pageBytes + data.at
  return { at: start + versionBytes, bytes: data.bytes - versionBytes }
}

function versionOf(data: Data, leaf: Buffer, { pageBytes, transaction }: Meta, file: PageFile) {
  if (data.at !== undefined) return leaf.readDoubleLE(data.at)
  file.read(data.page * pageBytes, overflowStart)
  checkOverflowPage(overflowStart, data.page, data.pages, transaction)
  return overflowStart.readDoubleLE(pageHeaderBytes)
}

const overflowStart = Buffer.alloc(pageHeaderBytes + versionBytes)

const transactionOfKey: NumberOfKey = (page, start, end) =>
  end - start === 8 ? number64(page, start) : undefined

function listOf({ at, page, bytes }: Data, leaf: Buffer, { pageBytes }: Meta, file: PageFile) {
  if (at !== undefined) return leaf.subarray(at, at + bytes)
  const list = Buffer.alloc(bytes)
  file.read(page * pageBytes + pageHeaderBytes, list)
  return list
}

/** A list of numbers, how many of them first: a page, or -n for n pages from the next one on, or 0. */
function addFreed(taken: PageSet, list: Buffer): void {
  const count = list.length < 8 ? -1 : number64(list, 0)
  if (count < 0 || 8 * (count + 1) > list.length)
    throw new PageError('has a list that is cut short')
  for (let index = 1; index <= count; index++) {
    const item = Number(list.readBigInt64LE(8 * index))
    if (item > 0) taken.add(item)
    else if (item < 0) {
      index++
      if (index > count) throw new PageError('has a list that ends before a page')
      taken.add(number64(list, 8 * index), -item)
    }
  }
}
