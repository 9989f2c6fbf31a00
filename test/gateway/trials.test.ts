/** `order.try`: what a command would lead to, now and in the past, with nothing recorded. */
import { describe, expect, it } from 'vitest'
import { MemoryLog, openEngine } from '../../src/index.ts'
import { systemRuntime } from '../../src/runtime.ts'
import { bob } from '../support/orders.ts'
import type { RpcClient } from '../support/rpc.ts'
import { connect } from '../support/rpc.ts'
import { order, serve } from './serve.ts'
import { identityOf, wholeGateway } from './whole.ts'

const now = 1_795_000_000_000

/** Bob's order on events 2001 (new), 2003 (6 instead of 5) and 2004 (paid); another one on 2002. */
async function served() {
  const { engine, client } = await serve({
    log: new MemoryLog({ firstEventId: 2001 }),
    runtime: { ...systemRuntime, now: () => now },
  })
  await client.call('order.new', { ...bob.new, commandId: 'buy-1' })
  await client.call('order.new', order('another'))
  await client.call('order.modify', bob.modify)
  await client.call('order.pay', bob.pay)
  return { engine, client }
}

const tried = (client: RpcClient, method: string, params: object, eventId?: number) =>
  client.call('order.try', { method, params, ...(eventId !== undefined && { eventId }) })

describe('a command that is tried', () => {
  it('gives the event and the view that it would lead to now', async () => {
    const { client } = await served()
    const { result } = await tried(client, 'order.ship', { orderId: 'bob-1', commandId: 'c' })
    expect(result.event).toStrictEqual({
      eventId: 2005,
      type: 'OrderShippedEvent',
      orderId: 'bob-1',
      version: 4,
      previousEventId: 2004,
      recordedAt: now,
      by: null,
      commandId: 'c',
      schema: 1,
      data: { trackingId: null },
    })
    expect(result.view).toMatchObject({ status: 'shipped', version: 4, can: ['order.deliver'] })
  })

  it('is what the command then leads to, when it is sent', async () => {
    const { client } = await served()
    for (const [method, params] of [
      ['order.ship', { orderId: 'bob-1' }],
      ['order.deliver', { orderId: 'bob-1' }],
      ['order.refund', { orderId: 'bob-1', refundId: 'r', amount: 6000 }],
      ['order.new', order('a-third')],
    ] as const) {
      const { result: would } = await tried(client, method, params)
      const { result: receipt } = await client.call(method, params)
      const { orderId } = params
      expect(would.event).toMatchObject({ eventId: receipt.eventId, version: receipt.version })
      expect(would.view).toStrictEqual((await client.call('order.get', { orderId })).result)
      const { events } = (await client.call('order.history', { orderId })).result
      expect(would.event).toStrictEqual(events.at(-1))
    }
  })

  it('gives what it would have led to on the order as it was', async () => {
    const { client } = await served()
    const pay = { orderId: 'bob-1', paymentId: 'p', amount: 5000 }
    const { result } = await tried(client, 'order.pay', pay, 2001)
    expect(result.event).toMatchObject({ eventId: 2002, version: 2, previousEventId: 2001 })
    expect(result.view).toMatchObject({ status: 'paid', total: 5000, paid: 5000 })
    // By then the order cost more.
    const later = await tried(client, 'order.pay', pay, 2003)
    expect(later.result.view).toMatchObject({ status: 'partiallyPaid', total: 6000, version: 3 })
  })

  it('is refused as it would be when it is sent, with the guard that says no', async () => {
    const { client } = await served()
    const over = { orderId: 'bob-1', paymentId: 'p', amount: 1 }
    const { error } = await tried(client, 'order.pay', over)
    const { guards, ...data } = error!.data
    expect({ ...error, data }).toStrictEqual((await client.call('order.pay', over)).error)
    expect(guards).toHaveLength(3)
    expect(error).toMatchObject({ code: 2006, data: { guard: 'paymentIsWithinBalance' } })
    const early = await tried(client, 'order.ship', { orderId: 'bob-1' }, 2003)
    expect(early.error).toMatchObject({ code: 2004, data: { guard: 'isPaid' } })
  })

  it.each([
    ['an order that is there', 'order.new', order('bob-1'), undefined, 2002],
    ['one that is not', 'order.ship', { orderId: 'nobody' }, undefined, 2001],
    ['one that was not there yet', 'order.ship', { orderId: 'another' }, 2001, 2001],
    ['another version', 'order.ship', { orderId: 'bob-1', expectedVersion: 3 }, 2003, 2003],
    [
      'a commandId of another command',
      'order.ship',
      { orderId: 'bob-1', commandId: 'buy-1' },
      undefined,
      2005,
    ],
    ['an event that is not there yet', 'order.ship', { orderId: 'bob-1' }, 2005, 3001],
  ])('is refused for %s', async (_, method, params, eventId, code) => {
    const { client } = await served()
    expect((await tried(client, method, params, eventId)).error).toMatchObject({ code })
  })

  it('gives the recorded event where it had been honoured by then', async () => {
    const { client } = await served()
    const { result } = await tried(client, 'order.new', { ...bob.new, commandId: 'buy-1' })
    expect(result).toMatchObject({ event: { eventId: 2001 }, view: { version: 3, status: 'paid' } })
  })

  it('may be a new order, where there was none of that id', async () => {
    const { client } = await served()
    const { result } = await tried(client, 'order.new', order('another'), 2001)
    expect(result).toMatchObject({ event: { version: 1, previousEventId: null } })
    expect(result.view).toMatchObject({ orderId: 'another', createdAt: now })
  })

  it('records nothing, and no order hears of it', async () => {
    const { engine, client } = await served()
    const ship = { orderId: 'bob-1', commandId: 'c' }
    for (const eventId of [undefined, 2004, 2003]) await tried(client, 'order.ship', ship, eventId)
    await tried(client, 'order.new', order('a-third'))
    expect(engine.eventId).toBe(2004)
    expect(engine.get('a-third')).toBeUndefined()
    expect(engine.get('bob-1')).toMatchObject({ status: 'paid', version: 3 })
    expect((await client.call('order.ship', ship)).result).toMatchObject({ replayed: false })
  })

  it('is read in turn with others where its history is long', async () => {
    const limits = { eventsPerTurnMax: 1, walksMax: 1, walksWaitingMax: 1 }
    const engine = await openEngine({ log: new MemoryLog(), listen: { port: 0 }, limits })
    try {
      const client = await connect(engine.address)
      await client.call('order.new', bob.new)
      await client.call('order.modify', bob.modify)
      const others = await Promise.all([1, 2, 3].map(() => connect(engine.address)))
      const answers = await Promise.all(others.map((other) => tried(other, 'order.pay', bob.pay)))
      const codes = answers.map(({ error }) => error?.code ?? 0)
      expect(codes.filter((code) => code === 0).length).toBeGreaterThan(0)
      expect(codes.filter((code) => code !== 0).every((code) => code === 1005)).toBe(true)
    } finally {
      await engine.close()
    }
  })
})

