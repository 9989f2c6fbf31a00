import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { open } from 'lmdb'
import { describe, expect, it, onTestFinished } from 'vitest'
import { DataFolderError } from '../../../src/errors.ts'
import { openLogForReading, openLogForWriting } from '../../../src/log/lmdb-log.ts'
import { systemRuntime as runtime } from '../../../src/runtime.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { ownMounts, runChild } from '../children.ts'
import { appendTo } from '../events.ts'
import { bytesOfPages } from '../regions.ts'
import { folderWith, openedLog } from '../stored.ts'

/** Of all files under a path, names and bytes; but for the lock files, which say nothing. */
function hashOf(path: string): string {
  const hash = createHash('sha256')
  const isFolder = statSync(path).isDirectory()
  const names = isFolder ? readdirSync(path, { recursive: true, encoding: 'utf8' }).sort() : ['']
  for (const name of names) {
    if (/^(writer\.lock|events\.mdb-lock)$/.test(name)) continue
    const file = join(path, name)
    hash.update(`${name}\0`)
    if (!statSync(file).isDirectory()) hash.update(readFileSync(file))
  }
  return hash.digest('hex')
}

/** Expects that the folder is refused with a text that says why, and left as it is. */
function expectRefused(folder: string, why: string | RegExp, options: object = {}): void {
  const before = hashOf(folder)
  const opening = () => openLogForWriting({ folder, domain: 'test', runtime, ...options })
  expect(opening).toThrow(DataFolderError)
  expect(opening).toThrow(why)
  expect(opening).toThrow(folder)
  expect(hashOf(folder)).toBe(before)
}

/** Expects the same of opening it for reading. */
function expectUnreadable(folder: string, why: string | RegExp): void {
  const before = hashOf(folder)
  const opening = () => openLogForReading(folder)
  expect(opening).toThrow(DataFolderError)
  expect(opening).toThrow(why)
  expect(hashOf(folder)).toBe(before)
}

const markOf = (folder: string) => JSON.parse(readFileSync(join(folder, 'ordinal.json'), 'utf8'))
function writeMark(folder: string, mark: unknown): void {
  const text = typeof mark === 'string' ? mark : JSON.stringify(mark)
  writeFileSync(join(folder, 'ordinal.json'), text)
}

describe('makes a data folder', () => {
  it('with all the folders above it', async () => {
    const folder = join(temporaryFolder(), 'a', 'b', 'data')
    await appendTo(openedLog(folder, { firstEventId: 2001 }))
    expect(markOf(folder)).toEqual({
      format: 1,
      epoch: expect.stringMatching(/^[0-9a-f-]{36}$/),
      firstEventId: 2001,
      domain: 'test',
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    })
  })

  it('where there is an empty one', async () => {
    const folder = temporaryFolder()
    await openedLog(folder).close()
    const files = ['events.mdb', 'events.mdb-lock', 'ordinal.json', 'writer.lock']
    expect(readdirSync(folder).sort()).toEqual(files)
  })

  it('again where the first time was cut off before it was marked', async () => {
    const folder = await folderWith([])
    rmSync(join(folder, 'ordinal.json'))
    writeFileSync(join(folder, 'ordinal.json.new'), '{"form')
    const log = openedLog(folder, { firstEventId: 7 })
    expect(log).toMatchObject({ firstEventId: 7, head: 6 })
    await log.close()

    const early = temporaryFolder()
    writeFileSync(join(early, 'events.mdb'), '')
    expect(openedLog(early).head).toBe(0)
  })

  it.each([
    ['cut short', (file: string) => truncateSync(file, 4608)],
    ['zeros', (file: string) => writeFileSync(file, Buffer.alloc(8192))],
    ['anything', (file: string) => writeFileSync(file, randomBytes(8192))],
  ])('again where the power was cut, and its events are %s', async (_, damage) => {
    const folder = await folderWith([])
    damage(join(folder, 'events.mdb'))
    rmSync(join(folder, 'ordinal.json'))
    // Only where a log was begun here: a file of somebody else's stays.
    expectRefused(folder, 'events.mdb')
    writeFileSync(join(folder, 'ordinal.json.new'), '')
    const log = openedLog(folder)
    await appendTo(log)
    expect(log.head).toBe(1)
    expect(existsSync(join(folder, 'ordinal.json.new'))).toBe(false)
  })

  it('but takes no log for one that was only begun', async () => {
    const folder = await folderWith([2])
    rmSync(join(folder, 'ordinal.json'))
    writeFileSync(join(folder, 'ordinal.json.new'), '')
    expectRefused(folder, 'holds a log, and its ordinal.json is missing')
    writeFileSync(join(folder, 'events.mdb'), 'not LMDB. '.repeat(30_000))
    expectRefused(folder, 'is not a log')
  })

  it.each([0, -1, 1.5, Number.NaN, 2 ** 53])('but not with %d as first eventId', (first) => {
    const folder = join(temporaryFolder(), 'data')
    const opening = () => openedLog(folder, { firstEventId: first })
    expect(opening).toThrow(DataFolderError)
    expect(existsSync(folder)).toBe(false)
  })
})

