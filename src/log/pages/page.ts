/**
 * A page of an LMDB tree (the version 2 of its files, which lmdb-js writes), read without LMDB, which
 * trusts what it reads: a page that is not sound can end the process.
 *
 *   0   8  its number
 *   8   8  the transaction that wrote it
 *   16  2  0
 *   18  2  its kind: branch, leaf, or the first of overflow pages
 *   20  4  of overflow pages, how many; of others, where the free space begins, and where it ends
 *   24     of a branch or a leaf, for each node, where it begins, from here on
 *
 * A node has 4 bytes for the bytes of its data, 2 for its flags, 2 for the bytes of its key, then key
 * and data. In a branch the first six are the number of a page, and there is no data.
 */
import { number64 } from './meta.ts'

export const pageHeaderBytes = 24
const nodeHeaderBytes = 8
const branchKind = 0x01
const leafKind = 0x02
const overflowKind = 0x04
/** The data of a node are on overflow pages. */
const onOverflow = 0x01
const overflowNodeBytes = 24

export type Kind = 'branch' | 'leaf'

/** Something that is wrong with a page, in words that follow "page 17". */
export class PageError extends Error {}

export const numberOf = (page: Buffer) => number64(page, 0)
export const transactionOf = (page: Buffer) => number64(page, 8)

/** Where the data of a node lie. */
export interface Data {
  readonly bytes: number
  /** From the start of the page; undefined where they are on overflow pages. */
  readonly at: number | undefined
  /** The first of its overflow pages. */
  readonly page: number
  readonly pages: number
}

/**
 * Sees whether a page is what it should be, down to the last of its bytes that say where something
 * is; and gives how many nodes it has.
 *
 * @throws {PageError} if it is not
 */
export function checkPage(page: Buffer, number: number, kind: Kind, newest: number): number {
  if (numberOf(page) !== number) throw new PageError('has the number of another one')
  const transaction = transactionOf(page)
  if (transaction < 1 || transaction > newest) {
    throw new PageError(`is of transaction ${transaction}, and the tree above it of ${newest}`)
  }
  const isKind = page.readUInt16LE(18) === (kind === 'leaf' ? leafKind : branchKind)
  if (!isKind || page.readUInt16LE(16) !== 0) throw new PageError(`is no ${kind} of the tree`)
  const room = page.length - pageHeaderBytes
  const freeStart = page.readUInt16LE(20)
  const freeEnd = page.readUInt16LE(22)
  const count = freeStart >> 1
  if (freeStart % 2 !== 0 || freeStart > freeEnd || freeEnd > room || count === 0) {
    throw new PageError('does not say where its nodes are')
  }
  let filled = 0
  for (let index = 0; index < count; index++) filled += nodeBytes(page, index, kind, freeEnd)
  // Nodes lie without gaps, so that two which overlap, or one that is too short, cannot add up.
  if (filled !== room - freeEnd) throw new PageError('has nodes that do not fill it')
  return count
}

/** How many bytes a node takes, which is an even number. */
function nodeBytes(page: Buffer, index: number, kind: Kind, freeEnd: number): number {
  const at = nodeAt(page, index)
  const isInside = at % 2 === 0 && at >= pageHeaderBytes + freeEnd
  if (!isInside || at + nodeHeaderBytes > page.length)
    throw new PageError('has a node outside of it')
  let bytes = nodeHeaderBytes + page.readUInt16LE(at + 6)
  if (kind === 'leaf') {
    const flags = page.readUInt16LE(at + 4)
    if (flags !== 0 && flags !== onOverflow) throw new PageError('has a node of another kind')
    bytes += flags === onOverflow ? overflowNodeBytes : page.readUInt32LE(at)
  }
  bytes += bytes % 2
  if (at + bytes > page.length) throw new PageError('has a node that ends outside of it')
  return bytes
}

const nodeAt = (page: Buffer, index: number) =>
  pageHeaderBytes + page.readUInt16LE(pageHeaderBytes + 2 * index)

/** Where the key of a node of a sound page is. */
export function keyOf(
  page: Buffer,
  index: number,
): { readonly start: number; readonly end: number } {
  const at = nodeAt(page, index)
  const start = at + nodeHeaderBytes
  return { start, end: start + page.readUInt16LE(at + 6) }
}

/** The page below a node of a sound branch. */
export const childOf = (page: Buffer, index: number) => page.readUIntLE(nodeAt(page, index), 6)

/** The data of a node of a sound leaf. */
export function dataOf(page: Buffer, index: number): Data {
  const at = nodeAt(page, index)
  const bytes = page.readUInt32LE(at)
  const start = at + nodeHeaderBytes + page.readUInt16LE(at + 6)
  if (page.readUInt16LE(at + 4) !== onOverflow) return { bytes, at: start, page: 0, pages: 0 }
  return { bytes, at: undefined, page: number64(page, start), pages: number64(page, start + 16) }
}

/** @throws {PageError} if it is not the first of so many overflow pages */
export function checkOverflowPage(page: Buffer, number: number, pages: number, newest: number) {
  const isOverflow = page.readUInt16LE(18) === overflowKind && page.readUInt32LE(20) === pages
  if (numberOf(page) !== number || !isOverflow || transactionOf(page) > newest) {
    throw new PageError(`is not the first of ${pages} overflow pages`)
  }
}

/** How many overflow pages so many bytes take. */
export const overflowPagesOf = (bytes: number, pageBytes: number) =>
  Math.ceil((pageHeaderBytes + bytes) / pageBytes)

/** Reads the number that a key is; undefined where it is none. */
export type NumberOfKey = (page: Buffer, start: number, end: number) => number | undefined

/**
 * The number that a key is, as lmdb-js has them: a double, big-endian, shifted to the right by four
 * bits, with a 1 before it and without zeros at its end.
 */
export const eventIdOfKey: NumberOfKey = (page, start, end) => {
  const bytes = end - start
  if (bytes < 4 || bytes > 9 || page[start]! >> 4 !== 1) return undefined
  let [low, lowest] = [0, 0]
  if (bytes >= 8) low = page.readUInt32BE(start + 4)
  else for (let at = 4; at < bytes; at++) low += page[start + at]! * 2 ** (56 - 8 * at)
  if (bytes === 9) lowest = page[start + 8]!
  words[1] = (page.readUInt32BE(start) << 4) | (low >>> 28)
  words[0] = (low << 4) | (lowest >> 4)
  return double[0]
}

const double = new Float64Array(1)
const words = new Uint32Array(double.buffer)
