import { expect, it } from 'vitest'
import { bob } from '../support/orders.ts'
import { connect, type RpcClient } from '../support/rpc.ts'
import { ScriptedLog } from '../support/scripted-log.ts'
import { listening, notApplied, order } from './serve.ts'
import { told } from './watch.ts'

const call = (id: string, method: string, params: object) => ({
  jsonrpc: '2.0',
  id,
  method,
  params,
})

/** A round trip on the same socket: whatever was to be sent before has come when it is over. */
const roundTrip = (client: RpcClient) => client.call('subscription.cancel', { subscription: 99 })

const answered = (client: RpcClient, id: string) =>
  client.messages.some((message) => 'id' in message && message.id === id)

it('gives a receipt only after the flush, and shows nothing before it', async () => {
  const log = new ScriptedLog()
  const engine = await listening({ log })
  const client = await connect(engine.address)
  const watcher = await connect(engine.address)
  await watcher.call('views.subscribe', {})
  client.send(call('new', 'order.new', bob.new))
  const append = await log.next()
  await roundTrip(client)
  await roundTrip(watcher)
  expect(answered(client, 'new')).toBe(false)
  expect((await client.call('order.get', { orderId: 'bob-1' })).error?.code).toBe(2001)
  expect((await client.call('events.read', { from: 1 })).result.events).toEqual([])
  expect(told(watcher).flatMap(({ params }) => params.views)).toEqual([])

  append.land()
  await client.find((message) => 'id' in message && message.id === 'new')
  expect((await client.call('order.get', { orderId: 'bob-1' })).result.version).toBe(1)
  await watcher.find((message) => 'method' in message && message.method === 'views.next')
})

it('keeps refusals and repeated receipts back that rest on what is not flushed', async () => {
  const log = new ScriptedLog()
  const engine = await listening({ log })
  const client = await connect(engine.address)
  client.send(call('new', 'order.new', { ...bob.new, commandId: 'buy-1' }))
  const append = await log.next()
  client.send(call('twice', 'order.new', bob.new))
  client.send(call('again', 'order.new', { ...bob.new, commandId: 'buy-1' }))
  client.send(call('early', 'order.ship', { orderId: 'bob-1' }))
  client.send(call('nobody', 'order.ship', { orderId: 'nobody-1' }))
  await client.find((message) => 'id' in message && message.id === 'nobody')
  await roundTrip(client)
  expect(['new', 'twice', 'again', 'early'].filter((id) => answered(client, id))).toEqual([])

  append.land()
  await client.find((message) => 'id' in message && message.id === 'early')
  const errors = client.messages.flatMap((message) => ('error' in message ? [message] : []))
  const codes = Object.fromEntries(errors.map(({ id, error }) => [id, error?.code]))
  expect(codes).toEqual({ nobody: 2001, twice: 2002, early: 2004 })
  const again = client.messages.find((message) => 'id' in message && message.id === 'again')
  expect(again).toMatchObject({ result: { eventId: 1, replayed: true } })
})

it('answers what it was asked when it closes, and then says goodbye', async () => {
  const log = new ScriptedLog()
  const engine = await listening({ log })
  const client = await connect(engine.address)
  const batching = await connect(engine.address)
  client.send(call('single', 'order.new', bob.new))
  const first = await log.next()
  batching.send([call('a', 'order.new', order('a')), call('get', 'order.get', { orderId: 'a' })])
  const second = await log.next()

  const closed = engine.close()
  const refused = await client.call('order.new', order('too-late'))
  expect(refused.error).toMatchObject({ code: 1007, data: notApplied('STOPPING', true) })
  expect(answered(client, 'single')).toBe(false)
  first.land()
  second.land()
  expect(await client.closed).toEqual({ code: 4200, reason: 'shutting down' })
  expect(await batching.closed).toEqual({ code: 4200, reason: 'shutting down' })
  await closed
  expect(answered(client, 'single')).toBe(true)
  expect(batching.messages).toEqual([
    [
      expect.objectContaining({ id: 'a', result: expect.objectContaining({ version: 1 }) }),
      expect.objectContaining({ id: 'get', result: expect.objectContaining({ orderId: 'a' }) }),
    ],
    { jsonrpc: '2.0', method: 'session.shutdown', params: { drainMs: 5000 } },
  ])
})
