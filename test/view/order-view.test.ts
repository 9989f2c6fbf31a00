import { describe, expect, it } from 'vitest'
import { OrderHeads } from '../../src/checkpoint/heads.ts'
import { CorruptLogError, PositionAheadError, ReplayError } from '../../src/errors.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'
import { orderDomain } from '../../src/order/index.ts'
import { systemRuntime } from '../../src/runtime.ts'
import { OrderView } from '../../src/view/order-view.ts'
import { rebuild } from '../../src/view/rebuild.ts'
import { delivered, recorded } from '../support/orders.ts'
import { order, sequencerOn } from '../support/sequencer.ts'

const pay = (orderId: string, amount: number) => ({ orderId, paymentId: `p-${amount}`, amount })

async function threeOrders() {
  const made = await sequencerOn({ log: new MemoryLog({ firstEventId: 101 }) })
  await made.submit('order.new', order('a', { customerId: 'ann' })) // 101
  await made.submit('order.new', order('b', { customerId: 'bob' })) // 102
  await made.submit('order.new', order('c', { customerId: 'ann' })) // 103
  await made.submit('order.pay', pay('b', 5000)) // 104
  await made.submit('order.ship', { orderId: 'b' }) // 105
  return made
}

describe('get', () => {
  it('gives the view in the form that clients see', async () => {
    const { view } = await threeOrders()
    expect(view.get('b')).toEqual({
      orderId: 'b',
      eventId: 105,
      version: 3,
      state: { open: { payment: 'paid', fulfilment: 'shipped' } },
      status: 'shipped',
      customerId: 'bob',
      currency: 'USD',
      lines: [{ sku: 'widget', quantity: 5, unitPrice: 1000 }],
      total: 5000,
      paid: 5000,
      refunded: 0,
      balance: 0,
      createdAt: expect.any(Number),
      updatedAt: expect.any(Number),
      can: ['order.deliver'],
    })
  })

  it('keeps the time of the first event, and moves on the time of the last', async () => {
    let now = 1000
    const runtime = { ...systemRuntime, now: () => now }
    const { submit, view } = await sequencerOn({ runtime })
    await submit('order.new', order('a'))
    now = 2000
    await submit('order.pay', pay('a', 1))
    expect(view.get('a')).toMatchObject({ createdAt: 1000, updatedAt: 2000 })
  })

  it('knows no order that was not placed', async () => {
    const { view } = await threeOrders()
    expect(view.get('nobody')).toBeUndefined()
  })

  it('shares one state value among the orders that are in it', async () => {
    const { view } = await threeOrders()
    expect(view.get('a')?.state).toBe(view.get('c')?.state)
  })
})

describe('list', () => {
  const ids = (page: { orders: readonly { orderId: string }[] }) =>
    page.orders.map(({ orderId }) => orderId)

  it('goes through all orders in pages, in the order in which they were placed', async () => {
    const { view } = await threeOrders()
    const first = view.list({ limit: 2 })
    expect(ids(first)).toEqual(['a', 'b'])
    expect(first.next).toBe('b')
    const second = view.list({ limit: 2, after: 'b' })
    expect(ids(second)).toEqual(['c'])
    expect(second).not.toHaveProperty('next')
  })

  it('names no next page where the last order just fits', async () => {
    const { view } = await threeOrders()
    expect(view.list({ limit: 3 })).not.toHaveProperty('next')
  })

  it('filters by status, by customer, and by both', async () => {
    const { view } = await threeOrders()
    expect(ids(view.list({ limit: 9, status: 'created' }))).toEqual(['a', 'c'])
    expect(ids(view.list({ limit: 9, status: 'created', after: 'a' }))).toEqual(['c'])
    expect(ids(view.list({ limit: 9, customerId: 'ann' }))).toEqual(['a', 'c'])
    expect(ids(view.list({ limit: 9, customerId: 'ann', after: 'a' }))).toEqual(['c'])
    expect(ids(view.list({ limit: 9, customerId: 'bob', status: 'shipped' }))).toEqual(['b'])
    expect(ids(view.list({ limit: 9, customerId: 'ann', status: 'shipped' }))).toEqual([])
    expect(ids(view.list({ limit: 9, status: 'no such status' }))).toEqual([])
    expect(ids(view.list({ limit: 9, customerId: 'nobody' }))).toEqual([])
  })

  it('names the next page of a filter only where it holds something', async () => {
    const { view } = await threeOrders()
    expect(view.list({ limit: 1, status: 'created' }).next).toBe('a')
    expect(view.list({ limit: 1, status: 'created', after: 'a' })).not.toHaveProperty('next')
  })

  it('loses no order of a status to a change between two pages', async () => {
    const { view, submit } = await sequencerOn()
    for (let index = 0; index < 100; index++) await submit('order.new', order(`o-${index}`))
    const first = view.list({ limit: 40, status: 'created' })
    await submit('order.cancel', { orderId: 'o-3' })
    await submit('order.cancel', { orderId: 'o-39' })
    const rest = view.list({ limit: 100, status: 'created', after: first.next as string })
    expect(ids(rest)).toEqual(Array.from({ length: 60 }, (_, index) => `o-${index + 40}`))
  })

  it('gives an empty page after an order that does not exist', async () => {
    const { view } = await threeOrders()
    expect(view.list({ limit: 9, after: 'nobody' })).toEqual({ orders: [] })
  })
})

