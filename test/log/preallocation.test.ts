import type fs from 'node:fs'
import type { BigIntStatsFs, StatsFs } from 'node:fs'
import { closeSync, existsSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { logPreallocatedBytes } from '../../src/config.ts'
import { Preallocation } from '../../src/log/preallocation.ts'
import { temporaryFolder } from '../support/folders.ts'
import { allOf, appendTo, idsOf, range } from './events.ts'
import { bytesOfPages } from './regions.ts'
import { folderWith, openedLog } from './stored.ts'

// Node's own functions, so that one of them can be replaced for a while.
vi.mock('node:fs', async (original) => {
  const { default: real } = await original<{ default: typeof fs }>()
  const [write, readSync] = [vi.fn(real.write), vi.fn(real.readSync)]
  return { ...real, default: real, write, readSync, statfsSync: vi.fn(real.statfsSync) }
})
const mocked = await import('node:fs')
const write = vi.mocked(mocked.write)
const readSync = vi.mocked(mocked.readSync)
const statfsSync = vi.mocked(mocked.statfsSync)
afterEach(() => {
  for (const mock of [write, readSync, statfsSync]) mock.mockClear()
})

const fileOf = (folder: string) => readFileSync(join(folder, 'events.mdb'))
const spareOf = (folder: string) => fileOf(folder).length - bytesOfPages(fileOf(folder))
const ample = { isAmple: true }

describe('the file of a log', () => {
  it('is longer than its pages are, by zeros, and by no more than two pieces', async () => {
    const folder = await folderWith([1])
    const file = fileOf(folder)
    const spare = file.subarray(bytesOfPages(file))
    expect(spare.length).toBeGreaterThanOrEqual(logPreallocatedBytes)
    expect(spare.length).toBeLessThanOrEqual(2 * logPreallocatedBytes)
    expect(spare.every((byte) => byte === 0)).toBe(true)
  })

  it('does not become longer with a commit that has room in it', async () => {
    const folder = await folderWith(Array<number>(20).fill(1))
    const { length } = fileOf(folder)
    write.mockClear()
    const log = openedLog(folder)
    for (let count = 0; count < 20; count++) await appendTo(log, 3)
    await log.close()
    expect(fileOf(folder)).toHaveLength(length)
    expect(write).not.toHaveBeenCalled()
  })

  it('is made longer again and again, and holds all that was appended meanwhile', async () => {
    const folder = temporaryFolder()
    const log = openedLog(folder)
    const padding = 'x'.repeat(20_000)
    for (let count = 0; count < 200; count++) await appendTo(log, 2, { data: { padding } })
    await log.close()
    expect(write.mock.calls.length).toBeGreaterThan(5)
    expect(spareOf(folder)).toBeGreaterThan(0)
    expect(spareOf(folder)).toBeLessThanOrEqual(2 * logPreallocatedBytes)
    const again = openedLog(folder)
    expect(idsOf(await allOf(again.read(1)))).toEqual(range(1, 400))
  })

  it('is not made longer by who opens it and appends nothing', async () => {
    const folder = temporaryFolder()
    await openedLog(folder).close()
    const { length } = fileOf(folder)
    await openedLog(folder).close()
    expect(fileOf(folder)).toHaveLength(length)
    expect(write).not.toHaveBeenCalled()
  })
})

describe('zeros', () => {
  /** A file of a log without any, and somebody else who writes it, as LMDB does. */
  async function fileWithout() {
    const folder = await folderWith([1])
    const path = join(folder, 'events.mdb')
    const pages = fileOf(folder).subarray(0, bytesOfPages(fileOf(folder)))
    writeFileSync(path, pages)
    const file = openSync(path, 'r+')
    onTestFinished(() => closeSync(file))
    write.mockClear()
    return { path, pages, file }
  }

  it('never go over what is written beyond the end of the file meanwhile', async () => {
    const { path, pages, file } = await fileWithout()
    const preallocation = new Preallocation(path, ample)
    preallocation.used(100)
    // The zeros are on their way: what comes now is before them, or over them.
    const page = Buffer.alloc(4096, 7)
    for (const place of [0, 1, 5]) writeSync(file, page, 0, 4096, pages.length + place * 4096)
    await preallocation.close()
    const after = readFileSync(path)
    expect(after.subarray(0, pages.length).equals(pages)).toBe(true)
    for (let place = 0; place * 4096 < after.length - pages.length; place++) {
      const start = pages.length + place * 4096
      const isWritten = [0, 1, 5].includes(place)
      const there = after.subarray(start, start + 4096)
      expect(there.equals(isWritten ? page : Buffer.alloc(4096)), `page ${place}`).toBe(true)
    }
  })

  it('come after all that is there when they are written, wherever the end was before', async () => {
    const { path, pages, file } = await fileWithout()
    const real = write.getMockImplementation()!
    write.mockImplementationOnce(((...args: unknown[]) => {
      // The last moment at which the file may become longer.
      writeSync(file, Buffer.alloc(8192, 7), 0, 8192, pages.length)
      Reflect.apply(real, undefined, args)
    }) as typeof write)
    const preallocation = new Preallocation(path, ample)
    preallocation.used(100)
    await preallocation.close()
    const after = readFileSync(path)
    expect(after).toHaveLength(pages.length + 8192 + logPreallocatedBytes)
    expect(after.subarray(pages.length, pages.length + 8192).every((byte) => byte === 7)).toBe(true)
  })

  it('are not written where there is little room', async () => {
    const { path, pages } = await fileWithout()
    const preallocation = new Preallocation(path, { isAmple: false })
    preallocation.used(100)
    await preallocation.close()
    expect(readFileSync(path)).toHaveLength(pages.length)
  })

  it('are written once at a time, and not after the end', async () => {
    const { path } = await fileWithout()
    const preallocation = new Preallocation(path, ample)
    for (let count = 0; count < 100; count++) preallocation.used(100_000)
    const closed = preallocation.close()
    preallocation.used(100_000)
    await closed
    preallocation.used(100_000)
    expect(write).toHaveBeenCalledTimes(1)
  })

  it('are not tried again where the system did not take them', async () => {
    const { path, pages } = await fileWithout()
    write.mockImplementationOnce(((...args: unknown[]) => {
      const done = args.at(-1) as (error: Error) => void
      setImmediate(() => done(new Error('EDQUOT')))
    }) as typeof write)
    const preallocation = new Preallocation(path, ample)
    preallocation.used(100)
    await new Promise(setImmediate)
    preallocation.used(100)
    await preallocation.close()
    expect(write).toHaveBeenCalledTimes(1)
    expect(readFileSync(path)).toHaveLength(pages.length)
  })

  it('are not looked after at each entry, small or large', async () => {
    const { path, pages } = await fileWithout()
    const preallocation = new Preallocation(path, ample)
    preallocation.used(100)
    const whole = pages.length + logPreallocatedBytes
    await expect.poll(() => readFileSync(path)).toHaveLength(whole)
    readSync.mockClear()
    for (let count = 0; count < 3; count++) preallocation.used(100)
    for (let count = 0; count < 100; count++) preallocation.used(1_000_000)
    expect(readSync).not.toHaveBeenCalled()
    await preallocation.close()
    expect(write).toHaveBeenCalledTimes(1)
  })

  it('do without where the file cannot be looked at', async () => {
    const { path, pages } = await fileWithout()
    const preallocation = new Preallocation(path, ample)
    readSync.mockImplementationOnce(() => {
      throw new Error('EIO')
    })
    preallocation.used(100)
    preallocation.used(100_000)
    await preallocation.close()
    expect(write).not.toHaveBeenCalled()
    expect(readFileSync(path)).toHaveLength(pages.length)
  })

  it('are not written on a file system that may not know where the file ends', async () => {
    const { path, pages } = await fileWithout()
    // NFS.
    statfsSync.mockImplementationOnce(() => ({ type: 0x6969 }) as StatsFs & BigIntStatsFs)
    const preallocation = new Preallocation(path, ample)
    preallocation.used(100)
    await preallocation.close()
    expect(readFileSync(path)).toHaveLength(pages.length)
  })

  it('make no file where there is none', async () => {
    const path = join(temporaryFolder(), 'events.mdb')
    const preallocation = new Preallocation(path, ample)
    preallocation.used(100)
    await preallocation.close()
    expect(existsSync(path)).toBe(false)
  })

  it('are let go of once, however often', async () => {
    const { path } = await fileWithout()
    const preallocation = new Preallocation(path, ample)
    preallocation.used(100)
    await preallocation.close()
    // Others get the number of its descriptor.
    const others = [1, 2, 3].map(() => openSync(path, 'r'))
    await preallocation.close()
    for (const other of others) closeSync(other)
  })

  it('are not written where it is not known how many pages there are', async () => {
    const path = join(temporaryFolder(), 'events.mdb')
    writeFileSync(path, 'no log')
    const preallocation = new Preallocation(path, ample)
    preallocation.used(100)
    await preallocation.close()
    expect(readFileSync(path, 'utf8')).toBe('no log')
  })
})
