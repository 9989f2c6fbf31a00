import { describe, expect, it } from 'vitest'
import { MemoryLog } from '../../src/index.ts'
import { systemRuntime } from '../../src/runtime.ts'
import { bob } from '../support/orders.ts'
import { notApplied, order, serve } from './serve.ts'

const now = 1_795_000_000_000
const options = () => ({
  log: new MemoryLog({ firstEventId: 2001 }),
  runtime: { ...systemRuntime, now: () => now },
})

/** Bob's order on events 2001, 2003 and 2004; another one on 2002. */
async function served(limits = {}) {
  const { engine, client } = await serve({ ...options(), limits })
  await client.call('order.new', { ...bob.new, commandId: 'buy-1' })
  await client.call('order.new', order('another'))
  await client.call('order.modify', bob.modify)
  await client.call('order.pay', bob.pay)
  return { engine, client }
}

const event = (eventId: number, version: number, previousEventId: number | null) => ({
  eventId,
  orderId: 'bob-1',
  version,
  previousEventId,
  recordedAt: now,
  by: null,
  commandId: eventId === 2001 ? 'buy-1' : null,
  schema: 1,
})
const { orderId: _, ...placed } = bob.new
const history = [
  { ...event(2001, 1, null), type: 'NewOrderEvent', data: placed },
  { ...event(2003, 2, 2001), type: 'ModifyOrderEvent', data: { lines: bob.modify.lines } },
  {
    ...event(2004, 3, 2003),
    type: 'OrderPaymentEvent',
    data: { paymentId: 'payment-1', amount: 6000 },
  },
]

describe('order.get', () => {
  it('gives the view', async () => {
    const { client } = await served()
    const { result } = await client.call('order.get', { orderId: 'bob-1' })
    expect(result).toStrictEqual({
      orderId: 'bob-1',
      eventId: 2004,
      version: 3,
      state: { open: { payment: 'paid', fulfilment: 'unfulfilled' } },
      status: 'paid',
      customerId: 'bob',
      currency: 'USD',
      lines: [{ sku: 'widget', quantity: 6, unitPrice: 1000 }],
      total: 6000,
      paid: 6000,
      refunded: 0,
      balance: 0,
      createdAt: now,
      updatedAt: now,
      can: ['order.modify', 'order.ship', 'order.cancel'],
    })
  })

  it('refuses an order that is not there', async () => {
    const { client } = await served()
    const { error } = await client.call('order.get', { orderId: 'nobody-1' })
    expect(error).toMatchObject({ code: 2001, data: notApplied('ORDER_NOT_FOUND') })
  })
})

describe('order.list', () => {
  it('gives the orders in pages, in the order in which they were placed', async () => {
    const { client } = await served()
    await client.call('order.new', order('a-third'))
    const ids = async (params: object) => {
      const { result } = await client.call('order.list', params)
      return { ids: result.orders.map((view: any) => view.orderId), next: result.next }
    }
    expect(await ids({})).toEqual({ ids: ['bob-1', 'another', 'a-third'], next: undefined })
    expect(await ids({ limit: 2 })).toEqual({ ids: ['bob-1', 'another'], next: 'another' })
    expect(await ids({ limit: 2, after: 'another' })).toEqual({ ids: ['a-third'], next: undefined })
    expect(await ids({ after: 'nobody-1' })).toEqual({ ids: [], next: undefined })
  })

  it('filters by status and by customer', async () => {
    const { client } = await served()
    await client.call('order.new', { ...order('hers'), customerId: 'alice' })
    const ids = async (params: object) => {
      const { result } = await client.call('order.list', params)
      return result.orders.map((view: any) => view.orderId)
    }
    expect(await ids({ status: 'paid' })).toEqual(['bob-1'])
    expect(await ids({ customerId: 'alice' })).toEqual(['hers'])
    expect(await ids({ customerId: 'bob', status: 'created' })).toEqual(['another'])
    expect(await ids({ status: '__proto__' })).toEqual([])
    expect(await ids({ customerId: 'constructor' })).toEqual([])
  })

  it.each([0, -1, 1.5, 1001, '10', null])('refuses the limit %j', async (limit) => {
    const { client } = await served()
    const { error } = await client.call('order.list', { limit })
    expect(error).toMatchObject({ code: -32602, data: { faults: [{ path: '/limit' }] } })
  })

  it('gives as many as the default where no limit is named', async () => {
    const { client } = await served({ listOrdersDefault: 1 })
    const { result } = await client.call('order.list', {})
    expect(result).toMatchObject({ orders: [{ orderId: 'bob-1' }], next: 'bob-1' })
  })
})

