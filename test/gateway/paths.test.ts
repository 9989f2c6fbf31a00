/** The way of an order through its chart, and what the guards on it say. */
import { describe, expect, it } from 'vitest'
import { MemoryLog, openEngine } from '../../src/index.ts'
import { bob } from '../support/orders.ts'
import { parcelDomain } from '../support/parcel.ts'
import { connect } from '../support/rpc.ts'
import { order, serve } from './serve.ts'

const payment = 'open.payment|OrderPaymentEvent|0'
const modify = 'open.fulfilment.unfulfilled|ModifyOrderEvent|0'

/** Bob's order on events 2001 (new), 2003 (6 instead of 5) and 2004 (paid); another one on 2002. */
async function served(limits = {}) {
  const served = await serve({ log: new MemoryLog({ firstEventId: 2001 }), limits })
  await served.client.call('order.new', bob.new)
  await served.client.call('order.new', order('another'))
  await served.client.call('order.modify', bob.modify)
  await served.client.call('order.pay', bob.pay)
  return served
}

describe('order.path', () => {
  it('names the edges that each event took, and those that followed by themselves, in order', async () => {
    const { client, engine } = await served()
    await client.call('order.ship', { orderId: 'bob-1' })
    await client.call('order.deliver', { orderId: 'bob-1' })
    const { result } = await client.call('order.path', { orderId: 'bob-1' })
    expect(result.steps).toEqual([
      { eventId: 2001, edges: ['unplaced|NewOrderEvent|0'] },
      { eventId: 2003, edges: [modify] },
      { eventId: 2004, edges: [payment, 'open.payment.unpaid||0'] },
      { eventId: 2005, edges: ['open.fulfilment.unfulfilled|OrderShippedEvent|0'] },
      {
        eventId: 2006,
        edges: ['open.fulfilment.shipped|OrderDeliveredEvent|0', 'open.fulfilment.delivered||0'],
      },
    ])
    const { port } = engine.address!
    const chart: any = await (await fetch(`http://127.0.0.1:${port}/chart.json`)).json()
    const known = chart.edges.map(({ id }: { id: string }) => id)
    for (const { edges } of result.steps) for (const edge of edges) expect(known).toContain(edge)
  })

  it('goes on from an event', async () => {
    const { client } = await served()
    const { result } = await client.call('order.path', { orderId: 'bob-1', from: 2004 })
    expect(result.steps.map(({ eventId }: any) => eventId)).toEqual([2004])
    expect((await client.call('order.path', { orderId: 'bob-1', from: 9000 })).result).toEqual({
      steps: [],
    })
  })

  it('is refused for an order that is not there, and for one that is too long', async () => {
    const { client } = await served({ historyEventsMax: 2 })
    expect((await client.call('order.path', { orderId: 'nobody' })).error?.code).toBe(2001)
    expect((await client.call('order.path', { orderId: 'bob-1' })).error?.code).toBe(3003)
  })
})

describe('order.try', () => {
  const tried = (client: any, method: string, params: object, eventId?: number) =>
    client.call('order.try', { method, params, eventId })

  it('names the edges that would be taken, and what the guards on them say', async () => {
    const { client } = await served()
    const pay = { orderId: 'bob-1', paymentId: 'p-2', amount: 6000 }
    const { result } = await tried(client, 'order.pay', pay, 2003)
    expect(result.edges).toEqual([payment, 'open.payment.unpaid||0'])
    expect(result.guards).toEqual([
      { edge: payment, guard: 'paymentIdIsNew', verdict: true },
      { edge: payment, guard: 'paymentIsWithinBalance', verdict: true },
      { edge: payment, guard: 'paidIsSafe', verdict: true },
    ])
  })

  it('says of a refused command what each guard says, not the first no alone', async () => {
    const { client } = await served()
    const again = { orderId: 'bob-1', paymentId: bob.pay.paymentId, amount: 1 }
    const { error } = await tried(client, 'order.pay', again)
    expect(error?.data.guards).toEqual([
      { edge: payment, guard: 'paymentIdIsNew', verdict: false },
      { edge: payment, guard: 'paymentIsWithinBalance', verdict: false },
      { edge: payment, guard: 'paidIsSafe', verdict: true },
    ])
    const ship = await tried(client, 'order.ship', { orderId: 'bob-1' }, 2003)
    expect(ship.error.data.guards).toEqual([
      { edge: 'open.fulfilment.unfulfilled|OrderShippedEvent|0', guard: 'isPaid', verdict: false },
    ])
  })

  it('has no guards to tell of where the state has no way for the event', async () => {
    const { client } = await served()
    const { error } = await tried(client, 'order.deliver', { orderId: 'bob-1' })
    expect(error.data.guards).toEqual([])
  })
})

describe('any other domain', () => {
  it('has its paths and guards told, too', async () => {
    const log = new MemoryLog()
    const engine = await openEngine({ log, domain: parcelDomain, listen: { port: 0 } })
    try {
      const client = await connect(engine.address)
      await client.call('parcel.send', { orderId: 'p-1', to: 'Bob' })
      await client.call('parcel.weigh', { orderId: 'p-1', grams: 200 })
      const { result } = await client.call('order.path', { orderId: 'p-1' })
      expect(result.steps).toEqual([
        { eventId: 1, edges: ['packed|ParcelSent|0'] },
        { eventId: 2, edges: ['sent|ParcelWeighed|0'] },
      ])
      const params = { orderId: 'p-1', grams: 1 }
      const { error } = await client.call('order.try', { method: 'parcel.weigh', params })
      expect(error?.data.guards).toEqual([
        { edge: 'sent|ParcelWeighed|0', guard: 'isNotWeighed', verdict: false },
      ])
    } finally {
      await engine.close()
    }
  })
})
