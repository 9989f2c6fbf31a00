/** What every log promises in event-log.ts: an adapter's test is one call to this. */
import { AssertionError } from 'node:assert'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StaleHeadError } from '../../src/errors.ts'
import type { EventLog } from '../../src/log/event-log.ts'
import { allOf, anyParts, appendTo, eventAt, following, idsOf, range } from '../log/events.ts'
import { recorded } from './orders.ts'

/** Makes an empty log; what it holds is given back when the running test ends. */
type Make = (options?: { readonly firstEventId?: number }) => EventLog

export function eventLogContract(name: string, make: Make): void {
  describe(`${name}, as an EventLog`, () => {
    describe('appends', () => appends(make))
    describe('refuses', () => refuses(make))
    describe('reads', () => reads(make))
    describe('keeps', () => keeps(make))
  })
}

function appends(make: Make): void {
  it('begins with 1 where nothing else is asked for', async () => {
    const log = make()
    expect(log).toMatchObject({ firstEventId: 1, head: 0 })
    await appendTo(log, 3)
    expect(log.head).toBe(3)
    expect(idsOf(await allOf(log.read(1)))).toEqual([1, 2, 3])
  })

  it('begins with the first eventId that it was made with', async () => {
    const log = make({ firstEventId: 2001 })
    expect(log).toMatchObject({ firstEventId: 2001, head: 2000 })
    await appendTo(log)
    await appendTo(log, 2)
    expect(log.head).toBe(2003)
    expect(idsOf(await allOf(log.read(2001)))).toEqual([2001, 2002, 2003])
    expect(await eventAt(log, 1)).toBeUndefined()
  })

  it('names itself by an epoch', () => {
    expect(make().epoch).toMatch(/./)
  })

  it('takes as many appends at once as it says, each on top of the one before', async () => {
    const log = make()
    const batches = range(1, log.appendsMax).map((number) => following(2 * (number - 1), 2))
    const ends: number[] = []
    const under = batches.map(async (batch, index) => {
      await log.append(batch, 2 * index)
      ends.push(index)
    })
    await Promise.all(under)
    expect(ends).toEqual(batches.map((_, index) => index))
    expect(log.head).toBe(2 * log.appendsMax)
    expect(await allOf(log.read(1))).toStrictEqual(batches.flat())
  })

  it('waits for the appends under way when it is closed', async () => {
    const log = make()
    const ended: string[] = []
    const append = log.append(following(0, 10), 0).then(() => ended.push('append'))
    await log.close().then(() => ended.push('close'))
    await append
    expect(ended).toEqual(['append', 'close'])
  })

  it('may be closed twice', async () => {
    const log = make()
    await Promise.all([log.close(), log.close()])
    await log.close()
  })
}

function refuses(make: Make): void {
  it('refuses a stale head, and writes nothing', async () => {
    const log = make()
    const batch = await appendTo(log, 2)
    for (const stale of [0, 1, 3, 1000]) {
      await expect(log.append(following(stale, 2), stale)).rejects.toThrow(StaleHeadError)
    }
    expect(log.head).toBe(2)
    expect(await allOf(log.read(1))).toStrictEqual(batch)
    await appendTo(log)
    expect(log.head).toBe(3)
  })

  it('lands one of two appends that expect the same head, whole', async () => {
    const log = make()
    const [first, second] = [following(0, 2, { by: 'one' }), following(0, 3, { by: 'two' })]
    const ends = await Promise.allSettled([log.append(first, 0), log.append(second, 0)])
    expect(ends).toMatchObject([{ status: 'fulfilled' }, { reason: expect.any(StaleHeadError) }])
    expect(await allOf(log.read(1))).toStrictEqual(first)
  })

  it('lands nothing on top of an append that was refused', async () => {
    const log = make()
    await appendTo(log)
    const ends = await Promise.allSettled([
      log.append(following(7, 2), 7),
      log.append(following(9, 2), 9),
    ])
    const isStale = { reason: expect.any(StaleHeadError) }
    expect(ends).toMatchObject([isStale, isStale])
    expect(idsOf(await allOf(log.read(1)))).toEqual([1])
  })

  it.each([
    ['no events', []],
    ['a gap before it', following(1)],
    ['a gap in it', [recorded({ eventId: 1 }), recorded({ eventId: 3 })]],
    ['events out of order', [recorded({ eventId: 2 }), recorded({ eventId: 1 })]],
  ])('refuses a batch with %s as a fault of the caller', async (_, batch) => {
    const log = make()
    await expect(log.append(batch, 0)).rejects.toThrow(AssertionError)
    expect(log.head).toBe(0)
    expect(await allOf(log.read(1))).toEqual([])
    await appendTo(log)
    expect(log.head).toBe(1)
  })
}

