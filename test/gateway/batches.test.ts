import { expect, it } from 'vitest'
import { MemoryLog } from '../../src/log/memory-log.ts'
import { bob } from '../support/orders.ts'
import { type Answer, connect, type RpcClient } from '../support/rpc.ts'
import { ScriptedLog } from '../support/scripted-log.ts'
import { listening, order, serve } from './serve.ts'
import { told, toldUpTo } from './watch.ts'

let lastId = 0

/** A call of a batch. */
const call = (method: string, params: object, id: unknown = `c-${++lastId}`) => ({
  jsonrpc: '2.0',
  id,
  method,
  params,
})

/** Sends a batch, and gives the array that answers it. */
async function batch(client: RpcClient, calls: readonly unknown[]): Promise<readonly Answer[]> {
  const before = client.messages.filter(Array.isArray).length
  client.send(calls)
  await client.find(() => client.messages.filter(Array.isArray).length > before)
  return client.messages.filter(Array.isArray).at(-1) ?? []
}

it('runs the calls in the order of the array, and a read sees the commands before it', async () => {
  const { client } = await serve()
  const get = () => call('order.get', { orderId: 'bob-1' })
  const answers = await batch(client, [
    get(),
    call('order.new', bob.new),
    get(),
    call('order.modify', bob.modify),
    call('order.pay', bob.pay),
    get(),
    call('order.history', { orderId: 'bob-1' }),
    call('order.ship', { orderId: 'bob-1' }),
    get(),
  ])
  const byId = [...answers].sort((a, b) => Number(`${a.id}`.slice(2)) - Number(`${b.id}`.slice(2)))
  expect(byId[0]?.error?.code).toBe(2001)
  const seen = byId.slice(1).map(({ result }) => result.events?.length ?? result.version)
  expect(seen).toEqual([1, 1, 2, 3, 3, 3, 4, 4])
})

it('keeps that order where an order takes long to wake', async () => {
  const log = new MemoryLog()
  const before = await serve({ log })
  await before.client.call('order.new', order('deep'))
  for (let count = 0; count < 20; count++) {
    const pay = { orderId: 'deep', paymentId: `p-${count}`, amount: 1 }
    await before.client.call('order.pay', pay)
  }
  await before.engine.close()
  const { client } = await serve({ log, limits: { eventsPerTurnMax: 1 } })
  const alone = client.call('order.pay', { orderId: 'deep', paymentId: 'alone', amount: 1 })
  expect((await client.call('order.new', order('a'))).result).toMatchObject({ eventId: 22 })
  expect((await alone).result).toMatchObject({ eventId: 23 })
  await client.call('order.new', order('b'))
  const again = await serve({ log: await copyOf(log), limits: { eventsPerTurnMax: 1 } })
  const answers = await batch(again.client, [
    call('order.pay', { orderId: 'deep', paymentId: 'first', amount: 1 }),
    call('order.new', order('c')),
    call('order.pay', { orderId: 'c', paymentId: 'third', amount: 1 }),
  ])
  expect(answers.map(({ result }) => result.eventId).sort()).toEqual([25, 26, 27])
  const ids = answers.map(({ result }) => [result.orderId, result.eventId])
  expect(ids).toEqual(
    expect.arrayContaining([
      ['deep', 25],
      ['c', 26],
      ['c', 27],
    ]),
  )
})

async function copyOf(log: MemoryLog): Promise<MemoryLog> {
  const copy = new MemoryLog()
  for await (const events of log.read(1)) await copy.append(events, copy.head)
  return copy
}

it('shows a read nothing of the commands that come after it', async () => {
  const { client } = await serve()
  await client.call('order.new', bob.new)
  const [read] = await batch(client, [
    call('events.read', { from: 1 }, 'read'),
    call('order.modify', bob.modify),
    call('order.pay', bob.pay),
  ])
  expect(read).toMatchObject({ id: 'read', result: { head: 1, events: [{ eventId: 1 }] } })
})

