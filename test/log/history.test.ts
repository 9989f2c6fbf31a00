import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { RecordedEvent } from '../../src/domain.ts'
import type { EventLog } from '../../src/log/event-log.ts'
import { readHistory } from '../../src/log/history.ts'
import { openLogForReading } from '../../src/log/lmdb-log.ts'
import { LmdbTree } from '../../src/log/lmdb-tree.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'
import { systemRuntime as runtime, yieldTurn } from '../../src/runtime.ts'
import { temporaryFolder } from '../support/folders.ts'
import { recorded } from '../support/orders.ts'
import { idsOf, range } from './events.ts'
import { folderWith, openedLog, storedTree, storeEntry } from './stored.ts'

/** Events 1 to 6 of two orders in turns: a has 1, 3 and 5, b has 2, 4 and 6. */
const twoOrders = range(1, 6).map((eventId) =>
  recorded({
    eventId,
    orderId: eventId % 2 === 1 ? 'a' : 'b',
    version: Math.ceil(eventId / 2),
    previousEventId: eventId > 2 ? eventId - 2 : null,
  }),
)

const from = (log: EventLog, turn = () => yieldTurn(runtime)) => ({
  log,
  eventsPerTurn: 256,
  turn,
})

/** A log, in LMDB, of which some events were changed and stored with sound checksums. */
async function logWith(changed: Record<number, Partial<RecordedEvent>>) {
  const folder = await folderWith([])
  const db = storedTree(folder)
  const events = twoOrders.map((event) => ({ ...event, ...changed[event.eventId] }))
  await storeEntry(db, events.slice(0, 4))
  await storeEntry(db, events.slice(4))
  const log = openLogForReading(folder)
  onTestFinished(() => log.close())
  return log
}

const damagedAt = (eventId: number, why: string) =>
  expect.objectContaining({ name: 'CorruptLogError', eventId, message: expect.stringMatching(why) })

it('reads the events of one order, oldest first, up to any of them', async () => {
  const log = await logWith({})
  expect(await readHistory(from(log), 6)).toStrictEqual([1, 3, 5].map((at) => twoOrders[at]))
  expect(idsOf(await readHistory(from(log), 5))).toEqual([1, 3, 5])
  expect(idsOf(await readHistory(from(log), 3))).toEqual([1, 3])
  expect(idsOf(await readHistory(from(log), 2))).toEqual([2])
})

describe('a wrong chain in events of sound checksums', () => {
  it.each<[string, Record<number, Partial<RecordedEvent>>, number, string]>([
    ["leads to another order's event", { 6: { previousEventId: 3 } }, 6, "another order's"],
    ['skips a version', { 6: { previousEventId: 2 } }, 6, "or version's"],
    ['leads to itself', { 4: { previousEventId: 4 } }, 4, "or version's"],
    ['leads on instead of back', { 2: { version: 2 }, 6: { previousEventId: 2 } }, 2, 'no first'],
    ['ends too early', { 4: { previousEventId: null } }, 4, 'no event before it'],
    ['leads to an event that is not there', { 6: { previousEventId: 99 } }, 99, 'missing'],
    [
      'leads to a later event that would fit',
      { 4: { previousEventId: 6, version: 3 }, 6: { version: 2 } },
      4,
      'does not come before',
    ],
  ])('is found where it %s', async (_, changed, fault, why) => {
    const log = await logWith(changed)
    const head = fault === 4 ? 4 : 6
    await expect(readHistory(from(log), head)).rejects.toEqual(damagedAt(fault, why))
  })
})

it('names the event that is missing on the way', async () => {
  const folder = await folderWith([1, 1], { orderId: 'a' })
  const db = storedTree(folder)
  await storeEntry(db, [recorded({ eventId: 2, orderId: 'a', version: 2, previousEventId: 1 })])
  const log = openLogForReading(folder)
  onTestFinished(() => log.close())
  db.removeSync(1)
  await new Promise((resolve) => setTimeout(resolve, 0))
  await expect(readHistory(from(log), 2)).rejects.toEqual(damagedAt(1, 'missing'))
})

it('lets others have their turn while it reads a long history', async () => {
  const events = range(1, 1000).map((eventId) =>
    recorded({ eventId, orderId: 'a', version: eventId, previousEventId: eventId - 1 || null }),
  )
  const log = new MemoryLog()
  await log.append(events, 0)
  let turns = 0
  const turn = async () => {
    turns++
  }
  expect(await readHistory(from(log, turn), 1000)).toStrictEqual(events)
  expect(turns).toBe(3)
})

it('reads an entry once, however many events of the order lie in it', async () => {
  const folder = temporaryFolder()
  const writing = openedLog(folder)
  const long = { data: { reason: 'x'.repeat(100) } }
  const events = range(1, 2000).map((eventId) =>
    recorded({
      eventId,
      orderId: 'a',
      version: eventId,
      previousEventId: eventId - 1 || null,
      ...long,
    }),
  )
  await writing.append(events.slice(0, 990), 0)
  await writing.append(events.slice(990, 991), 990)
  await writing.append(events.slice(991), 991)
  const entryAt = vi.spyOn(LmdbTree.prototype, 'entryAt')
  onTestFinished(() => entryAt.mockRestore())
  expect(await readHistory(from(writing), 2000)).toStrictEqual(events)
  expect(entryAt).toHaveBeenCalledTimes(3)
})
