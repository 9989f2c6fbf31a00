import { AssertionError } from 'node:assert'
import { existsSync, readdirSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ClosedError, StaleHeadError } from '../../src/errors.ts'
import { openLogForReading } from '../../src/log/lmdb-log.ts'
import { temporaryFolder } from '../support/folders.ts'
import { eventLogContract } from '../support/log-contract.ts'
import { runChild, skip, startChild } from './children.ts'
import { allOf, appendTo, eventAt, following, idsOf, range } from './events.ts'
import { folderWith, openedLog, storedTree, storeEntry } from './stored.ts'

eventLogContract('LmdbLog', (options) => openedLog(temporaryFolder(), options))

const isStale = expect.objectContaining({ reason: expect.any(StaleHeadError) })

describe('compares the head where the write happens', () => {
  it.each([
    ['an empty log', []],
    ['a log with events', [2, 3]],
  ])('refuses both appends under way on %s that somebody else wrote to', async (_, counts) => {
    const folder = await folderWith(counts)
    const log = openedLog(folder)
    const { head } = log
    const rivals = following(head, 2, { by: 'rival' })
    await storeEntry(storedTree(folder), rivals)
    const ends = await Promise.allSettled([
      log.append(following(head, 1), head),
      log.append(following(head + 1, 4), head + 1),
    ])
    expect(ends).toEqual([isStale, isStale])
    expect(log.head).toBe(head)
    const reader = openLogForReading(folder)
    onTestFinished(() => reader.close())
    expect(await allOf(reader.read(head + 1))).toStrictEqual(rivals)
    await expect(log.append(following(head), head)).rejects.toThrow(StaleHeadError)
  })

  it('refuses an append where the newest entry is not the one that it knows', async () => {
    const folder = await folderWith([1, 2])
    const log = openedLog(folder)
    const longer = following(1, 3, { by: 'rival' })
    await storeEntry(storedTree(folder), longer)
    await expect(log.append(following(3), 3)).rejects.toThrow(StaleHeadError)
    expect(storedTree(folder).doesExist(4)).toBe(false)
  })

  it.each([
    ['an empty log', []],
    ['a log with events', [1, 2]],
  ])('refuses an append to %s where anything lies further on', async (_, counts) => {
    const folder = await folderWith(counts)
    const log = openedLog(folder)
    const { head } = log
    await storeEntry(storedTree(folder), following(head + 5, 1, { by: 'rival' }))
    await expect(log.append(following(head), head)).rejects.toThrow(StaleHeadError)
    expect(storedTree(folder).doesExist(head + 1)).toBe(false)
  })
})

