import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RecordedEvent } from '../../src/domain.ts'
import { LogLockedError } from '../../src/errors.ts'
import { encodeEntry } from '../../src/log/codec.ts'
import { systemRuntime as runtime } from '../../src/runtime.ts'
import type { Range } from '../../src/upkeep/salvage/ranges.ts'
import { salvageLog } from '../../src/upkeep/salvage/salvage.ts'
import { verifyLog } from '../../src/upkeep/verify.ts'
import { regionsOf } from '../log/regions.ts'
import { storedTree, storeEntry } from '../log/stored.ts'
import { temporaryFolder } from '../support/folders.ts'
import { domain, eventsIn, hashOf, logOf, markIn, shop, writing } from './logs.ts'

const pageBytes = 4096
const elsewhere = () => join(temporaryFolder(), 'rescued')

function salvage(source: string, target = elsewhere(), of = domain) {
  return salvageLog({ source, target, domain: of, runtime, onProgress: () => {} })
}

const idsIn = (ranges: readonly Range[]) =>
  ranges.flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index),
  )

/**
 * Salvages, and sees that what came of it is sound, that every event is accounted for once, that what
 * is kept is what was written, and that nothing of the source was changed.
 */
async function rescue(source: string, written: readonly RecordedEvent[]) {
  const before = hashOf(source)
  const target = elsewhere()
  const report = await salvage(source, target)
  expect(hashOf(source)).toBe(before)
  const options = { folder: target, domain, findingsMax: 1, runtime, onProgress: () => {} }
  expect(await verifyLog(options)).toMatchObject({ findings: [], soundUntil: report.head })

  const [lost, leftOut] = [idsIn(report.lost), idsIn(report.leftOut)]
  const kept = await eventsIn(target)
  expect(kept).toHaveLength(report.kept)
  const missing = new Set([...lost, ...leftOut])
  expect(missing.size).toBe(lost.length + leftOut.length)
  const renumbered = report.renumbered.at(-1)
  const lastKept = renumbered ? renumbered.last : report.head
  const end = report.sourceHead ?? Math.max(lastKept, ...missing)
  const expected = written.filter(({ eventId }) => eventId <= end && !missing.has(eventId))
  // What has a new eventId is told, and differs in nothing else.
  const newId = new Map(
    expected.map(({ eventId }, index) => [eventId, report.firstEventId + index]),
  )
  const renewed = expected.map((event) => ({
    ...event,
    eventId: newId.get(event.eventId),
    previousEventId: event.previousEventId && newId.get(event.previousEventId),
  }))
  expect(kept).toEqual(renewed)
  const told = report.renumbered.flatMap((range) =>
    idsIn([range]).map((id, index): [number, number] => [id, range.now + index]),
  )
  expect(told).toEqual([...newId].filter(([old, now]) => old !== now))

  const path = join(target, 'left-out.ndjson')
  const lines = existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : []
  expect(lines.map((line) => Number(JSON.parse(line).id))).toEqual(leftOut)
  expect(JSON.parse(readFileSync(join(target, 'salvage.json'), 'utf8'))).toEqual(report)
  return { target, report, lost, leftOut, kept, end }
}

/** Writes bytes into the file of a log. */
function overwrite(folder: string, at: number, bytes: Buffer): void {
  const file = openSync(join(folder, 'events.mdb'), 'r+')
  writeSync(file, bytes, 0, bytes.length, at)
  closeSync(file)
}

const fileOf = (folder: string) => readFileSync(join(folder, 'events.mdb'))

