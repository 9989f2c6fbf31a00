import { closeSync, openSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RecordedEvent } from '../../src/domain.ts'
import { systemRuntime as runtime } from '../../src/runtime.ts'
import { type Verdict, verifyLog } from '../../src/upkeep/verify.ts'
import { bytesOfPages, regionsOf } from '../log/regions.ts'
import { removeEntry, storedTree, storeEntry } from '../log/stored.ts'
import { temporaryFolder } from '../support/folders.ts'
import { domain, hashOf, logOf, shop, writing } from './logs.ts'

const verify = (folder: string, of = domain, onProgress: (progress: object) => void = () => {}) =>
  verifyLog({ folder, domain: of, findingsMax: 20, runtime, onProgress })

/** Verifies, and sees that nothing was changed. */
async function findingsIn(folder: string): Promise<Verdict> {
  const before = hashOf(folder)
  const verdict = await verify(folder)
  expect(hashOf(folder)).toBe(before)
  return verdict
}

describe('a sound log', () => {
  it('is read to its end', async () => {
    const folder = await logOf(shop(300, 2001), { appends: [1, 1, 100, 3] })
    const calls: object[] = []
    const verdict = await verify(folder, domain, (progress) => calls.push(progress))
    expect(verdict).toEqual({ firstEventId: 2001, soundUntil: 2300, orders: 100, findings: [] })
    expect(calls.at(-1)).toEqual({ of: 'events', done: 300, total: 300 })
  })

  it('may be empty', async () => {
    const folder = await logOf([])
    const verdict = { firstEventId: 1, soundUntil: 0, orders: 0, findings: [] }
    expect(await findingsIn(folder)).toEqual(verdict)
  })

  it('is read beside the process that writes it', async () => {
    const events = shop(1400)
    const folder = await logOf(events.slice(0, 1000), { appends: Array<number>(200).fill(3) })
    const log = writing(folder)
    let isWriting = true
    const writer = (async () => {
      for (let at = 1000; at < 1400; at += 2) await log.append(events.slice(at, at + 2), at)
      isWriting = false
    })()
    let read = 0
    while (isWriting) {
      const { findings, soundUntil } = await verify(folder)
      expect(findings).toEqual([])
      expect(soundUntil).toBeGreaterThanOrEqual(Math.max(read, 1000))
      read = soundUntil
    }
    await writer
    expect(await verify(folder)).toMatchObject({ soundUntil: 1400, findings: [] })
  })
})

describe('an event that is not sound is named', () => {
  /** A log of 60 events, of which the changed ones have sound checksums. */
  const logWith = (changed: Readonly<Record<number, Partial<RecordedEvent>>>) =>
    logOf(
      shop(60).map((event) => ({ ...event, ...changed[event.eventId] })),
      { appends: [10, 10] },
    )

  it.each<[string, Partial<RecordedEvent>, string]>([
    [
      'follows another event',
      { previousEventId: 22 },
      'it follows 22, and the newest of its order',
    ],
    ['follows none', { previousEventId: null }, 'it follows nothing, and the newest of its order'],
    ['is of another order', { orderId: 'order-99' }, 'the newest of its order order-99 is none'],
    ['has another version', { version: 4 }, "it has version 4, and its order's next is 2"],
    ['has no time', { recordedAt: -1 }, 'its time is -1'],
    ['is not in its form', { data: { amount: 7 } }, 'it is no OrderPaymentEvent: data/paymentId'],
    [
      'is refused by the machine of its order',
      { data: { paymentId: 'p', amount: 9_999_999 } },
      "Event 21 (OrderPaymentEvent) is recorded, and the order's machine does not take it",
    ],
    ['is of no type that there is', { type: 'OrderPaintedEvent' }, 'does not take it'],
  ])('where it %s', async (_, change, why) => {
    const { soundUntil, orders, findings } = await findingsIn(await logWith({ 21: change }))
    expect({ soundUntil, orders }).toEqual({ soundUntil: 20, orders: 10 })
    expect(findings).toEqual([{ eventId: 21, what: expect.stringContaining(why) }])
  })

  it('where a bit of it is flipped', async () => {
    const folder = await logWith({})
    flip(folder, readFileSync(join(folder, 'events.mdb')).lastIndexOf('"pay-5000"') + 2)
    const { soundUntil, findings } = await findingsIn(folder)
    const eventId = soundUntil + 1
    const what = `Event ${eventId} of the log is damaged: its checksum does not match.`
    expect(findings).toEqual([{ eventId, what }])
    expect(eventId).toBeGreaterThan(20)
  })

  it('where others before it, which LMDB reads with it, are not sound in another way', async () => {
    const folder = await logWith({ 8: { version: 7 } })
    flip(folder, readFileSync(join(folder, 'events.mdb')).lastIndexOf('"pay-5000"') + 2)
    const { soundUntil, findings } = await findingsIn(folder)
    expect(soundUntil).toBe(7)
    expect(findings.map(({ eventId }) => eventId)).toEqual([8])
  })

  it('where it lies in an entry that is not there', async () => {
    const folder = await logWith({})
    await removeEntry(folder, 11)
    const { soundUntil, findings } = await findingsIn(folder)
    expect(soundUntil).toBe(10)
    const what = 'Event 11 of the log is damaged: the entry in its place begins with event 21.'
    expect(findings).toEqual([{ eventId: 11, what }])
  })

  it('the first of them first, whatever else is wrong after it', async () => {
    const folder = await logWith({ 8: { version: 7 } })
    await removeEntry(folder, 11)
    const { soundUntil, findings } = await findingsIn(folder)
    expect(soundUntil).toBe(7)
    expect(findings.map(({ eventId }) => eventId)).toEqual([8, 11])
  })
})