describe('is durable', () => {
  it('has the same events, epoch and first eventId when it is opened again', async () => {
    const folder = temporaryFolder()
    const log = openedLog(folder, { firstEventId: 2001 })
    const events = [...(await appendTo(log, 3)), ...(await appendTo(log))]
    await log.close()
    for (const options of [{}, { firstEventId: 2001 }]) {
      const again = openedLog(folder, options)
      expect(again).toMatchObject({ epoch: log.epoch, firstEventId: 2001, head: 2004 })
      expect(await allOf(again.read(1))).toStrictEqual(events)
      await again.close()
    }
    expect(openedLog(temporaryFolder()).epoch).not.toBe(log.epoch)
  })

  it('moves its head when an append resolves, not before', async () => {
    const log = openedLog(temporaryFolder())
    const [first, second] = [log.append(following(0, 2), 0), log.append(following(2), 2)]
    expect(log.head).toBe(0)
    await first
    expect(log.head).toBeGreaterThanOrEqual(2)
    await second
    expect(log.head).toBe(3)
  })

  it('keeps several thousand events in hundreds of entries', async () => {
    const folder = temporaryFolder()
    const log = openedLog(folder)
    for (let head = 0; head < 6000; head += 40) {
      const [first, second] = [following(head, 1), following(head + 1, 39)]
      await Promise.all([log.append(first, head), log.append(second, head + 1)])
    }
    await log.close()
    const again = openedLog(folder)
    expect(again.head).toBe(6000)
    expect(idsOf(await allOf(again.read(1)))).toEqual(range(1, 6000))
    for (const id of [1, 2, 40, 41, 42, 3333, 5999, 6000]) {
      expect(await eventAt(again, id)).toMatchObject({ eventId: id, orderId: `order-${id}` })
    }
  })

  it('says of each read that it is closed', async () => {
    const log = openedLog(await folderWith([3]))
    await log.close()
    await expect(eventAt(log, 1)).rejects.toThrow(ClosedError)
    await expect(allOf(log.read(1))).rejects.toThrow(ClosedError)
  })

  it('has every event whose append was resolved before a kill -9', async () => {
    const folder = temporaryFolder()
    let head = 0
    for (const said of [1, 7, 40]) {
      const child = startChild(['append', folder])
      await child.line(said)
      const { signal, said: heads } = await child.kill('SIGKILL')
      expect(signal).toBe('SIGKILL')
      const log = openedLog(folder)
      expect(log.head).toBeGreaterThan(head)
      expect(log.head).toBeGreaterThanOrEqual(heads.at(-1)!['head'])
      expect(idsOf(await allOf(log.read(1)))).toEqual(range(1, log.head))
      head = log.head
      await log.close()
    }
  })
})

describe('read beside its writer', () => {
  it('shows another process new events, and where the head is', async () => {
    const folder = temporaryFolder()
    const log = openedLog(folder)
    const reader = startChild(['watch', folder])
    expect(await reader.line(0)).toEqual({ head: 0 })
    for (const [line, count] of [1, 3, 1200].entries()) {
      const before = log.head
      await appendTo(log, count)
      reader.write(String(before))
      const ids = range(before + 1, log.head)
      expect(await reader.line(line + 1)).toEqual({ head: log.head, ids })
    }
    expect(await reader.finish()).toMatchObject({ code: 0, errors: '' })
  })

  it('knows who reads it as it was, and lets go of those that were killed', async () => {
    const folder = await folderWith([1])
    const log = openedLog(folder)
    const reader = startChild(['stall', folder])
    expect(await reader.line(0)).toEqual({ reading: true })
    const ofOthers = () => log.readers().filter(({ pid }) => pid !== process.pid)
    const before = ofOthers()
    expect(before).toHaveLength(1)
    await appendTo(log, 2)
    await appendTo(log, 2)
    expect(ofOthers()).toEqual(before)
    await reader.kill('SIGKILL')
    expect(ofOthers()).toEqual([])
  })

  it('is read after its writer has gone', async () => {
    const folder = await folderWith([2, 3])
    const { said } = await runChild(['open-for-reading', folder])
    expect(said).toEqual([{ head: 5, read: 5, isSound: true }])
  })

  it('takes no appends from a reader', async () => {
    const folder = await folderWith([2])
    const reader = openLogForReading(folder)
    onTestFinished(() => reader.close())
    const append = reader.append(following(2), 2)
    await expect(append).rejects.toThrow(AssertionError)
    await expect(append).rejects.toThrow('opened for reading')
    expect(reader.head).toBe(2)
    expect(idsOf(await allOf(reader.read(1)))).toEqual([1, 2])
  })
})

it('leaves no file open, however often it is opened and closed', async (context) => {
  const files = '/proc/self/fd'
  if (!existsSync(files)) return skip(context, files)
  const folder = await folderWith([1])
  const openFiles: number[] = []
  for (let time = 0; time < 40; time++) {
    const log = openedLog(folder)
    const reader = openLogForReading(folder)
    await appendTo(log)
    await reader.close()
    await log.close()
    openFiles.push(readdirSync(files).length)
  }
  expect(openFiles.at(-1)).toBe(openFiles[0])
  expect(openedLog(folder).head).toBe(41)
})
