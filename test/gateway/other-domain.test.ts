/** The whole engine and its gateway with another life than that of an order. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { MemoryLog, openEngine } from '../../src/index.ts'
import { bob } from '../support/orders.ts'
import { parcelDomain } from '../support/parcel.ts'
import { connect } from '../support/rpc.ts'
import { toldUpTo } from './watch.ts'

describe('another domain', () => {
  it('fits into 60 lines', () => {
    const text = readFileSync(join(import.meta.dirname, '../support/parcel.ts'), 'utf8')
    expect(text.trimEnd().split('\n').length).toBeLessThan(60)
  })

  it('is run by the same engine', async () => {
    const log = new MemoryLog()
    const engine = await openEngine({ log, domain: parcelDomain })
    await engine.submit('parcel.send', { orderId: 'p-1', to: 'Bob' })
    await engine.submit('parcel.weigh', { orderId: 'p-1', grams: 200 })
    expect(await engine.submit('parcel.weigh', { orderId: 'p-1', grams: 1 })).toMatchObject({
      refused: 'NOT_ALLOWED',
      details: { guard: 'isNotWeighed' },
    })
    const parcel = engine.get('p-1')
    expect([parcel?.to, parcel?.grams, parcel?.status]).toEqual(['Bob', 200, 'sent'])
    await engine.close()
    const again = await openEngine({ log, domain: parcelDomain })
    expect(again.get('p-1')).toEqual(parcel)
    expect(again.counts()).toMatchObject({ orders: 1, byState: { sent: 1 } })
    await again.close()
  })

  it('is served by the same gateway', async () => {
    const engine = await openEngine({
      log: new MemoryLog(),
      domain: parcelDomain,
      listen: { port: 0 },
    })
    onTestFinished(() => engine.close())
    const client = await connect(engine.address)
    await client.call('views.subscribe', { orderId: 'p-1' })
    const sent = await client.call('parcel.send', { orderId: 'p-1', to: 'Bob' })
    expect(sent.result).toMatchObject({ orderId: 'p-1', version: 1, eventId: 1 })
    await client.call('parcel.weigh', { orderId: 'p-1', grams: 200 })
    const twice = await client.call('parcel.weigh', { orderId: 'p-1', grams: 200 })
    expect(twice.error).toMatchObject({
      code: 2004,
      data: { reason: 'NOT_ALLOWED', guard: 'isNotWeighed', outcome: 'not_applied' },
    })
    expect((await client.call('order.new', bob.new)).error?.code).toBe(-32601)
    expect((await client.call('parcel.weigh', { orderId: 'p-1', grams: 0 })).error).toMatchObject({
      code: -32602,
      data: { faults: [{ path: '/grams' }] },
    })
    await client.call('parcel.arrive', { orderId: 'p-1' })
    const { result } = await client.call('order.history', { orderId: 'p-1' })
    expect(result.events.map(({ type, data }: any) => [type, data])).toEqual([
      ['ParcelSent', { to: 'Bob' }],
      ['ParcelWeighed', { grams: 200 }],
      ['ParcelArrived', {}],
    ])
    expect((await client.call('order.at', { orderId: 'p-1', eventId: 1 })).result.grams).toBe(0)
    expect((await client.call('order.list', { status: 'arrived' })).result.orders).toHaveLength(1)
    await toldUpTo(client, 3)
    const views = client.notifications('views.next').flatMap(({ params }) => params.views)
    expect(views.map(({ status }) => status)).toEqual(['sent', 'sent', 'arrived'])
  })
})
