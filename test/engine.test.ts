import { describe, expect, it, onTestFinished } from 'vitest'
import type { ActorRef, InspectionEvent } from 'xstate'
import {
  type Engine,
  type EngineOptions,
  InvalidParamsError,
  MemoryLog,
  type OrderView,
  openEngine,
  PositionAheadError,
  type Receipt,
  type RecordedEvent,
  type Refusal,
  UnknownMethodError,
} from '../src/index.ts'
import { systemRuntime } from '../src/runtime.ts'
import { bob } from './support/orders.ts'

async function open(options: EngineOptions = {}): Promise<Engine> {
  const engine = await openEngine({ log: new MemoryLog({ firstEventId: 2001 }), ...options })
  onTestFinished(() => engine.close())
  return engine
}

/** An engine with Bob's order in it, bought, changed and paid. */
async function withBob(options: EngineOptions = {}): Promise<Engine> {
  const engine = await open(options)
  await engine.submit('order.new', bob.new)
  await engine.submit('order.modify', bob.modify)
  await engine.submit('order.pay', bob.pay)
  return engine
}

async function eventsOf(engine: Engine, from?: number): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = []
  for await (const batch of engine.events(from)) events.push(...batch)
  return events
}

describe('submit', () => {
  it('gives a receipt once the order can be read', async () => {
    const engine = await open()
    const outcome = await engine.submit('order.new', bob.new)
    expect(outcome).toEqual({
      orderId: 'bob-1',
      version: 1,
      eventId: 2001,
      recordedAt: expect.any(Number),
      replayed: false,
    } satisfies Record<keyof Receipt, unknown>)
    expect(engine.get('bob-1')).toMatchObject({ version: 1, status: 'created' })
    expect(engine.eventId).toBe(2001)
  })

  it('goes by eventIds where the clock is set back', async () => {
    const log = new MemoryLog({ firstEventId: 2001 })
    const times = [5000, 4000, 4000]
    const runtime = { ...systemRuntime, now: () => times.shift() ?? 1000 }
    const engine = await withBob({ log, runtime })
    const events = await eventsOf(engine)
    expect(events.map(({ recordedAt }) => recordedAt)).toEqual([5000, 4000, 4000])
    expect(events.map(({ eventId }) => eventId)).toEqual([2001, 2002, 2003])
    const view = engine.get('bob-1')
    expect(view).toMatchObject({ version: 3, createdAt: 5000, updatedAt: 4000 })
    const again = await open({ log, runtime })
    expect(again.get('bob-1')).toEqual(view)
  })

  it('gives a refusal as a value, and records nothing', async () => {
    const engine = await open()
    const outcome = (await engine.submit('order.ship', { orderId: 'bob-1' })) as Refusal
    expect(outcome).toMatchObject({ refused: 'ORDER_NOT_FOUND', message: expect.any(String) })
    expect(await eventsOf(engine)).toEqual([])
  })

  it('records who asked, and honours a commandId once', async () => {
    const engine = await open()
    const params = { ...bob.new, commandId: 'buy-1', expectedVersion: 0 }
    const first = await engine.submit('order.new', params, { by: 'bob' })
    expect(await engine.submit('order.new', params)).toEqual({ ...first, replayed: true })
    expect(await eventsOf(engine)).toMatchObject([{ by: 'bob', commandId: 'buy-1' }])
  })

  it('rejects params of no good form, and a method that there is not', async () => {
    const engine = await open()
    const wrong = engine.submit('order.new', { ...bob.new, currency: 'gold' })
    await expect(wrong).rejects.toThrow(InvalidParamsError)
    await expect(wrong).rejects.toMatchObject({ faults: [{ path: '/currency' }] })
    // @ts-expect-error: a method that the domain does not have
    await expect(engine.submit('order.lose', {})).rejects.toThrow(UnknownMethodError)
    // @ts-expect-error: a key that the method does not have
    const unknown = engine.submit('order.deliver', { orderId: 'bob-1', more: 1 })
    await expect(unknown).rejects.toMatchObject({ faults: [{ path: '/more' }] })
    const by = engine.submit('order.new', bob.new, { by: 'x'.repeat(300) })
    await expect(by).rejects.toMatchObject({ faults: [{ path: 'by' }] })
    expect(engine.eventId).toBe(2000)
  })
})

