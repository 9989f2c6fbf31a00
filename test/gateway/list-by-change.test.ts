/** `order.list` by last change: in pages, filtered, and to those who may see it alone. */
import { describe, expect, it } from 'vitest'
import { connect, type RpcClient } from '../support/rpc.ts'
import { order, serve } from './serve.ts'
import { identityOf, wholeGateway } from './whole.ts'

const page = async (client: RpcClient, params: object = {}) => {
  const { result, error } = await client.call('order.list', { sort: 'changed', ...params })
  if (error) throw new Error(JSON.stringify(error))
  const { orders, next } = result
  return { ids: orders.map((view: any) => view.orderId), next, last: orders.at(-1)?.eventId }
}

/** Orders o-0 to o-9 of two customers, placed in that order; then o-3 is paid, and o-1. */
async function served(limits = {}) {
  const { engine, client } = await serve({ limits })
  for (let n = 0; n < 10; n++) {
    await client.call('order.new', {
      ...order(`o-${n}`),
      customerId: n % 2 ? 'alice' : 'bob',
    })
  }
  for (const orderId of ['o-3', 'o-1']) {
    await client.call('order.pay', { orderId, paymentId: 'p', amount: 5000 })
  }
  return { engine, client }
}
const byChange = ['o-1', 'o-3', 'o-9', 'o-8', 'o-7', 'o-6', 'o-5', 'o-4', 'o-2', 'o-0']

describe('a list by last change', () => {
  it('begins with the order that changed last', async () => {
    const { client } = await served()
    expect(await page(client)).toMatchObject({ ids: byChange, next: undefined })
  })

  it('comes in pages, each before the last event of the one before it', async () => {
    const { client } = await served()
    const seen: string[] = []
    let before: number | undefined
    do {
      const { ids, next, last } = await page(client, { limit: 3, ...(before && { before }) })
      expect(ids.length).toBe(seen.length < 9 ? 3 : 1)
      seen.push(...ids)
      before = next && last
    } while (before)
    expect(seen).toEqual(byChange)
  })

  it('leaves an order that changed between two pages to the front', async () => {
    const { client } = await served()
    const first = await page(client, { limit: 3 })
    await client.call('order.pay', { orderId: 'o-6', paymentId: 'p', amount: 1 })
    const rest = await page(client, { before: first.last })
    expect([...first.ids, ...rest.ids]).toEqual(byChange.filter((id) => id !== 'o-6'))
    expect((await page(client, { limit: 1 })).ids).toEqual(['o-6'])
  })

  it('filters by status, by customer and by what the id begins with', async () => {
    const { client } = await served()
    await client.call('order.new', order('x-1'))
    expect((await page(client, { status: 'paid' })).ids).toEqual(['o-1', 'o-3'])
    expect((await page(client, { customerId: 'alice' })).ids).toEqual(
      byChange.filter((id) => Number(id.at(-1)) % 2 === 1),
    )
    const hers = await page(client, { customerId: 'alice', limit: 2 })
    expect(hers).toMatchObject({ ids: ['o-1', 'o-3'], next: 'o-3' })
    expect((await page(client, { idPrefix: 'x-' })).ids).toEqual(['x-1'])
    expect((await page(client, { idPrefix: 'o-3' })).ids).toEqual(['o-3'])
    expect((await page(client, { customerId: 'bob', status: 'paid' })).ids).toEqual([])
  })

  it('is the same where others get their turn after each look', async () => {
    const { client } = await served({ looksPerTurnMax: 1 })
    expect((await page(client)).ids).toEqual(byChange)
    expect((await page(client, { customerId: 'bob' })).ids).toEqual([
      ...['o-8', 'o-6', 'o-4', 'o-2', 'o-0'],
    ])
    expect(await page(client, { status: 'paid', limit: 1 })).toMatchObject({ next: 'o-1' })
  })

  it('is empty where there are no orders, and where none is before the event', async () => {
    const { engine, client } = await serve()
    expect((await page(client)).ids).toEqual([])
    await client.call('order.new', order('o-1'))
    expect((await page(client, { before: 1 })).ids).toEqual([])
    expect((await page(await connect(engine.address), { before: 2 })).ids).toEqual(['o-1'])
  })

  it.each([
    [{ sort: 'placed', before: 4 }, '/before'],
    [{ sort: 'placed', idPrefix: 'o' }, '/idPrefix'],
    [{ sort: 'changed', after: 'o-1' }, '/after'],
    [{ sort: 'total' }, '/sort'],
    [{ sort: 'changed', before: -1 }, '/before'],
    [{ sort: 'changed', idPrefix: '<b>' }, '/idPrefix'],
  ])('refuses %j, and says what is wrong', async (params, path) => {
    const { client } = await serve()
    const { error } = await client.call('order.list', params)
    expect(error).toMatchObject({ code: -32602, data: { faults: [{ path }] } })
  })

  it('holds a customer’s own orders alone, where the token is bound to one', async () => {
    const engine = await wholeGateway()
    const all = engine.connect(identityOf({}))
    for (const [orderId, customerId] of [
      ['o-1', 'bob'],
      ['o-2', 'alice'],
      ['o-3', 'bob'],
    ]) {
      await engine.call(all, 'order.new', { ...order(orderId!), customerId })
    }
    const bob = engine.connect(identityOf({ customerId: 'bob' }))
    const { result } = await engine.call(bob, 'order.list', { sort: 'changed' })
    expect(result.orders.map((view: any) => view.orderId)).toEqual(['o-3', 'o-1'])
    const asked = { sort: 'changed', customerId: 'alice' }
    expect((await engine.call(bob, 'order.list', asked)).error).toMatchObject({ code: 1003 })
  })
})