describe('all is kept, with its eventIds,', () => {
  const events = shop(300, 2001)
  const sound = () => logOf(events, { appends: [...Array<number>(150).fill(1), 40] })

  it('of a sound log', async () => {
    const source = await sound()
    const { report, target } = await rescue(source, events)
    const { epoch } = markIn(source)
    expect(report).toMatchObject({ sourceEpoch: epoch, firstEventId: 2001, head: 2300, kept: 300 })
    expect(report).toMatchObject({
      lost: [],
      leftOut: [],
      renumbered: [],
      orders: [],
      foundAstray: [],
    })
    expect(markIn(target)).toMatchObject({ firstEventId: 2001, domain: 'order', copyOf: epoch })
    expect(markIn(target).epoch).toBe(report.epoch)
    expect(report.epoch).not.toBe(epoch)
    const files = ['events.mdb', 'events.mdb-lock', 'ordinal.json', 'salvage.json', 'writer.lock']
    expect(readdirSync(target).sort()).toEqual(files)
    await writing(target).close()
    expect(markIn(target).epoch).toBe(report.epoch)
  })

  it.each<[string, (file: Buffer) => readonly number[]]>([
    ['meta pages', () => [0, 1]],
    ['branches', (file) => regionsOf(file).get('branch of the log')!],
    ['list of free pages', (file) => regionsOf(file).get('list of free pages')!],
  ])('where the %s are gone', async (what, pagesOf) => {
    const source = await sound()
    for (const page of pagesOf(fileOf(source))) {
      overwrite(source, page * pageBytes, Buffer.alloc(pageBytes))
    }
    const { report } = await rescue(source, events)
    expect(report).toMatchObject({ kept: 300, lost: [], leftOut: [], renumbered: [] })
    expect(report.sourceHead).toBe(what.includes('free') ? 2300 : null)
  })

  it.each(['', '{"format":1,"epo'])('where its mark is %j, or not there', async (text) => {
    const source = await sound()
    writeFileSync(join(source, 'ordinal.json'), text)
    expect((await rescue(source, events)).report).toMatchObject({ sourceEpoch: null, kept: 300 })
    rmSync(join(source, 'ordinal.json'))
    rmSync(join(source, 'writer.lock'))
    const { report, target } = await rescue(source, events)
    expect(report).toMatchObject({ sourceEpoch: null, firstEventId: 2001, kept: 300 })
    expect(markIn(target)).not.toHaveProperty('copyOf')
  })

  it('where a sound copy of what is damaged lies on a page that is not used any more', async () => {
    const source = await sound()
    const file = fileOf(source)
    const leaves = regionsOf(file).get('leaf of the log')!
    const free = regionsOf(file).get('free page')!
    const damaged = leaves.find((page) => {
      const record = encodeEntry([events[10]!]).subarray(16)
      const at = file.indexOf(record, page * pageBytes)
      return at !== -1 && at < (page + 1) * pageBytes
    })!
    // As an older copy of the page would be.
    const copy = Buffer.from(file.subarray(damaged * pageBytes, (damaged + 1) * pageBytes))
    overwrite(source, free[0]! * pageBytes, copy)
    overwrite(source, damaged * pageBytes + 24, Buffer.alloc(pageBytes - 24))
    const { report } = await rescue(source, events)
    expect(report).toMatchObject({ kept: 300, lost: [], renumbered: [] })
    expect(idsIn(report.foundAstray)).toContain(2011)
  })
})

describe('what is lost', () => {
  const events = shop(60)
  const sound = () => logOf(events, { appends: Array<number>(60).fill(1) })
  /** Damages the record of each of these events, wherever a copy of it is. */
  async function without(...ids: readonly number[]): Promise<string> {
    const source = await sound()
    const file = fileOf(source)
    for (const id of ids) {
      const record = encodeEntry([events[id - 1]!]).subarray(16)
      for (let at = file.indexOf(record); at !== -1; at = file.indexOf(record, at + 1)) {
        file[at + record.length - 3]! ^= 1
        overwrite(source, at, file.subarray(at, at + record.length))
      }
    }
    return source
  }

  it('is told with the orders that lack it, which are kept up to there', async () => {
    // The payment of order-1; it was shipped with event 12.
    const { report, kept } = await rescue(await without(7), events)
    expect(report).toMatchObject({
      lost: [{ first: 7, last: 7 }],
      clues: [{ eventId: 7, type: 'OrderPaymentEvent', orderId: 'order-1' }],
      leftOut: [{ first: 12, last: 12 }],
      renumbered: [
        { first: 8, last: 11, now: 7 },
        { first: 13, last: 60, now: 11 },
      ],
      orders: [
        {
          orderId: 'order-1',
          version: 1,
          leftOut: 1,
          eventId: 12,
          why: 'event 7, which it follows, is not kept',
        },
      ],
      ofUnknownOrders: [],
    })
    expect(kept.filter(({ orderId }) => orderId === 'order-1')).toHaveLength(1)
    expect(kept.filter(({ orderId }) => orderId === 'order-2')).toHaveLength(3)
  })

  it('may have been the newest event of any order', async () => {
    const { report } = await rescue(await without(12, 60), events)
    expect(report).toMatchObject({
      lost: [
        { first: 12, last: 12 },
        { first: 60, last: 60 },
      ],
    })
    expect(report).toMatchObject({ leftOut: [], orders: [], head: 58 })
    expect(idsIn(report.ofUnknownOrders)).toEqual([12, 60])
  })

  it('may be the first events, and the log then begins later', async () => {
    const { report, leftOut } = await rescue(await without(1, 2, 3), events)
    expect(report).toMatchObject({ firstEventId: 4, lost: [{ first: 1, last: 3 }] })
    expect(leftOut).toEqual([6, 7, 8, 11, 12, 13])
    expect(report.orders.map(({ orderId, version }) => [orderId, version])).toEqual([
      ['order-0', 0],
      ['order-1', 0],
      ['order-2', 0],
    ])
    expect(report.renumbered[0]).toEqual({ first: 9, last: 10, now: 6 })
  })

  it('is all, where nothing sound is left, and then there is no log', async () => {
    const target = elsewhere()
    const empty = await logOf([])
    await expect(salvage(empty, target)).rejects.toThrow('There is no sound event in')
    writeFileSync(join(empty, 'events.mdb'), '')
    await expect(salvage(empty, target)).rejects.toThrow('There is no sound event in')
    rmSync(join(empty, 'events.mdb'))
    await expect(salvage(empty, target)).rejects.toThrow('is missing: there is nothing to salvage')
    expect(existsSync(target)).toBe(false)
  })
})

