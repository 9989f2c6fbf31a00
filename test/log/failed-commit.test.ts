import { closeSync, fstatSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { AppendUnknownError, LogLockedError, StorageFullError } from '../../src/errors.ts'
import { type LmdbLog, openLogForWriting } from '../../src/log/lmdb-log.ts'
import { LmdbTree } from '../../src/log/lmdb-tree.ts'
import { Preallocation } from '../../src/log/preallocation.ts'
import { hasRoom } from '../../src/log/room.ts'
import { type Runtime, systemRuntime } from '../../src/runtime.ts'
import { temporaryFolder } from '../support/folders.ts'
import { allOf, appendTo, eventAt, following, idsOf } from './events.ts'
import { openedLog } from './stored.ts'

vi.mock('../../src/log/room.ts', async (original) => ({ ...(await original()), hasRoom: vi.fn() }))

/** Whether the file system has room after a commit that failed. */
const room = (is: boolean) => {
  vi.mocked(hasRoom).mockReturnValue(is)
}
const failed = () => Promise.reject(new Error('Commit failed'))
const never = new Promise<never>(() => {})

/** A log that has event 1. */
let log: LmdbLog
let folder: string
let timers: number[]
const impatient: Runtime = {
  ...systemRuntime,
  after(ms, run) {
    timers.push(ms)
    const soon = setImmediate(run)
    return () => clearImmediate(soon)
  },
}
beforeEach(async () => {
  folder = temporaryFolder()
  timers = []
  room(true)
  log = openLogForWriting({ folder, domain: 'test', runtime: impatient })
  const opened = log
  onTestFinished(() => opened.close())
  await appendTo(log)
})
afterEach(() => vi.restoreAllMocks())

async function expectAllUnknown(): Promise<void> {
  const ends = await Promise.allSettled([
    log.append(following(1, 2), 1),
    log.append(following(3), 3),
  ])
  const isUnknown = { reason: expect.any(AppendUnknownError) }
  expect(ends).toMatchObject([isUnknown, isUnknown])
  await expect(log.append(following(1), 1)).rejects.toThrow(AppendUnknownError)
}

describe('a commit that fails on a full disk', () => {
  it('is sure to have written nothing where the log opened anew has its old head', async () => {
    room(false)
    vi.spyOn(LmdbTree.prototype, 'putAfter').mockImplementationOnce(failed)
    await expect(log.append(following(1), 1)).rejects.toThrow(StorageFullError)
    expect(log.head).toBe(1)
    await appendTo(log, 2)
    expect(idsOf(await allOf(log.read(1)))).toEqual([1, 2, 3])
  })

  it('is unknown where the log opened anew has another head', async () => {
    room(false)
    const { putAfter } = LmdbTree.prototype
    vi.spyOn(LmdbTree.prototype, 'putAfter').mockImplementationOnce(async function (
      this: LmdbTree,
      ...put
    ) {
      await putAfter.apply(this, put)
      return failed()
    })
    await expect(log.append(following(1), 1)).rejects.toThrow(AppendUnknownError)
    expect(log.head).toBe(1)
    await log.close()
    expect(openedLog(folder).head).toBe(2)
  })

  it('closes nothing twice where the log could not be opened anew', async () => {
    room(false)
    vi.spyOn(LmdbTree.prototype, 'putAfter').mockImplementationOnce(failed)
    rmSync(join(folder, 'events.mdb'))
    await expect(log.append(following(1), 1)).rejects.toThrow()
    // What the program opens next gets the numbers of the descriptors that were closed.
    const others = Array.from({ length: 10 }, () => openSync(folder, 'r'))
    await log.close()
    for (const other of others) expect(fstatSync(other).isDirectory()).toBe(true)
    for (const other of others) closeSync(other)
  })

  it('says nothing of the next that fails', async () => {
    const spy = vi.spyOn(LmdbTree.prototype, 'putAfter')
    room(false)
    spy.mockImplementationOnce(failed)
    await expect(log.append(following(1), 1)).rejects.toThrow(StorageFullError)
    room(true)
    spy.mockImplementationOnce(failed)
    await expect(log.append(following(1), 1)).rejects.toThrow(AppendUnknownError)
  })
})

/** lmdb-js does so where a meta page could not be written. */
describe('a commit that fails, after which lmdb-js settles nothing any more', () => {
  beforeEach(() => {
    const spy = vi.spyOn(LmdbTree.prototype, 'putAfter')
    spy.mockImplementationOnce(failed).mockImplementation(() => never)
  })

  it('ends every append as unknown, and gives the lock back', async () => {
    room(true)
    await expectAllUnknown()
    expect(() => openedLog(folder)).toThrow(LogLockedError)
    const { close } = LmdbTree.prototype
    vi.spyOn(LmdbTree.prototype, 'close').mockImplementationOnce(function (this: LmdbTree) {
      void close.apply(this)
      return never
    })
    await log.close()
    expect(openedLog(folder).head).toBe(1)
  })

  it('gives the lock back once nothing is written ahead any more', async () => {
    room(true)
    await expectAllUnknown()
    const { close } = Preallocation.prototype
    let end = () => {}
    vi.spyOn(Preallocation.prototype, 'close').mockImplementation(async function (
      this: Preallocation,
    ) {
      await new Promise<void>((resolve) => {
        end = resolve
      })
      return close.apply(this)
    })
    const closed = log.close()
    await new Promise(setImmediate)
    expect(() => openedLog(folder)).toThrow(LogLockedError)
    vi.mocked(Preallocation.prototype.close).mockRestore()
    end()
    await closed
    expect(openedLog(folder).head).toBe(1)
  })

  it('is not waited on for ever where the disk is full', async () => {
    room(false)
    await expectAllUnknown()
    expect(timers).toEqual([5000])
  })

  it('answers no read with nothing where LMDB finds nothing any more', async () => {
    room(true)
    await expectAllUnknown()
    expect(await eventAt(log, 1)).toMatchObject({ eventId: 1 })
    vi.spyOn(LmdbTree.prototype, 'entryAt').mockReturnValue(undefined)
    await expect(eventAt(log, 1)).rejects.toThrow(AppendUnknownError)
    await expect(allOf(log.read(1))).rejects.toThrow(AppendUnknownError)
    expect(await eventAt(log, 2)).toBeUndefined()
  })
})