describe('refuses a folder that is not ours', () => {
  it('with files of others', () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'photos'))
    writeFileSync(join(folder, 'photos', 'cat.jpg'), 'cat')
    writeFileSync(join(folder, 'notes.txt'), 'notes')
    expectRefused(folder, 'notes.txt, photos')
    expectUnreadable(folder, 'not a data folder')
    expect(readdirSync(folder).sort()).toEqual(['notes.txt', 'photos'])
  })

  it('that is a file', () => {
    const file = join(temporaryFolder(), 'data')
    writeFileSync(file, 'text')
    expectRefused(file, 'not a folder')
    expectUnreadable(file, 'not a folder')
  })

  it('that lies below a file', () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, 'text')
    expect(() => openedLog(join(file, 'data'))).toThrow(DataFolderError)
    expect(readFileSync(file, 'utf8')).toBe('text')
  })

  it('that is not there, for reading', () => {
    const folder = join(temporaryFolder(), 'data')
    expect(() => openLogForReading(folder)).toThrow(DataFolderError)
    expect(existsSync(folder)).toBe(false)
  })
})

describe('refuses a folder by its mark', () => {
  it.each([
    ['empty', ''],
    ['cut short', '{"format":1,"epo'],
    ['no JSON', 'hello'],
    ['another JSON', '{"name":"ordinal","version":"1.0.0"}'],
    ['null', 'null'],
    ['an array', '[]'],
    ['without an epoch', { format: 1, firstEventId: 1, domain: 'test' }],
    ['with a first eventId of 0', { format: 1, epoch: 'e', firstEventId: 0, domain: 'test' }],
    [
      'with a copyOf that is no epoch',
      { format: 1, epoch: 'e', firstEventId: 1, domain: 'test', copyOf: 1 },
    ],
    ['with a format in words', { format: 'one', epoch: 'e', firstEventId: 1, domain: 'test' }],
  ])('that is %s', async (_, mark) => {
    const folder = await folderWith([2])
    writeMark(folder, mark)
    expectRefused(folder, 'not a mark of Ordinal')
    expectUnreadable(folder, 'not a mark of Ordinal')
  })

  it('that is of a newer format', async () => {
    const folder = await folderWith([2])
    writeMark(folder, { ...markOf(folder), format: 2 })
    expectRefused(folder, 'has format 2, and this version knows 1 at most')
    expectUnreadable(folder, 'has format 2')
  })

  it('that is of another domain', async () => {
    const folder = await folderWith([2])
    expectRefused(folder, 'holds the log of test, not of parcel', { domain: 'parcel' })
    expect(openedLog(folder).head).toBe(2)
  })

  it('that begins with another eventId than asked for', async () => {
    const folder = await folderWith([2])
    expectRefused(folder, 'begins with event 1, not with 2001', { firstEventId: 2001 })
    expect(openedLog(folder, { firstEventId: 1 }).head).toBe(2)
  })

  it('that is missing beside events, whatever first eventId is asked for', async () => {
    const folder = await folderWith([2])
    rmSync(join(folder, 'ordinal.json'))
    for (const firstEventId of [undefined, 1, 3]) {
      expectRefused(folder, 'holds a log, and its ordinal.json is missing', { firstEventId })
    }
    expectUnreadable(folder, 'not a data folder')
  })
})

