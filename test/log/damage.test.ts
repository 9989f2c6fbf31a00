/** What a log does whose file was damaged while nobody had it open. */
import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { open } from 'lmdb'
import { describe, expect, it } from 'vitest'
import { DataFolderError } from '../../src/errors.ts'
import { openLogForReading } from '../../src/log/lmdb-log.ts'
import { Chance } from '../soak/chance.ts'
import { temporaryFolder } from '../support/folders.ts'
import { type Said, startChild } from './children.ts'
import { bytesOfPages, flipsOf, type Region, regionsOf } from './regions.ts'
import { folderWith, openedLog } from './stored.ts'

const modes = ['for writing', 'for reading'] as const
type Mode = (typeof modes)[number]
/** Another one flips other bits. */
const seed = 1
const regions: readonly Region[] = [
  'meta',
  'branch of the log',
  'leaf of the log',
  'first overflow page',
  'other overflow page',
  'list of free pages',
  'free page',
  'preallocated page',
]

/** A log whose file has pages of every kind. */
const soundFolder = () => folderWith([...Array<number>(60).fill(1), 40, 3, 30, 1, 1])

/** Opens a copy with each of these bits flipped, in a process that may die of it. */
async function openWithout(sound: string, flips: readonly object[], mode: Mode) {
  const copy = join(temporaryFolder(), 'copy')
  const child = startChild([sound, copy, mode], [], 'damage-child.mjs')
  child.write(JSON.stringify(flips))
  const { code, signal, said, errors } = await child.finish()
  expect({ code, signal }, `${errors} ${JSON.stringify(said.at(-1))}`).toEqual({
    code: 0,
    signal: null,
  })
  const ends = said.filter(({ changed }) => changed !== undefined)
  expect(ends).toHaveLength(flips.length)
  return ends
}

/** All of the log was served, or why it is not was said; and not a byte of the file was changed. */
function expectSafe(end: Said): void {
  const how =
    'refused' in end
      ? { refused: expect.stringMatching(/^(CorruptLog|DataFolder)Error$/) }
      : { served: 'all' }
  // That entries have versions is a flag which lmdb-js sets again where it opens a log for writing.
  const isVersionsFlag = end['at'] % 4096 === 101 && end['bit'] === 0
  const changed = isVersionsFlag ? expect.any(Boolean) : false
  expect(end, JSON.stringify(end)).toMatchObject({ changed, ...how })
}

describe.each(modes)('a file with a flipped bit that is opened %s', (mode) => {
  it.each(regions)('is served as it was written, or refused: %s', async (region) => {
    const folder = await soundFolder()
    const file = readFileSync(join(folder, 'events.mdb'))
    const pages = regionsOf(file).get(region) ?? []
    expect(pages).not.toEqual([])
    const ends = await openWithout(folder, flipsOf(file, pages, 150, new Chance(seed).next), mode)
    for (const end of ends) expectSafe(end)
    const refused = ends.filter((end) => 'refused' in end).length
    if (region === 'free page' || region === 'preallocated page') expect(refused).toBe(0)
    else expect(refused).toBeGreaterThan(20)
  })

  it('names the pages that are free and in use at once', async () => {
    const folder = await soundFolder()
    const file = readFileSync(join(folder, 'events.mdb'))
    const [list = 0] = regionsOf(file).get('list of free pages') ?? []
    // Its numbers lie at the end of the page, eight bytes each.
    const flips = Array.from({ length: 50 * 7 }, (_, index) => ({
      at: (list + 1) * 4096 - 8 * (1 + Math.floor(index / 7)),
      bit: index % 7,
    }))
    const ends = await openWithout(folder, flips, mode)
    expect(ends.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(
        /is damaged: of the free pages, page \d+ points to page \d+, as others do/,
      ),
    )
  })
})

/** Neither opens, each says why in words that fit, and the file stays as it is. */
function expectRefused(folder: string, why: string | RegExp): void {
  const path = join(folder, 'events.mdb')
  const before = readFileSync(path)
  for (const opening of [() => openedLog(folder), () => openLogForReading(folder)]) {
    expect(opening).toThrow(DataFolderError)
    expect(opening).toThrow(why)
  }
  expect(readFileSync(path).equals(before)).toBe(true)
}

it('a file that ends before its last page does is refused', async () => {
  const folder = await soundFolder()
  const path = join(folder, 'events.mdb')
  const whole = join(temporaryFolder(), 'whole')
  cpSync(path, whole)
  const size = bytesOfPages(readFileSync(path))
  const lengths = [0, 1, 23, 24, 159, 160, 4095, 4096, 4097, 8191]
  for (let bytes = 8192; bytes < size; bytes += 4096) lengths.push(bytes, bytes + 1, bytes + 4095)
  for (const bytes of lengths) {
    cpSync(whole, path)
    truncateSync(path, bytes)
    const short = `it has ${bytes} bytes of ${size}`
    expectRefused(folder, bytes < 8192 ? /is not a log|is cut short/ : short)
  }
})

it('lock files that are missing are made anew', async () => {
  const folder = await folderWith([3, 1])
  for (const name of ['events.mdb-lock', 'writer.lock']) rmSync(join(folder, name))
  const reading = openLogForReading(folder)
  expect(reading.head).toBe(4)
  await reading.close()
  rmSync(join(folder, 'events.mdb-lock'))
  expect(openedLog(folder).head).toBe(4)
})

it('a file that is longer than it was is served as it was written', async () => {
  const folder = await folderWith([3])
  const path = join(folder, 'events.mdb')
  writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.alloc(10_000, 7)]))
  expect(openedLog(folder).head).toBe(3)
})

describe('in place of the events, the file of another program is refused', () => {
  it.each([
    ['SQLite', Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(16_384)])],
    ['a text', Buffer.from('2026-11-23 order bob-1 paid\n'.repeat(1000))],
    ['zeros', Buffer.alloc(65_536)],
    ['ones', Buffer.alloc(65_536, 0xff)],
  ])('%s', async (_, bytes) => {
    const folder = await folderWith([3])
    writeFileSync(join(folder, 'events.mdb'), bytes)
    expectRefused(folder, 'is not a log: it does not begin like one')
  })

  it("another program's LMDB", async () => {
    const folder = await folderWith([3])
    const other = join(temporaryFolder(), 'other.mdb')
    const db = open({ path: other })
    await db.put('some key', { some: 'value' })
    await db.close()
    cpSync(other, join(folder, 'events.mdb'))
    for (const opening of [() => openedLog(folder), () => openLogForReading(folder)]) {
      expect(opening).toThrow('Event 1 of the log is damaged: page 2 has a key that is no number')
    }
  })
})