describe('at', () => {
  it('gives the order as it was just after an event, its own or another one', async () => {
    const { view } = await threeOrders()
    expect(await view.at('b', 102)).toMatchObject({ status: 'created', version: 1, eventId: 102 })
    expect(await view.at('b', 103)).toMatchObject({ status: 'created', version: 1, eventId: 102 })
    expect(await view.at('b', 104)).toMatchObject({ status: 'paid', version: 2, eventId: 104 })
    expect(await view.at('b', 105)).toEqual(view.get('b'))
  })

  it('gives nothing before the order was placed', async () => {
    const { view } = await threeOrders()
    expect(await view.at('b', 101)).toBeUndefined()
    expect(await view.at('nobody', 101)).toBeUndefined()
  })

  it('refuses an event that is still to come', async () => {
    const { view } = await threeOrders()
    await expect(view.at('b', 106)).rejects.toThrow(PositionAheadError)
  })
})

describe('counts', () => {
  it('counts orders by status, and by each state that they are in', async () => {
    const { view, submit } = await threeOrders()
    await submit('order.cancel', { orderId: 'c' })
    expect(view.counts()).toEqual({
      orders: 3,
      byStatus: { created: 1, shipped: 1, cancelled: 1 },
      byState: {
        'open.payment.unpaid': 1,
        'open.fulfilment.unfulfilled': 1,
        'open.payment.paid': 1,
        'open.fulfilment.shipped': 1,
        cancelled: 1,
      },
    })
  })
})

describe('history', () => {
  it('gives the events of one order, oldest first', async () => {
    const { view } = await threeOrders()
    const events = await view.history('b')
    expect(events?.map(({ eventId }) => eventId)).toEqual([102, 104, 105])
    expect(await view.history('nobody')).toBeUndefined()
  })
})

describe('rebuilding', () => {
  const rebuilt = async (log: MemoryLog) => {
    const heads = new OrderHeads()
    const view = new OrderView(orderDomain as never, log, heads, systemRuntime)
    const progress: number[] = []
    await rebuild({
      ...{ domain: orderDomain as never, log, heads, view, runtime: systemRuntime },
      onProgress: (step) => progress.push(step.done),
    })
    return { view, progress }
  }

  it('tells how far it has come', async () => {
    const { log } = await threeOrders()
    const { view, progress } = await rebuilt(log as MemoryLog)
    expect(progress).toEqual([5])
    expect(view.eventId).toBe(105)
  })

  it('names the recorded event that the machine does not take', async () => {
    const log = new MemoryLog()
    await log.append([recorded({ eventId: 1, orderId: 'a' })], 0)
    await log.append(
      [recorded({ ...delivered(), eventId: 2, orderId: 'a', version: 2, previousEventId: 1 })],
      1,
    )
    await expect(rebuilt(log)).rejects.toThrow(ReplayError)
    await expect(rebuilt(log)).rejects.toMatchObject({ eventId: 2 })
  })

  it('names the event that follows the wrong one', async () => {
    const log = new MemoryLog()
    await log.append([recorded({ eventId: 1 }), recorded({ eventId: 2, previousEventId: 1 })], 0)
    await expect(rebuilt(log)).rejects.toThrow(CorruptLogError)
    await expect(rebuilt(log)).rejects.toMatchObject({ eventId: 2 })
  })
})
