/** `order.counts`, and lists of the orders in a state: what a page needs to show the fleet on a chart. */
import { describe, expect, it } from 'vitest'
import { configure } from '../../src/config.ts'
import { Passages } from '../../src/gateway/watch/passages.ts'
import { MemoryLog, openEngine } from '../../src/index.ts'
import { orderDomain } from '../../src/order/index.ts'
import type { RpcClient } from '../support/rpc.ts'
import { order, serve } from './serve.ts'
import { identityOf, wholeGateway } from './whole.ts'

const counts = async (client: RpcClient) => (await client.call('order.counts', {})).result

async function served(limits = {}) {
  const { engine, client } = await serve({ limits })
  for (const orderId of ['o-1', 'o-2', 'o-3']) await client.call('order.new', order(orderId))
  return { engine, client }
}

const pay = (client: RpcClient, orderId: string, amount: number) =>
  client.call('order.pay', { orderId, paymentId: `p-${amount}`, amount })

describe('order.counts', () => {
  it('says how many orders there are, by status and by state', async () => {
    const { client, engine } = await served()
    await pay(client, 'o-1', 5000)
    await pay(client, 'o-2', 1)
    expect(await counts(client)).toEqual({
      eventId: engine.eventId,
      ...engine.counts(),
      edges: {},
    })
    expect(engine.counts().byState).toEqual({
      'open.payment.paid': 1,
      'open.payment.partiallyPaid': 1,
      'open.payment.unpaid': 1,
      'open.fulfilment.unfulfilled': 3,
    })
  })

  it('says how often each edge was passed since the first call', async () => {
    const { client } = await served()
    expect((await counts(client)).edges).toEqual({})
    await pay(client, 'o-1', 5000)
    await pay(client, 'o-2', 1)
    await pay(client, 'o-2', 2)
    await client.call('order.ship', { orderId: 'o-1' })
    await client.call('order.deliver', { orderId: 'o-1' })
    await client.call('order.new', order('o-4'))
    expect((await counts(client)).edges).toEqual({
      'open.payment|OrderPaymentEvent|0': 3,
      'open.payment.unpaid||0': 1,
      'open.payment.unpaid||1': 1,
      'open.fulfilment.unfulfilled|OrderShippedEvent|0': 1,
      'open.fulfilment.shipped|OrderDeliveredEvent|0': 1,
      'open.fulfilment.delivered||0': 1,
      'unplaced|NewOrderEvent|0': 1,
    })
  })

  it('counts a customer’s orders alone to that customer’s token, and no passages', async () => {
    const engine = await wholeGateway({ looksPerTurnMax: 2 })
    const all = engine.connect(identityOf({}))
    for (let n = 0; n < 7; n++) {
      const customerId = n % 3 ? 'bob' : 'alice'
      await engine.call(all, 'order.new', { ...order(`o-${n}`), customerId })
    }
    await engine.call(all, 'order.counts', {})
    await engine.call(all, 'order.cancel', { orderId: 'o-1' })
    const bobs = engine.connect(identityOf({ customerId: 'bob', roles: ['read'] }))
    expect((await engine.call(bobs, 'order.counts', {})).result).toEqual({
      eventId: 8,
      orders: 4,
      byStatus: { created: 3, cancelled: 1 },
      byState: { 'open.payment.unpaid': 3, 'open.fulfilment.unfulfilled': 3, cancelled: 1 },
      edges: {},
    })
    const nobodys = engine.connect(identityOf({ customerId: 'nobody', roles: ['read'] }))
    expect((await engine.call(nobodys, 'order.counts', {})).result).toMatchObject({ orders: 0 })
  })
})

describe('passages', () => {
  it('are counted only for a while after somebody asked', () => {
    let now = 0
    const runtime = { elapsed: () => now } as never
    const config = configure({ passagesMs: 100 })
    const initial = { value: 'unplaced' } as never
    const { machine } = orderDomain
    const passages = new Passages({ machine, initial, config, runtime })
    const tell = () => {
      const view = { state: 'cancelled' }
      const change = { view, before: { state: { open: { fulfilment: 'unfulfilled' } } } }
      passages.tell([{ event: { type: 'OrderCancelledEvent' } }] as never, [change] as never)
    }
    tell()
    expect(passages.counts()).toEqual({})
    tell()
    now = 100
    tell()
    expect(passages.counts()).toEqual({ 'open.fulfilment.unfulfilled|OrderCancelledEvent|0': 2 })
    now = 201
    tell()
    expect(passages.counts()).toEqual({ 'open.fulfilment.unfulfilled|OrderCancelledEvent|0': 2 })
  })
})

describe('a list of the orders in a state', () => {
  it.each([{ sort: 'placed' }, { sort: 'changed' }])(
    'has those in it and inside of it: %j',
    async (sort) => {
      const { client } = await served()
      await pay(client, 'o-2', 5000)
      await pay(client, 'o-3', 1)
      await client.call('order.cancel', { orderId: 'o-3' })
      const list = async (params: object) => {
        const { result } = await client.call('order.list', { ...sort, ...params })
        return result.orders.map(({ orderId }: any) => orderId).sort()
      }
      expect(await list({ state: 'open.payment.paid' })).toEqual(['o-2'])
      expect(await list({ state: 'open.payment' })).toEqual(['o-1', 'o-2'])
      expect(await list({ state: 'open' })).toEqual(['o-1', 'o-2'])
      expect(await list({ state: 'cancelled' })).toEqual(['o-3'])
      expect(await list({ state: 'open', status: 'paid' })).toEqual(['o-2'])
      expect(await list({ state: 'open', customerId: 'bob' })).toEqual(['o-1', 'o-2'])
      expect(await list({ state: 'open', customerId: 'alice' })).toEqual([])
      expect(await list({ state: 'ope' })).toEqual([])
    },
  )

  it.each([1024, 2])(
    'comes in pages, however few are looked at in a turn: %i',
    async (looksPerTurnMax) => {
      const engine = await openEngine({
        ...{ log: new MemoryLog(), listen: { port: 0 }, limits: { looksPerTurnMax } },
      })
      try {
        const { connect } = await import('../support/rpc.ts')
        const client = await connect(engine.address)
        for (let n = 0; n < 9; n++) await client.call('order.new', order(`o-${n}`))
        for (const n of [1, 4, 7]) await client.call('order.cancel', { orderId: `o-${n}` })
        const pages: string[][] = []
        let before: number | undefined
        do {
          const params = { sort: 'changed', state: 'open', limit: 4, ...(before && { before }) }
          const { orders, next } = (await client.call('order.list', params)).result
          pages.push(orders.map(({ orderId }: any) => orderId))
          before = next && orders.at(-1).eventId
        } while (before)
        expect(pages).toEqual([
          ['o-8', 'o-6', 'o-5', 'o-3'],
          ['o-2', 'o-0'],
        ])
      } finally {
        await engine.close()
      }
    },
  )
})
