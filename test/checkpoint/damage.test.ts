/** What a start does with a checkpoint that was damaged, or that is another one's, while nobody had it open. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open } from 'lmdb'
import { afterAll, describe, expect, it } from 'vitest'
import type { RecordedEvent } from '../../src/domain.ts'
import { startChild } from '../log/children.ts'
import { type Flip, flipsOf, type Region, regionsOf } from '../log/regions.ts'
import { Chance } from '../soak/chance.ts'
import { temporaryFolder } from '../support/folders.ts'
import { extend, shop } from '../upkeep/logs.ts'

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
]

/** Orders of many customers, some of them new since the checkpoint before. */
const events = shop(900).map((event) =>
  event.version > 1
    ? event
    : { ...event, data: { ...event.data, customerId: `c-${event.eventId % 41}` } },
)

/** A folder with these events, up to each of these counts in one go, with a checkpoint each time. */
async function folderUpTo(...counts: readonly number[]): Promise<string> {
  const folder = join(temporaryFolder(), 'log')
  await checkpointedUpTo(folder, counts)
  return folder
}

function checkpointedUpTo(folder: string, counts: readonly number[]): Promise<void> {
  const parts = counts.map((count, index) => events.slice(counts[index - 1] ?? 0, count))
  return checkpointed(folder, ...parts)
}

/** Appends lists of events, and leaves a checkpoint after each. */
async function checkpointed(folder: string, ...make: readonly (readonly RecordedEvent[])[]) {
  await inChild([folder], { make })
}

/** In a process of its own, as a checkpoint is of the code as it was built. */
async function inChild(args: readonly string[], asked: object) {
  const child = startChild(args, [], '../../checkpoint/child/damage-child.mjs')
  child.write(JSON.stringify(asked))
  const { code, signal, said, errors } = await child.finish()
  expect({ code, signal }, `${errors} ${JSON.stringify(said.at(-1))}`).toEqual({
    code: 0,
    signal: null,
  })
  return said.filter(({ changed }) => changed !== undefined)
}

/** What `soundFolder` copies, once the first test that asked has made it. */
const sound = mkdtempSync(join(tmpdir(), 'ordinal-test-'))
afterAll(() => rmSync(sound, { recursive: true }))

/** A folder whose checkpoint has pages of every kind. */
async function soundFolder(): Promise<string> {
  const log = join(sound, 'log')
  if (!existsSync(log)) await checkpointedUpTo(log, [300, 600, 610, 790, 900])
  return copyOf(log)
}

/** A copy that a test may change. */
function copyOf(folder: string): string {
  const copy = join(temporaryFolder(), 'copy')
  cpSync(folder, copy, { recursive: true })
  return copy
}
const checkpointIn = (folder: string) => join(folder, 'checkpoint.mdb')

/** Starts with these flips, one after the other, or once with the folder as it is. */
async function startsWith(folder: string, flips: readonly Flip[] = []) {
  const ends = await inChild([folder, join(temporaryFolder(), 'copy')], { flips })
  expect(ends).toHaveLength(Math.max(flips.length, 1))
  return ends
}

/**
 * What the log gives was served, at once or, where the damage was met while running and was said, at the
 * next start; and nothing but the checkpoint was changed.
 */
function expectSafe(end: Record<string, any>): void {
  const isMet = end['met'] !== undefined
  expect(end, JSON.stringify(end)).toMatchObject({
    changed: false,
    ...(isMet
      ? {
          met: 'CheckpointDamagedError',
          message: expect.stringMatching(/checkpoint\.mdb is damaged: .* anew from the log\.$/),
          next: { served: 'all' },
        }
      : { served: 'all' }),
  })
}

describe('with a flipped bit in the checkpoint, what the log gives is served', () => {
  const flipped = async (folder: string, flips: readonly Flip[]) => {
    const ends = await startsWith(folder, flips)
    for (const end of ends) expectSafe(end)
    return ends
  }
  const isSeen = (end: Record<string, any>) => end['lines'].length > 0 || end['met'] !== undefined

  it.each(regions)('%s', async (region) => {
    const folder = await soundFolder()
    const file = readFileSync(checkpointIn(folder))
    const pages = regionsOf(file).get(region) ?? []
    expect(pages).not.toEqual([])
    const flips = flipsOf(file, pages, 120, new Chance(seed).next)
    const ends = await flipped(
      folder,
      flips.filter((_, index) => index % 6 === 0),
    )
    const seen = ends.filter(isSeen).length
    if (region === 'free page') expect(seen).toBe(0)
    else expect(seen).toBeGreaterThan(5)
  })

  it('the keys of its records', async () => {
    const folder = await soundFolder()
    const file = readFileSync(checkpointIn(folder))
    const pages = regionsOf(file).get('leaf of the log') ?? []
    const chance = new Chance(seed)
    const flips = pages
      .flatMap((page) => keysOn(file, page))
      .map((at) => ({ at, bit: Math.floor(chance.next() * 8) }))
    const ends = await flipped(
      folder,
      flips.filter((_, index) => index % 6 === 0),
    )
    expect(ends.length).toBeGreaterThan(20)
    expect(ends.every(isSeen)).toBe(true)
  })
})

/** Where the bytes of the keys of a leaf are, but for their first, which says that they are numbers. */
function keysOn(file: Buffer, page: number): number[] {
  const start = page * 4096
  const places: number[] = []
  for (let index = 0; index < file.readUInt16LE(start + 20) / 2; index++) {
    const node = start + 24 + file.readUInt16LE(start + 24 + 2 * index)
    for (let at = 1; at < file.readUInt16LE(node + 6); at++) places.push(node + 8 + at)
  }
  return places
}