it('answers invalid parts one by one, and calls without an id not at all', async () => {
  const { client, engine } = await serve()
  const answers = await batch(client, [
    1,
    call('order.new', bob.new, 'new'),
    { jsonrpc: '2.0', method: 'order.new', params: order('unheard') },
    [],
    { jsonrpc: '1.0', id: 'old', method: 'order.get' },
    call('no.such', {}, 'unknown'),
  ])
  expect(answers).toHaveLength(5)
  const codeOf = (id: unknown) =>
    answers.filter((one) => one.id === id).map((one) => one.error?.code)
  expect(codeOf(null)).toEqual([-32600, -32600])
  expect(codeOf('old')).toEqual([-32600])
  expect(codeOf('unknown')).toEqual([-32601])
  expect(codeOf('new')).toEqual([undefined])
  expect(engine.eventId).toBe(1)
})

it('answers a batch of nothing but calls without an id by nothing', async () => {
  const { client, engine } = await serve()
  client.send([{ jsonrpc: '2.0', method: 'order.new', params: bob.new }])
  await client.call('order.list', {})
  expect(client.messages).toHaveLength(1)
  expect(engine.eventId).toBe(0)
})

it('answers an empty batch with one error', async () => {
  const { client } = await serve()
  client.send([])
  expect(await client.find(() => true)).toMatchObject({ id: null, error: { code: -32600 } })
})

it('takes 1000 calls, and refuses 1001 as a whole', async () => {
  const { client, engine } = await serve()
  const calls = Array.from({ length: 1000 }, (_, number) =>
    call('order.new', { orderId: `o-${number}`, currency: 'USD', lines: bob.new.lines }),
  )
  const answers = await batch(client, calls)
  expect(answers.filter((answer) => 'result' in answer)).toHaveLength(1000)
  expect(answers.map(({ id }) => id)).toEqual(calls.map(({ id }) => id))
  client.send([...calls, call('order.list', {})])
  const refused = await client.find<Answer>((message) => 'error' in message)
  expect(refused).toMatchObject({ id: null, error: { code: -32600 } })
  expect(engine.eventId).toBe(1000)
})

it('keeps other notifications back until the array is answered', async () => {
  const log = new ScriptedLog()
  const engine = await listening({ log })
  const client = await connect(engine.address)
  const other = await connect(engine.address)
  await client.call('views.subscribe', {})
  await other.call('views.subscribe', {})
  other.send(call('order.new', order('of-the-other')))
  const ofTheOther = await log.next()
  client.send([
    call('order.new', order('first')),
    call('order.get', { orderId: 'first' }),
    call('order.new', order('second')),
  ])
  const first = await log.next()
  ofTheOther.land()
  first.land()
  const second = await log.next()
  // The other is told of what the batch did while it still runs; its own socket is told nothing.
  await toldUpTo(other, 2)
  await client.call('order.get', { orderId: 'first' })
  expect(client.notifications('views.next')).toEqual([])

  second.land()
  await toldUpTo(client, 3)
  const kinds = (client.messages as any[]).map((one) => (Array.isArray(one) ? 'array' : one.method))
  expect(kinds.indexOf('array')).toBeLessThan(kinds.indexOf('views.next'))
  const views = told(client).flatMap(({ params }) => params.views.map((view) => view.orderId))
  expect(views).toEqual(['of-the-other', 'first', 'second'])
})

it('refuses reads of a batch once its answers are too long, and never a command', async () => {
  const { client } = await serve({ limits: { outboxConflateBytes: 1000, outboxCloseBytes: 5000 } })
  await client.call('order.new', bob.new)
  const answers = await batch(client, [
    ...Array.from({ length: 50 }, () => call('order.get', { orderId: 'bob-1' })),
    call('order.modify', bob.modify, 'modify'),
  ])
  expect(answers).toHaveLength(51)
  const read = answers.filter(({ result }) => result?.status)
  const refused = answers.filter(({ error }) => error)
  expect(read.length).toBeGreaterThan(5)
  expect(refused.length).toBe(50 - read.length)
  expect(refused[0]?.error).toMatchObject({ code: 1005, data: { reason: 'OVERLOADED' } })
  expect(answers.find(({ id }) => id === 'modify')?.result.version).toBe(2)
})