describe('a page that is not sound is named', () => {
  it('with the first event that it is about, and all others, too', async () => {
    const folder = await logOf(shop(600), { appends: Array<number>(500).fill(1) })
    const path = join(folder, 'events.mdb')
    const [, second = 0, , fourth = 0] = regionsOf(readFileSync(path)).get('leaf of the log')!
    const file = openSync(path, 'r+')
    for (const page of [second, fourth]) writeSync(file, Buffer.alloc(4096), 0, 4096, page * 4096)
    closeSync(file)
    const { soundUntil, findings } = await findingsIn(folder)
    expect(findings).toHaveLength(2)
    expect(findings[0]!.eventId).toBe(soundUntil + 1)
    for (const page of [second, fourth]) {
      const what = expect.stringContaining(`page ${page} has the number of another one`)
      expect(findings).toContainEqual(expect.objectContaining({ what }))
    }
  })

  it('where it is one of the free pages, though all events are sound', async () => {
    const folder = await logOf(shop(60), { appends: Array<number>(50).fill(1) })
    const [list = 0] = regionsOf(readFileSync(join(folder, 'events.mdb'))).get(
      'list of free pages',
    )!
    flip(folder, (list + 1) * 4096 - 2)
    const { soundUntil, findings } = await findingsIn(folder)
    expect(soundUntil).toBe(60)
    expect(findings).toEqual([
      { eventId: null, what: expect.stringContaining('of the free pages') },
    ])
  })

  it('where the file is cut short, or begins like no log', async () => {
    const folder = await logOf(shop(60))
    const path = join(folder, 'events.mdb')
    truncateSync(path, bytesOfPages(readFileSync(path)) - 1)
    const short = await findingsIn(folder)
    expect(short.findings).toEqual([
      { eventId: null, what: expect.stringContaining('is cut short: it has') },
    ])
    writeFileSync(path, 'text')
    const { findings, soundUntil } = await findingsIn(folder)
    expect(soundUntil).toBe(0)
    expect(findings[0]!.what).toContain('is not a log: it does not begin like one')
  })
})

it('refuses what is no log, and that of another domain', async () => {
  const folder = await logOf(shop(3))
  await expect(verify(temporaryFolder())).rejects.toThrow('is not a data folder of Ordinal')
  const parcel = { ...domain, name: 'parcel' }
  await expect(verify(folder, parcel)).rejects.toThrow('holds the log of order, not of parcel')
})

it('checks stored entries that LMDB has no fault with', async () => {
  const folder = await logOf(shop(30), { appends: [10, 10] })
  const db = storedTree(folder)
  await storeEntry(db, shop(30).slice(0, 10), 11)
  await db.close()
  const { findings } = await findingsIn(folder)
  expect(findings[0]).toEqual({
    eventId: 11,
    what: 'Event 11 of the log is damaged: event 1 is in its place.',
  })
})

function flip(folder: string, at: number): void {
  const path = join(folder, 'events.mdb')
  const file = readFileSync(path)
  file[at]! ^= 1
  writeFileSync(path, file)
}
