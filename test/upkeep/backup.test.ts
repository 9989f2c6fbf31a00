import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { openEngine } from '../../src/index.ts'
import { LmdbLog, openLogForReading } from '../../src/log/lmdb-log.ts'
import { systemRuntime as runtime } from '../../src/runtime.ts'
import { backupLog } from '../../src/upkeep/backup.ts'
import { temporaryFolder } from '../support/folders.ts'
import { eventsIn, hashOf, logOf, markIn, shop, writing } from './logs.ts'

const elsewhere = () => join(temporaryFolder(), 'copy')
const backup = (source: string, target: string) => backupLog(source, target, runtime, () => {})
const epochOf = async (folder: string) => {
  const log = openLogForReading(folder)
  await log.close()
  return log.epoch
}

describe('a copy', () => {
  it('has the events of the log, their eventIds, and its epoch', async () => {
    const events = shop(2500, 2001)
    const source = await logOf(events, { appends: [1, 1, 700, 3, 40] })
    const before = hashOf(source)
    const target = elsewhere()
    const { epoch } = markIn(source)
    const copy = { firstEventId: 2001, head: 4500, orders: 835, epoch }
    expect(await backup(source, target)).toEqual(copy)
    expect(await eventsIn(target)).toEqual(events)
    expect(markIn(target)).toMatchObject({
      epoch,
      copyOf: epoch,
      firstEventId: 2001,
      domain: 'order',
    })
    expect(hashOf(source)).toBe(before)
  })

  it('may be one of a log without events, and go to an empty folder', async () => {
    const target = temporaryFolder()
    expect(await backup(await logOf([]), target)).toMatchObject({ firstEventId: 1, head: 0 })
    expect(await eventsIn(target)).toEqual([])
  })

  it('keeps the epoch while it is read, and gets its own when it is first written', async () => {
    const source = await logOf(shop(30))
    const target = elsewhere()
    await backup(source, target)
    const { epoch } = markIn(source)
    expect([await epochOf(target), await epochOf(target)]).toEqual([epoch, epoch])

    const log = writing(target)
    expect(log.epoch).not.toBe(epoch)
    const own = log.epoch
    await log.close()
    expect(markIn(target)).toMatchObject({ epoch: own, copyOf: epoch })
    const again = writing(target)
    expect(again.epoch).toBe(own)
    await again.close()
    expect(await epochOf(target)).toBe(own)
    expect(markIn(source)).toMatchObject({ epoch })
  })

  it('of a copy is one of the same log', async () => {
    const source = await logOf(shop(30))
    const [first, second] = [elsewhere(), elsewhere()]
    await backup(source, first)
    await backup(first, second)
    const { epoch } = markIn(source)
    expect(markIn(second)).toMatchObject({ epoch, copyOf: epoch })
    expect(markIn(first)).toMatchObject({ epoch, copyOf: epoch })
  })

  it('is served as the way back, and honours commands that the log had honoured', async () => {
    const source = join(temporaryFolder(), 'log')
    const engine = await openEngine({ data: source })
    const line = { sku: 'widget', quantity: 5, unitPrice: 1000 }
    const order = { orderId: 'bob-1', currency: 'USD', lines: [line], commandId: 'c-1' }
    const receipt = await engine.submit('order.new', order)
    const target = elsewhere()
    await backup(source, target)
    await engine.submit('order.new', { ...order, orderId: 'bob-2' })
    const restored = await openEngine({ data: target })
    expect(restored.epoch).not.toBe(engine.epoch)
    expect(await restored.submit('order.new', order)).toEqual({ ...receipt, replayed: true })
    expect(restored.get('bob-2')).toBeUndefined()
    await engine.close()
    await restored.close()
  })
})

describe('is not made', () => {
  const refused = async (source: string, target: string, why: string | RegExp) => {
    await expect(backup(source, target)).rejects.toThrow(why)
  }

  it('where the target has something in it, which stays', async () => {
    const source = await logOf(shop(3))
    const target = temporaryFolder()
    writeFileSync(join(target, 'notes.txt'), 'notes')
    const why = `${target} holds notes.txt. Name a folder that is empty or does not exist yet.`
    await refused(source, target, why)
    expect(readdirSync(target)).toEqual(['notes.txt'])
    await refused(source, source, `${source} holds events.mdb`)
    expect(await eventsIn(source)).toHaveLength(3)
  })

  it('where the target is a file', async () => {
    const target = elsewhere()
    writeFileSync(target, 'text')
    await refused(await logOf(shop(3)), target, `${target} cannot be written: it is not a folder`)
  })

  it('where a copy was begun there and not finished', async () => {
    const target = temporaryFolder()
    writeFileSync(join(target, 'events.mdb'), '')
    await refused(await logOf(shop(3)), target, 'holds a copy that was not finished')
  })

  it('where there is no log', async () => {
    const target = elsewhere()
    await refused(temporaryFolder(), target, 'is not a data folder of Ordinal')
    expect(() => readdirSync(target)).toThrow('ENOENT')
  })

  it('of a damaged event, and leaves nothing then', async () => {
    const source = await logOf(shop(60), { appends: [10, 10] })
    const path = join(source, 'events.mdb')
    const file = readFileSync(path)
    file[file.lastIndexOf('"pay-5000"') + 2]! ^= 1
    writeFileSync(path, file)
    const target = elsewhere()
    mkdirSync(target)
    await refused(source, target, /^Event \d+ of the log is damaged: its checksum does not match/)
    expect(readdirSync(target)).toEqual([])
  })

  it('of events that do not follow each other', async () => {
    const events = shop(30).map((event) => (event.eventId === 7 ? { ...event, version: 9 } : event))
    const target = elsewhere()
    await refused(await logOf(events), target, 'Event 7 of the log is damaged: it has version 9')
    expect(readdirSync(target)).toEqual([])
  })

  it('where it does not give back what was written to it', async () => {
    const source = await logOf(shop(30))
    const append = vi.spyOn(LmdbLog.prototype, 'append').mockImplementationOnce(function (
      this: LmdbLog,
      [first, ...others],
      head,
    ) {
      append.mockRestore()
      return this.append([{ ...first!, by: 'somebody else' }, ...others], head)
    })
    const target = elsewhere()
    await refused(source, target, `${target} does not give back what was written to it`)
    expect(readdirSync(target)).toEqual([])
  })
})

it('is no log before it is finished', async () => {
  const source = await logOf(shop(30))
  const target = elsewhere()
  const seen: string[][] = []
  await backupLog(source, target, runtime, ({ of }) => {
    if (of === 'copy') seen.push(readdirSync(target))
  })
  expect(seen).toHaveLength(1)
  expect(seen[0]).toContain('events.mdb')
  expect(seen[0]).not.toContain('ordinal.json')
  expect(readdirSync(target)).toContain('ordinal.json')
})