describe('an event that cannot be is left out', () => {
  it('where its checksum is sound, and the machine of its order does not take it', async () => {
    const change = { data: { paymentId: 'p', amount: 99_999 } }
    const events = shop(60).map((event) => (event.eventId === 7 ? { ...event, ...change } : event))
    const { report, leftOut } = await rescue(await logOf(events, { appends: [5, 5, 5] }), events)
    expect(leftOut).toEqual([7, 12])
    const why = expect.stringMatching(/^its order is .*, and does not take it$/)
    expect(report.orders).toEqual([{ orderId: 'order-1', version: 1, leftOut: 2, eventId: 7, why }])
  })
})

describe('a record that lies in the file and is none of the log', () => {
  const events = shop(90)
  /** Puts a record where nothing leads to it, past the end of what the file uses. */
  const leave = (folder: string, ...strays: readonly RecordedEvent[]) =>
    writeFileSync(
      join(folder, 'events.mdb'),
      Buffer.concat([fileOf(folder), ...strays.map((event) => encodeEntry([event]).subarray(16))]),
    )

  it('is not taken for what comes next, where the way to the newest event is sound', async () => {
    const source = await logOf(events.slice(0, 60))
    leave(source, events[60]!)
    const { report } = await rescue(source, events.slice(0, 60))
    expect(report).toMatchObject({ head: 60, kept: 60, lost: [] })
  })

  it('is taken for it, where that way is lost', async () => {
    const source = await logOf(events.slice(0, 60), { appends: Array<number>(60).fill(1) })
    leave(source, events[60]!)
    overwrite(source, 0, Buffer.alloc(2 * pageBytes))
    const { report } = await rescue(source, events.slice(0, 61))
    expect(report).toMatchObject({ head: 61, kept: 61 })
    expect(idsIn(report.foundAstray)).toContain(61)
  })

  it('does not stand in for the one that the tree leads to', async () => {
    const source = await logOf(events.slice(0, 60), { appends: Array<number>(60).fill(1) })
    leave(source, { ...events[5]!, by: 'an append that failed' })
    const { report } = await rescue(source, events.slice(0, 60))
    expect(report).toMatchObject({ kept: 60, foundAstray: [] })
  })

  it('is left out with its like, where nobody knows which of them was', async () => {
    const source = await logOf(events.slice(0, 60), { appends: Array<number>(60).fill(1) })
    leave(source, { ...events[59]!, by: 'an append that failed' })
    overwrite(source, 0, Buffer.alloc(2 * pageBytes))
    const target = elsewhere()
    const report = await salvage(source, target)
    expect(report).toMatchObject({ kept: 59, leftOut: [{ first: 60, last: 60 }] })
    expect(report.orders).toMatchObject([
      { orderId: 'order-19', version: 2, why: 'different records of it were found' },
    ])
    const lines = readFileSync(join(target, 'left-out.ndjson'), 'utf8').trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).by)).toEqual(
      expect.arrayContaining(['an append that failed']),
    )
    expect(lines).toHaveLength(2)
  })
})