describe('what is wrong with it', () => {
  it.each([
    [{ method: 'order.get', params: {} }, '/method'],
    [{ method: '__proto__', params: {} }, '/method'],
    [{ method: 'order.ship', params: {} }, '/params/orderId'],
    [{ method: 'order.ship', params: { orderId: 'o', more: 1 } }, '/params/more'],
    [{ method: 'order.ship' }, '/params'],
    [{ method: 'order.ship', params: [] }, '/params'],
    [{ method: 'order.ship', params: { orderId: 'o' }, eventId: -1 }, '/eventId'],
  ])('is told with its path: %j', async (params, path) => {
    const { client } = await serve()
    const { error } = await client.call('order.try', params)
    expect(error).toMatchObject({ code: -32602, data: { faults: [{ path }] } })
  })
})

describe('a customer’s own token', () => {
  it('tries on its own orders alone, and learns of no other', async () => {
    const engine = await wholeGateway()
    const all = engine.connect(identityOf({}))
    for (const [orderId, customerId] of [
      ['o-1', 'bob'],
      ['o-2', 'alice'],
    ]) {
      await engine.call(all, 'order.new', { ...order(orderId!), customerId })
    }
    const bobs = engine.connect(identityOf({ customerId: 'bob', roles: ['read'] }))
    const attempt = async (method: string, params: object) =>
      (await engine.call(bobs, 'order.try', { method, params })).error?.code
    expect(await attempt('order.cancel', { orderId: 'o-1' })).toBeUndefined()
    expect(await attempt('order.cancel', { orderId: 'o-2' })).toBe(2001)
    expect(await attempt('order.cancel', { orderId: 'none' })).toBe(2001)
    expect(await attempt('order.new', order('o-2'))).toBe(1003)
    expect(await attempt('order.new', order('o-3'))).toBe(1003)
    expect(await attempt('order.new', order('bob:3'))).toBeUndefined()
    expect(await attempt('order.new', { ...order('bob:4'), customerId: 'alice' })).toBe(1003)
  })
})