describe('reading', () => {
  it('gives an order, its history, and how it was', async () => {
    const engine = await withBob()
    const view: OrderView | undefined = engine.get('bob-1')
    expect(view).toMatchObject({ status: 'paid', version: 3, balance: 0 })
    const history = await engine.history('bob-1')
    expect(history?.map(({ eventId, type }) => [eventId, type])).toEqual([
      [2001, 'NewOrderEvent'],
      [2002, 'ModifyOrderEvent'],
      [2003, 'OrderPaymentEvent'],
    ])
    expect(await engine.at('bob-1', 2001)).toMatchObject({ version: 1, total: 5000 })
    expect(await engine.at('bob-1', 2003)).toEqual(view)
    expect(await engine.at('bob-1', 2000)).toBeUndefined()
    await expect(engine.at('bob-1', 2004)).rejects.toThrow(PositionAheadError)
    expect(engine.get('nobody-1')).toBeUndefined()
    expect(await engine.history('nobody-1')).toBeUndefined()
    expect(await engine.at('nobody-1', 2001)).toBeUndefined()
  })

  it('gives orders in pages, and counts them', async () => {
    const engine = await withBob({ limits: { listOrdersDefault: 2 } })
    for (const orderId of ['b', 'c']) await engine.submit('order.new', { ...bob.new, orderId })
    const first = engine.list()
    expect(first.orders.map(({ orderId }) => orderId)).toEqual(['bob-1', 'b'])
    expect(engine.list({ after: first.next! })).toMatchObject({ orders: [{ orderId: 'c' }] })
    expect(engine.list({ status: 'paid' }).orders).toEqual([engine.get('bob-1')])
    expect(engine.list({ customerId: 'bob', limit: 9 }).orders).toHaveLength(3)
    expect(engine.counts()).toMatchObject({
      orders: 3,
      byStatus: { paid: 1, created: 2 },
      byState: { 'open.payment.paid': 1, 'open.payment.unpaid': 2 },
    })
    for (const limit of [0, -1, 1.5, Number.NaN]) {
      expect(() => engine.list({ limit })).toThrow(RangeError)
    }
  })

  it('gives events from an eventId on, up to the head', async () => {
    const engine = await withBob()
    const ids = async (from?: number) => (await eventsOf(engine, from)).map((one) => one.eventId)
    expect(await ids()).toEqual([2001, 2002, 2003])
    expect(await ids(2003)).toEqual([2003])
    expect(await ids(2004)).toEqual([])
  })
})

describe('subscribe', () => {
  it('calls back with what has changed after each commit, until it is ended', async () => {
    const engine = await open()
    const seen: string[] = []
    const end = engine.subscribe((views: readonly OrderView[]) => {
      for (const { eventId, status } of views) seen.push(`${eventId} ${status}`)
    })
    await Promise.all([
      engine.submit('order.new', bob.new),
      engine.submit('order.modify', bob.modify),
      engine.submit('order.pay', bob.pay),
    ])
    expect(seen).toEqual(['2001 created', '2002 created', '2003 paid'])
    end()
    await engine.submit('order.ship', { orderId: 'bob-1' })
    expect(seen).toHaveLength(3)
  })

  it('tells each subscription once, whatever is subscribed and ended meanwhile', async () => {
    const engine = await open()
    const told: string[] = []
    const same = () => told.push('same')
    const ends = [engine.subscribe(same), engine.subscribe(same)]
    let endVictim = () => {}
    engine.subscribe((views) => {
      told.push('first')
      ;(views as unknown[]).length = 0
      endVictim()
      if (told.length < 10) engine.subscribe(() => told.push('late'))
    })
    endVictim = engine.subscribe(() => told.push('victim'))
    engine.subscribe((views) => told.push(`last ${views.length}`))
    await engine.submit('order.new', bob.new)
    expect(told).toEqual(['same', 'same', 'first', 'last 1'])
    ends[0]?.()
    ends[0]?.()
    told.length = 0
    await engine.submit('order.modify', bob.modify)
    expect(told).toEqual(['same', 'first', 'last 1', 'late'])
  })

  it('does not stop the writer, nor the other watchers, where one throws', async () => {
    const { thrown, runtime } = catching()
    const engine = await open({ runtime })
    const mine = new Error('mine')
    let told = 0
    engine.subscribe(() => {
      throw mine
    })
    engine.subscribe(() => {
      told++
    })
    await engine.submit('order.new', bob.new)
    expect(await engine.submit('order.modify', bob.modify)).toMatchObject({ version: 2 })
    expect(told).toBe(2)
    await new Promise((turn) => setImmediate(turn))
    expect(thrown).toEqual([mine, mine])
  })
})