describe('order.history', () => {
  it('gives the events in the form of the wire, without the hash', async () => {
    const { client } = await served()
    const { result } = await client.call('order.history', { orderId: 'bob-1' })
    expect(result).toStrictEqual({ events: history })
  })

  it('refuses an order that is not there', async () => {
    const { client } = await served()
    const { error } = await client.call('order.history', { orderId: 'nobody-1' })
    expect(error).toMatchObject({ code: 2001, data: notApplied('ORDER_NOT_FOUND') })
  })
})

describe('order.at', () => {
  it('gives the order as it was just after an event, its own or another order’s', async () => {
    const { client } = await served()
    const at = async (eventId: number) => {
      const { result } = await client.call('order.at', { orderId: 'bob-1', eventId })
      return [result.version, result.eventId, result.status, result.lines[0].quantity]
    }
    expect(await at(2001)).toEqual([1, 2001, 'created', 5])
    expect(await at(2002)).toEqual([1, 2001, 'created', 5])
    expect(await at(2003)).toEqual([2, 2003, 'created', 6])
    expect(await at(2004)).toEqual([3, 2004, 'paid', 6])
    const now = await client.call('order.get', { orderId: 'bob-1' })
    const then = await client.call('order.at', { orderId: 'bob-1', eventId: 2004 })
    expect(then.result).toStrictEqual(now.result)
  })

  it('refuses an eventId before the first event of the order', async () => {
    const { client } = await served()
    for (const params of [
      { orderId: 'another', eventId: 2001 },
      { orderId: 'bob-1', eventId: 0 },
      { orderId: 'nobody-1', eventId: 2004 },
    ]) {
      const { error } = await client.call('order.at', params)
      expect(error).toMatchObject({ code: 2001, data: notApplied('ORDER_NOT_FOUND') })
    }
  })

  it('refuses an eventId past the head', async () => {
    const { client } = await served()
    const { error } = await client.call('order.at', { orderId: 'bob-1', eventId: 2005 })
    expect(error).toMatchObject({
      code: 3001,
      data: { reason: 'POSITION_AHEAD', retryable: false, outcome: 'not_applied', head: 2004 },
    })
  })
})

describe('events.read', () => {
  it('gives the events from an eventId on, that one included, and the head', async () => {
    const { client } = await served()
    const { result } = await client.call('events.read', { from: 2003 })
    expect(result).toStrictEqual({ events: history.slice(1), head: 2004 })
    const all = await client.call('events.read', { from: 0 })
    expect(all.result.events.map((one: any) => one.eventId)).toEqual([2001, 2002, 2003, 2004])
  })

  it('gives no more than the limit, and no more than is allowed', async () => {
    const { client } = await served({ readEventsMax: 3 })
    const read = async (params: object) => {
      const { result } = await client.call('events.read', params)
      return result.events.map((one: any) => one.eventId)
    }
    expect(await read({ from: 2001, limit: 2 })).toEqual([2001, 2002])
    expect(await read({ from: 2001 })).toEqual([2001, 2002, 2003])
    const { error } = await client.call('events.read', { from: 2001, limit: 4 })
    expect(error).toMatchObject({ code: -32602, data: { faults: [{ path: '/limit' }] } })
  })

  it('gives nothing at the end, and refuses what is past it', async () => {
    const { client } = await served()
    const end = await client.call('events.read', { from: 2005 })
    expect(end.result).toStrictEqual({ events: [], head: 2004 })
    const past = await client.call('events.read', { from: 2006 })
    expect(past.error).toMatchObject({ code: 3001, data: { head: 2004 } })
  })
})
