/**
 * The two meta pages with which an LMDB file begins. A commit writes them in turn, and the newer one
 * says where everything else is. All numbers are little-endian.
 */
import { readSync } from 'node:fs'

/** What a meta page says of one of the two trees. */
export interface TreeRoot {
  readonly flags: number
  /** Pages from the root to an entry; 0 where there is none. */
  readonly depth: number
  readonly branchPages: number
  readonly leafPages: number
  readonly overflowPages: number
  readonly entries: number
  readonly page: number
}

export interface Meta {
  readonly page: number
  readonly kind: number
  readonly version: number
  readonly pageBytes: number
  readonly mapBytes: number
  /** The pages that may be used again, by the transaction that freed them. */
  readonly free: TreeRoot
  /** The log. */
  readonly main: TreeRoot
  readonly lastPage: number
  readonly transaction: number
}

const metaBytes = 160
const magic = 0xbeefc0de
const metaKind = 0x08
const dataVersion = 2
/** Keys of the free tree are integers, and the file is no folder. With others LMDB may fall. */
const fileFlags = 0x4008
/** That a program flushes as lmdb-js does where nothing else is asked for: of no matter to a reader. */
const overlappingSync = 0x1000
const [pageBytesMin, pageBytesMax] = [256, 65_536]

/** The meta page at this place of an open file; undefined where it does not begin like one. */
export function readMeta(file: number, at: number): Meta | undefined {
  const bytes = Buffer.alloc(metaBytes)
  const read = readSync(file, bytes, 0, metaBytes, at)
  if (read < metaBytes || bytes.readUInt32LE(24) !== magic) return undefined
  return {
    page: number64(bytes, 0),
    kind: bytes.readUInt16LE(18),
    version: bytes.readUInt32LE(28),
    mapBytes: number64(bytes, 40),
    pageBytes: bytes.readUInt32LE(48),
    free: readRoot(bytes, 48),
    main: readRoot(bytes, 96),
    lastPage: number64(bytes, 144),
    transaction: number64(bytes, 152),
  }
}

const readRoot = (bytes: Buffer, at: number): TreeRoot => ({
  flags: bytes.readUInt16LE(at + 4),
  depth: bytes.readUInt16LE(at + 6),
  branchPages: number64(bytes, at + 8),
  leafPages: number64(bytes, at + 16),
  overflowPages: number64(bytes, at + 24),
  entries: number64(bytes, at + 32),
  page: number64(bytes, at + 40),
})

/** Exact up to 2^53, which no number in a sound file reaches. */
export const number64 = (bytes: Buffer, at: number) =>
  bytes.readUInt32LE(at + 4) * 2 ** 32 + bytes.readUInt32LE(at)

/** The meta page that LMDB goes by. */
export const newerOf = (first: Meta, second: Meta) =>
  first.transaction >= second.transaction ? first : second

/**
 * What is wrong with the two of them together; undefined where they can be gone by.
 *
 * @param onlyGrows true where no entry is ever removed
 */
export function faultOfMetas(first: Meta, second: Meta, onlyGrows: boolean): string | undefined {
  if (first.pageBytes !== second.pageBytes) return 'its two meta pages are not of one file'
  // Transaction N writes meta page N % 2, and no number is left out; a new file has 0 in both.
  const [even, odd] = [first.transaction, second.transaction]
  const follow = Math.abs(even - odd) === 1 && even % 2 === 0
  if (!follow && (even !== 0 || odd !== 0)) {
    return `its meta pages are of transactions ${even} and ${odd}, which do not follow each other`
  }
  if (!onlyGrows) return undefined
  // Else one that is older was made to look newer, and what came last would be lost.
  const newer = newerOf(first, second)
  const older = newer === first ? second : first
  if (newer.main.entries < older.main.entries) {
    return `its newer meta page has ${newer.main.entries} entries, and its older one ${older.main.entries}`
  }
  return undefined
}

/** What is wrong with one of them; undefined where nothing is. */
export function faultOfMeta(meta: Meta, index: number): string | undefined {
  const { page, kind, version, pageBytes, mapBytes, lastPage, free } = meta
  if (page !== index || kind !== metaKind) return `its meta page ${index} is none`
  if (version !== dataVersion) return `its format is ${version}, not ${dataVersion}`
  const isPower = Number.isInteger(Math.log2(pageBytes))
  if (!isPower || pageBytes < pageBytesMin || pageBytes > pageBytesMax) {
    return `its meta page ${index} says that a page has ${pageBytes} bytes`
  }
  if (lastPage < 1 || mapBytes % pageBytes !== 0 || mapBytes < (lastPage + 1) * pageBytes) {
    return `its meta page ${index} says that ${mapBytes} bytes hold page ${lastPage}`
  }
  if ((free.flags & ~overlappingSync) === fileFlags) return undefined
  return `its meta page ${index} has flags of another program`
}