/** A runtime that writes down what is thrown outside of the engine. */
function catching() {
  const thrown: unknown[] = []
  const soon = (run: () => void) =>
    systemRuntime.soon(() => {
      try {
        run()
      } catch (error) {
        thrown.push(error)
      }
    })
  return { thrown, runtime: { ...systemRuntime, soon } }
}

it('goes on where inspect throws, and lets the program see it', async () => {
  const { thrown, runtime } = catching()
  const mine = new Error('mine')
  const faults: Error[] = []
  const inspect = () => {
    throw mine
  }
  const engine = await withBob({ runtime, inspect, onFault: (fault) => faults.push(fault) })
  expect(engine.get('bob-1')).toMatchObject({ version: 3, status: 'paid' })
  await new Promise((turn) => setImmediate(turn))
  expect(thrown.length).toBeGreaterThan(2)
  expect(new Set(thrown)).toEqual(new Set([mine]))
  expect(faults).toEqual([])
})

it('passes XState’s inspection of every actor on', async () => {
  const seen: InspectionEvent[] = []
  await withBob({ inspect: (event) => seen.push(event) })
  const ofBob = seen.filter(({ actorRef }) => (actorRef as ActorRef<any, any>).id === 'bob-1')
  expect(ofBob.map(({ type }) => type)).toContain('@xstate.actor')
  const heard = ofBob.flatMap((event) => (event.type === '@xstate.event' ? [event.event.type] : []))
  expect(heard).toEqual(
    expect.arrayContaining(['NewOrderEvent', 'ModifyOrderEvent', 'OrderPaymentEvent']),
  )
})

describe('what cannot be asked', () => {
  it('is said by submit, with what would be right', async () => {
    const engine = await open()
    const submit = (params: unknown, asks?: unknown) =>
      engine.submit('order.new', params as never, asks as never)
    const line = { sku: 'widget', quantity: 5, unitPrice: 1000 }
    for (const [params, asks, path, message] of [
      [bob.new, { by: 5 }, 'by', /must be well-formed text/],
      [bob.new, { by: {} }, 'by', /must be well-formed text/],
      // biome-ignore lint/suspicious/noSparseArray: it is what is tried
      [{ ...bob.new, lines: [, line] }, undefined, '/lines/0', /must be object/],
      [null, undefined, '', /must be object/],
      [undefined, undefined, '', /must be object/],
      ['bob-1', null, '', /must be object/],
    ] as const) {
      const wrong = submit(params, asks)
      await expect(wrong).rejects.toThrow(InvalidParamsError)
      const expected = expect.objectContaining({ path, message: expect.stringMatching(message) })
      await expect(wrong).rejects.toMatchObject({ faults: expect.arrayContaining([expected]) })
    }
    expect(await submit(bob.new, null)).toMatchObject({ version: 1 })
  })

  it('is said by list, at and events', async () => {
    const engine = await withBob()
    for (const query of [null, 5, 'paid']) {
      const list = () => engine.list(query as never)
      expect(list).toThrow(`list takes an object such as { limit: 10 }, and was given ${query}.`)
    }
    expect(engine.list(undefined).orders).toHaveLength(1)
    for (const eventId of [1.5, -1, Number.NaN, Infinity, '2001', null]) {
      const message = `must be an eventId, a whole number from 0 on, and is ${eventId}.`
      await expect(engine.at('bob-1', eventId as never)).rejects.toThrow(
        new RangeError(`eventId ${message}`),
      )
      expect(() => engine.events(eventId as never)).toThrow(new RangeError(`from ${message}`))
    }
    expect(await eventsOf(engine, 5000)).toEqual([])
  })
})

it('records what was checked, whatever becomes of the params meanwhile', async () => {
  const engine = await openEngine({ log: new MemoryLog() })
  const line = { sku: 'widget', quantity: 5, unitPrice: 1000 }
  const params = { orderId: 'copied', currency: 'USD', lines: [line] }
  const answer = engine.submit('order.new', params)
  line.quantity = -7
  expect(await answer).toMatchObject({ version: 1 })
  expect(engine.get('copied')).toMatchObject({ total: 5000 })
  const cyclic: any = { ...params }
  cyclic.lines = [cyclic]
  await expect(engine.submit('order.new', cyclic)).rejects.toThrow('order.new')
  await engine.close()
})