function reads(make: Make): void {
  it('has no event where there is none', async () => {
    const log = make({ firstEventId: 11 })
    expect(await eventAt(log, 11)).toBeUndefined()
    expect(await allOf(log.read(11))).toEqual([])
    await appendTo(log, 3)
    for (const eventId of [0, 1, 10, 14, 1e15, -12, 11.5, 12.999, Number.NaN, Infinity]) {
      expect(await eventAt(log, eventId), `event ${eventId}`).toBeUndefined()
    }
  })

  it('finds each event by its id, whatever batch it came in', async () => {
    const log = make()
    const events = []
    for (const count of [1, 3, 1, 7, 2]) events.push(...(await appendTo(log, count)))
    for (const event of events) expect(await eventAt(log, event.eventId)).toStrictEqual(event)
  })

  it('reads from any place up to the head', async () => {
    const log = make({ firstEventId: 11 })
    for (const count of [2, 5, 1]) await appendTo(log, count)
    for (const from of [-3, 0, 1, 10, 11, 12, 13, 15, 17, 18, 19, 20, 1e15]) {
      const ids = idsOf(await allOf(log.read(from)))
      expect(ids, `from ${from}`).toEqual(range(Math.max(from, 11), 18))
    }
    expect(idsOf(await allOf(log.read(16.5)))).toEqual([17, 18])
  })

  it('reads in batches, in order and without gaps', async () => {
    const log = make()
    for (const count of [1, 400, 3, 900, 1, 1, 1500, 2]) await appendTo(log, count)
    const seen: number[] = []
    let batches = 0
    for await (const batch of log.read(1)) {
      expect(batch.length).toBeGreaterThan(0)
      seen.push(...idsOf(batch))
      batches++
    }
    expect(seen).toEqual(range(1, log.head))
    expect(batches).toBeGreaterThan(1)
  })

  it('ends a read at the head as it was at the call', async () => {
    const log = make()
    await appendTo(log, 2)
    const early = log.read(1)
    await appendTo(log, 3)
    expect(idsOf(await allOf(early))).toEqual([1, 2])

    const seen: number[] = []
    for await (const batch of log.read(2)) {
      seen.push(...idsOf(batch))
      await appendTo(log, 2)
    }
    expect(seen).toEqual([2, 3, 4, 5])
  })
}

function keeps(make: Make): void {
  it('keeps a batch of a thousand events', async () => {
    const log = make()
    await appendTo(log)
    const batch = await appendTo(log, 1000)
    expect(await allOf(log.read(2))).toStrictEqual(batch)
    expect(await eventAt(log, 500)).toStrictEqual(batch[498])
  })

  it('keeps big events: a hundred lines, each with a sku of 64 characters', async () => {
    const log = make()
    const lines = range(1, 100).map((quantity) => ({ sku: '件'.repeat(64), quantity }))
    const batch = await appendTo(log, 200, { data: { lines } })
    expect(await allOf(log.read(1))).toStrictEqual(batch)
  })

  it.each([
    ['lone surrogates', 'a\ud800b\udc00'],
    ['emoji', '👩‍👩‍👧‍👦🏳️‍🌈'],
    ['right-to-left marks', '\u200fעברית\u202e\u2066abc\u2069'],
    ['control characters', '\0\b\n\u0085\u2028\u2029\ufeff\uffff'],
    ['decomposed letters', 'e\u0301 ≠ é'],
  ])('keeps strings with %s as they are', async (_, text) => {
    const log = make()
    const [event] = await appendTo(log, 1, { data: { [text]: [text, { text }] } })
    expect(await eventAt(log, 1)).toStrictEqual(event)
  })

  it('keeps who did it, and the hash of the command', async () => {
    const log = make()
    const commandHash = '00ff'.repeat(8)
    for (const by of [null, '', 'bob', 'Zoë 🦊 \u202eלילה']) {
      const [event] = await appendTo(log, 1, { by, commandId: 'c'.repeat(64), commandHash })
      expect(await eventAt(log, log.head)).toStrictEqual(event)
    }
  })

  it('keeps a key named __proto__', async () => {
    const log = make()
    const data = JSON.parse('{"__proto__":{"admin":true},"constructor":1}')
    await appendTo(log, 1, { data })
    const event = await eventAt(log, 1)
    expect(JSON.stringify(event?.data)).toBe(JSON.stringify(data))
    expect(Object.getPrototypeOf(event?.data)).toBe(Object.prototype)
  })

  it('gives back exactly what was appended', async () => {
    const log = make()
    const property = fc.asyncProperty(fc.array(anyParts, { minLength: 1 }), async (parts) => {
      const head = log.head
      const batch = parts.map((part, index) => ({ ...part, eventId: head + 1 + index }))
      await log.append(batch, head)
      expect(await allOf(log.read(head + 1))).toStrictEqual(batch)
      expect(await eventAt(log, log.head)).toStrictEqual(batch.at(-1))
    })
    await fc.assert(property)
  })
}