/** A start with this folder serves what the log gives, and says this of the checkpoint. */
async function expectRemoved(folder: string, why: string | RegExp): Promise<void> {
  const [end] = await startsWith(folder)
  expectSafe(end!)
  expect(end).toMatchObject({ served: 'all', lines: [expect.stringMatching(why)] })
  // The next start goes on from the one that was made anew.
  expect(end!['next']).toMatchObject({ served: 'all', lines: [] })
}

describe('a checkpoint that is no checkpoint is made anew, and it is said why', () => {
  it.each<[string, number | ((size: number) => number)]>([
    ...[1, 160, 4095, 4096, 8191, 8192].map((bytes): [string, number] => [`${bytes} bytes`, bytes]),
    ['half of it', (size) => size >> 1],
    ['all but a page', (size) => size - 4096],
    ['all but a byte', (size) => size - 1],
  ])('cut short, to %s', async (_, rest) => {
    const folder = await soundFolder()
    const path = checkpointIn(folder)
    const bytes = typeof rest === 'number' ? rest : rest(statSync(path).size)
    truncateSync(path, bytes)
    const why = bytes < 8192 ? /begin like one|bytes of/ : /it has \d+ bytes of \d+/
    await expectRemoved(folder, why)
  })

  it.each([
    ['empty', Buffer.alloc(0), 'it is empty'],
    ['a text', Buffer.from('dear diary, '.repeat(2000)), 'it does not begin like one'],
    ['zeros', Buffer.alloc(300_000), 'it does not begin like one'],
    ['ones', Buffer.alloc(65_536, 0xff), 'it does not begin like one'],
    [
      'SQLite',
      Buffer.from(`SQLite format 3\0${'x'.repeat(200_000)}`),
      'it does not begin like one',
    ],
  ])('%s', async (_, bytes, why) => {
    const folder = await soundFolder()
    writeFileSync(checkpointIn(folder), bytes)
    await expectRemoved(folder, why)
  })

  it.each([
    ['with keys that are words', 'some key', /a key that is no number/],
    ['with keys that are numbers', 7, 'it does not say what it is of'],
    ['with something else in place of what it is of', 0, 'record about 0'],
  ])("another program's LMDB, %s", async (_, key, why) => {
    const folder = await soundFolder()
    for (const name of ['checkpoint.mdb', 'checkpoint.mdb-lock']) rmSync(join(folder, name))
    const db = open({ path: checkpointIn(folder), encoding: 'binary' })
    await db.put(key, Buffer.from('some value'))
    await db.close()
    await expectRemoved(folder, why)
  })

  it("the log's own file", async () => {
    const folder = await soundFolder()
    cpSync(join(folder, 'events.mdb'), checkpointIn(folder))
    await expectRemoved(folder, 'entries are of another kind')
  })
})

describe('a checkpoint of something else is made anew, and it is said why', () => {
  it('from the future', async () => {
    const folder = await folderUpTo(600)
    const ahead = copyOf(folder)
    await checkpointed(ahead, events.slice(600))
    cpSync(checkpointIn(ahead), checkpointIn(folder))
    await expectRemoved(folder, 'it is of event 900, which the log does not have')
  })

  it('of a log that was put back to an older copy, and has other events since', async () => {
    const folder = await folderUpTo(600)
    const older = copyOf(folder)
    await checkpointed(folder, events.slice(600))
    cpSync(join(older, 'events.mdb'), join(folder, 'events.mdb'))
    // As many events as there were, and more: of other orders.
    const others = events
      .slice(600)
      .map(({ orderId, ...event }) => ({ ...event, orderId: `other-${orderId}` }))
    await extend(folder, others)
    await expectRemoved(folder, 'event 900 of the log is another one')
  })

  it('of another log', async () => {
    const folder = await folderUpTo(600)
    cpSync(checkpointIn(await folderUpTo(600)), checkpointIn(folder))
    await expectRemoved(folder, 'it is of another log')
  })
})

describe('what is in the way of a checkpoint', () => {
  it('stays, where it is a folder, and all orders are in memory', async () => {
    const folder = await soundFolder()
    rmSync(checkpointIn(folder))
    mkdirSync(checkpointIn(folder))
    writeFileSync(join(checkpointIn(folder), 'notes.txt'), 'notes')
    const [end] = await startsWith(folder)
    expectSafe(end!)
    const lines = [expect.stringContaining('checkpoint.mdb cannot be opened: it is no file.')]
    expect(end).toMatchObject({ served: 'all', lines, next: { served: 'all', lines } })
    expect(readFileSync(join(checkpointIn(folder), 'notes.txt'), 'utf8')).toBe('notes')
  })

  it('stays, where it is a folder in place of the lock file', async () => {
    const folder = await soundFolder()
    rmSync(`${checkpointIn(folder)}-lock`)
    mkdirSync(`${checkpointIn(folder)}-lock`)
    const [end] = await startsWith(folder)
    expectSafe(end!)
    expect(end).toMatchObject({
      lines: [expect.stringContaining('checkpoint.mdb cannot be opened: ')],
    })
  })
})

it('a lock file that is missing is made anew', async () => {
  const folder = await soundFolder()
  rmSync(`${checkpointIn(folder)}-lock`)
  const [end] = await startsWith(folder)
  expect(end).toMatchObject({ served: 'all', lines: [], changed: false })
})

it('a checkpoint that is longer than it was is gone on from', async () => {
  const folder = await soundFolder()
  const path = checkpointIn(folder)
  writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.alloc(10_000, 7)]))
  const [end] = await startsWith(folder)
  expect(end).toMatchObject({ served: 'all', lines: [], changed: false })
})