it('accounts for every event, whatever is damaged', { timeout: 120_000 }, async () => {
  const events = shop(400)
  const damage = fc.oneof(
    fc.record({
      kind: fc.constant('flip' as const),
      at: fc.double({ min: 0, max: 0.999999, noNaN: true }),
      bit: fc.nat(7),
    }),
    fc.record({
      kind: fc.constant('page' as const),
      at: fc.double({ min: 0, max: 0.999999, noNaN: true }),
      byte: fc.nat(255),
    }),
    fc.record({
      kind: fc.constant('cut' as const),
      at: fc.double({ min: 0.2, max: 1, noNaN: true }),
    }),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(1, 1, 1, 2, 30, 90), { minLength: 1, maxLength: 80 }),
      fc.array(damage, { minLength: 1, maxLength: 12 }),
      async (appends, damages) => {
        const source = await logOf(events, { appends })
        const file = fileOf(source)
        for (const one of damages) {
          const at = Math.floor(one.at * file.length)
          if (one.kind === 'flip') {
            overwrite(source, at, Buffer.from([file[at]! ^ (1 << one.bit)]))
          } else if (one.kind === 'page') {
            const page = Buffer.alloc(pageBytes, one.byte)
            overwrite(source, at - (at % pageBytes), page)
          } else truncateSync(join(source, 'events.mdb'), at)
        }
        // A record that is whole anywhere in the file is found.
        const left = fileOf(source)
        const whole = new Set(
          events
            .filter((event) => left.includes(encodeEntry([event]).subarray(16)))
            .map(({ eventId }) => eventId),
        )
        if (!events.some((event) => event.version === 1 && whole.has(event.eventId))) return
        const { lost, end } = await rescue(source, events)
        for (const eventId of lost) expect(whole).not.toContain(eventId)
        expect(Math.max(...whole)).toBeLessThanOrEqual(end)
      },
    ),
    { numRuns: 60 },
  )
})

describe('is not begun', () => {
  it('while a process writes the log', async () => {
    const source = await logOf(shop(30))
    const log = writing(source)
    const target = elsewhere()
    await expect(salvage(source, target)).rejects.toThrow(LogLockedError)
    expect(existsSync(target)).toBe(false)
    await log.close()
    expect(await salvage(source, target)).toMatchObject({ kept: 30 })
  })

  it('and keeps writers out, until it has ended', async () => {
    const source = await logOf(shop(30))
    let refused = 0
    await salvageLog({
      source,
      target: elsewhere(),
      domain,
      runtime,
      onProgress: () => {
        expect(() => writing(source)).toThrow(LogLockedError)
        refused++
      },
    })
    expect(refused).toBeGreaterThan(0)
    await writing(source).close()
  })

  it('where the target has something in it, which stays', async () => {
    const source = await logOf(shop(30))
    const target = elsewhere()
    await salvage(source, target)
    const before = hashOf(target)
    await expect(salvage(source, target)).rejects.toThrow('Name a folder that is empty')
    expect(hashOf(target)).toBe(before)
  })

  it('of the log of another domain, or a newer format', async () => {
    const source = await logOf(shop(30))
    const parcel = { ...domain, name: 'parcel' }
    await expect(salvage(source, elsewhere(), parcel)).rejects.toThrow('holds the log of order')
    const mark = { ...markIn(source), format: 2 }
    writeFileSync(join(source, 'ordinal.json'), JSON.stringify(mark))
    await expect(salvage(source)).rejects.toThrow('has format 2, and this version knows 1 at most')
  })

  it('of entries that are in the wrong place', async () => {
    const source = await logOf(shop(30), { appends: [10, 10] })
    const db = storedTree(source)
    await storeEntry(db, shop(30).slice(0, 10), 11)
    await db.close()
    const { report } = await rescue(source, shop(30))
    expect(report.kept + idsIn(report.lost).length + idsIn(report.leftOut).length).toBe(30)
  })
})
