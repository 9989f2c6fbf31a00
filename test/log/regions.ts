/** Which page of an LMDB file is what, read by hand: for tests that damage a page of each kind. */
const pageBytes = 4096
const headerBytes = 24

export type Region =
  | 'meta'
  | 'branch of the log'
  | 'leaf of the log'
  | 'first overflow page'
  | 'other overflow page'
  | 'list of free pages'
  | 'free page'
  | 'preallocated page'

const number64 = (file: Buffer, at: number) => Number(file.readBigUInt64LE(at))

/** Where the newer meta page is. */
const newerMeta = (file: Buffer) =>
  number64(file, 152) > number64(file, pageBytes + 152) ? 0 : pageBytes

/** How much of a file LMDB has pages in. */
export const bytesOfPages = (file: Buffer) =>
  (number64(file, newerMeta(file) + 144) + 1) * pageBytes

/** The numbers of the pages of each kind. */
export function regionsOf(file: Buffer): ReadonlyMap<Region, readonly number[]> {
  const kinds = new Map<number, Region>([
    [0, 'meta'],
    [1, 'meta'],
  ])
  const meta = headerBytes + newerMeta(file)
  const walk = (page: number, depth: number, leaf: Region): void => {
    const start = page * pageBytes
    kinds.set(page, depth > 1 ? 'branch of the log' : leaf)
    for (let index = 0; index < file.readUInt16LE(start + 20) / 2; index++) {
      const node = start + headerBytes + file.readUInt16LE(start + headerBytes + 2 * index)
      if (depth > 1) walk(file.readUIntLE(node, 6), depth - 1, leaf)
      else if (file.readUInt16LE(node + 4) === 1) {
        const data = node + 8 + file.readUInt16LE(node + 6)
        const [first, count] = [number64(file, data), number64(file, data + 16)]
        for (let more = 1; more < count; more++) kinds.set(first + more, 'other overflow page')
        kinds.set(first, 'first overflow page')
      }
    }
  }
  walk(number64(file, meta + 72 + 40), file.readUInt16LE(meta + 72 + 6), 'leaf of the log')
  walk(number64(file, meta + 24 + 40), file.readUInt16LE(meta + 24 + 6), 'list of free pages')
  const regions = new Map<Region, number[]>()
  for (let page = 0; page < file.length / pageBytes; page++) {
    const isUsed = page * pageBytes < bytesOfPages(file)
    const region = kinds.get(page) ?? (isUsed ? 'free page' : 'preallocated page')
    regions.set(region, [...(regions.get(region) ?? []), page])
  }
  return regions
}

/** A bit of a file. */
export interface Flip {
  readonly at: number
  readonly bit: number
}

/**
 * Bits of a region: one of each byte of the first of its pages that says where something is, and
 * `count` by chance.
 */
export function flipsOf(
  file: Buffer,
  pages: readonly number[],
  count: number,
  random: () => number,
): readonly Flip[] {
  const first = pages[0]! * pageBytes
  const nodesEnd = headerBytes + file.readUInt16LE(first + 20)
  const nodes = Math.min(headerBytes + file.readUInt16LE(first + 22), pageBytes - 64)
  const bytes = [
    ...Array.from({ length: Math.min(Math.max(nodesEnd, 168), 256) }, (_, at) => first + at),
    ...Array.from({ length: 64 }, (_, at) => first + nodes + at),
    ...Array.from({ length: count }, () => {
      const page = pages[Math.floor(random() * pages.length)]!
      return page * pageBytes + Math.floor(random() * pageBytes)
    }),
  ]
  return bytes.map((at) => ({ at, bit: Math.floor(random() * 8) }))
}