describe('refuses a folder by its events', () => {
  it('that are missing', async () => {
    const folder = await folderWith([2])
    rmSync(join(folder, 'events.mdb'))
    expectRefused(folder, 'events.mdb is missing')
    expectUnreadable(folder, 'events.mdb is missing')
    expect(existsSync(join(folder, 'events.mdb'))).toBe(false)
  })

  it.each([
    ['a text', (file: string) => writeFileSync(file, 'not LMDB. '.repeat(2000))],
    ['empty', (file: string) => writeFileSync(file, '')],
    ['ten bytes long', (file: string) => truncateSync(file, 10)],
    ['one page long', (file: string) => truncateSync(file, 4096)],
  ])('that are %s', async (_, damage) => {
    const folder = await folderWith([2])
    damage(join(folder, 'events.mdb'))
    expectRefused(folder, 'is not a log: it does not begin like one')
    expectUnreadable(folder, 'is not a log: it does not begin like one')
  })

  it('that are cut short, at any page', async () => {
    const folder = await folderWith([500, 500])
    const whole = join(temporaryFolder(), 'whole')
    cpSync(join(folder, 'events.mdb'), whole)
    const size = bytesOfPages(readFileSync(whole))
    for (const bytes of [8192, 8193, size >> 1, size - 4096, size - 1]) {
      cpSync(whole, join(folder, 'events.mdb'))
      truncateSync(join(folder, 'events.mdb'), bytes)
      expectRefused(folder, `is cut short: it has ${bytes} bytes of ${size}`)
      expectUnreadable(folder, 'is cut short')
    }
  })

  it("that are another program's, beside no mark", async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'events.mdb'), 'not LMDB. '.repeat(2000))
    expectRefused(folder, 'is not a log')

    const other = temporaryFolder()
    const db = open({ path: join(other, 'events.mdb') })
    await db.put('some key', { some: 'value' })
    await db.close()
    expectRefused(other, 'holds a log, and its ordinal.json is missing')
  })
})

describe('refuses a folder that cannot be written', () => {
  const setMode = (folder: string, mode: number) => {
    chmodSync(folder, mode)
    onTestFinished(() => chmodSync(folder, 0o700))
  }
  const refused = (message: string) => [
    { name: 'DataFolderError', code: 'DATA_FOLDER', message: expect.stringContaining(message) },
  ]

  it('for want of rights', async () => {
    const folder = await folderWith([2])
    const before = hashOf(folder)
    setMode(folder, 0o555)
    const { said, errors } = await runChild(['open', folder, 'nobody'])
    expect(said, errors).toEqual(refused(`${folder} cannot be written: permission is denied`))
    const below = await runChild(['open', join(folder, 'data'), 'nobody'])
    expect(below.said).toEqual(refused('cannot be written: permission is denied'))
    expect(hashOf(folder)).toBe(before)
  })

  it.each(['writer.lock', 'events.mdb'])('for want of rights on its %s', async (name) => {
    const folder = await folderWith([2])
    const before = hashOf(folder)
    setMode(folder, 0o777)
    for (const file of readdirSync(folder)) chmodSync(join(folder, file), 0o666)
    chmodSync(join(folder, name), 0o444)
    const { said, errors } = await runChild(['open', folder, 'nobody'])
    expect(said, errors).toEqual(refused(`${folder} cannot be opened: `))
    expect(said[0]!['message']).toMatch(/permission/i)
    expect(hashOf(folder)).toBe(before)
  })

  it('for want of rights to read it', async () => {
    const folder = await folderWith([2])
    setMode(folder, 0)
    const { said, errors } = await runChild(['open', folder, 'nobody'])
    expect(said, errors).toEqual(refused('permission is denied'))
    const reading = await runChild(['open-for-reading', folder, 'nobody'])
    expect(reading.said).toEqual(refused('permission is denied'))
  })

  it('on a file system that is read-only, where it can still be read', async (context) => {
    const place = temporaryFolder()
    const folder = join(place, 'data')
    const log = openedLog(folder)
    await appendTo(log, 2)
    const readOnly = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
    const within = [...ownMounts(context), 'sh', '-c', readOnly, place]
    const before = hashOf(folder)
    const { said, errors } = await runChild(['open', folder], within)
    expect(said, errors).toEqual(refused('cannot be written: the file system is read-only'))
    const below = await runChild(['open', join(place, 'new')], within)
    expect(below.said).toEqual(refused('cannot be written: the file system is read-only'))
    const beside = await runChild(['open-for-reading', folder], within)
    expect(beside.said).toEqual(refused('is being written, and who reads it then needs the right'))
    await log.close()
    const reading = await runChild(['open-for-reading', folder], within)
    expect(reading.said, reading.errors).toEqual([{ head: 2, read: 2, isSound: true }])
    expect(hashOf(folder)).toBe(before)
  })
})
