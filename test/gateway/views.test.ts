import { expect, it } from 'vitest'
import { MemoryLog } from '../../src/index.ts'
import { bob } from '../support/orders.ts'
import { connect } from '../support/rpc.ts'
import { listening, notApplied, order, serve } from './serve.ts'
import { expectUnbroken, merged, told, toldUpTo } from './watch.ts'

it('gives a snapshot in parts, then each change', async () => {
  const { client, engine } = await serve({
    log: new MemoryLog({ epoch: 'this-log' }),
    limits: { snapshotViewsMax: 2 },
  })
  for (let number = 1; number <= 5; number++) await client.call('order.new', order(`o-${number}`))
  const { result } = await client.call('views.subscribe', {})
  expect(result).toStrictEqual({
    subscription: 1,
    epoch: 'this-log',
    recovered: false,
    reason: 'no cursor given',
  })
  const snapshot = await toldUpTo(client, 5)
  expect(snapshot.map(({ params: { part, last, eventId } }) => ({ part, last, eventId }))).toEqual([
    { part: 1, last: false, eventId: 5 },
    { part: 2, last: false, eventId: 5 },
    { part: 3, last: true, eventId: 5 },
  ])
  expect(snapshot.flatMap(({ params }) => params.views)).toEqual(engine.list().orders)

  await client.call('order.cancel', { orderId: 'o-2' })
  await client.call('order.new', order('o-6'))
  const changes = (await toldUpTo(client, 7)).slice(3)
  expect(changes).toEqual([
    {
      jsonrpc: '2.0',
      method: 'views.next',
      params: { subscription: 1, eventId: 6, previous: 5, views: [engine.get('o-2')] },
    },
    {
      jsonrpc: '2.0',
      method: 'views.next',
      params: { subscription: 1, eventId: 7, previous: 6, views: [engine.get('o-6')] },
    },
  ])
})

it('gives an empty snapshot where there is nothing, then the first order', async () => {
  const { client } = await serve()
  await client.call('views.subscribe', {})
  await client.call('order.new', bob.new)
  const messages = await toldUpTo(client, 1)
  expect(messages[0]?.params).toMatchObject({ part: 1, last: true, eventId: 0, views: [] })
  expectUnbroken(messages)
})

it('tells a watcher of one order of that order alone', async () => {
  const { client, engine } = await serve()
  await client.call('order.new', bob.new)
  await client.call('order.new', order('another'))
  await client.call('views.subscribe', { orderId: 'bob-1' })
  await client.call('order.cancel', { orderId: 'another' })
  await client.call('order.modify', bob.modify)
  const messages = await toldUpTo(client, 4)
  expect(messages.map(({ params }) => [params.eventId, params.views.length])).toEqual([
    [2, 1],
    [4, 1],
  ])
  expect(messages[1]?.params).toMatchObject({ previous: 2, views: [engine.get('bob-1')] })
})

it('tells of an order that is not there yet once it is', async () => {
  const { client } = await serve()
  await client.call('views.subscribe', { orderId: 'bob-1' })
  await client.call('order.new', order('another'))
  await client.call('order.new', bob.new)
  const [snapshot, next] = await toldUpTo(client, 2)
  expect(snapshot?.params).toMatchObject({ last: true, views: [] })
  expect(next?.params.views.map((view) => view.orderId)).toEqual(['bob-1'])
})

it('gives every change of an order to a watcher that keeps up, also of one commit', async () => {
  const { client, engine } = await serve()
  const watcher = await connect(engine.address)
  await watcher.call('views.subscribe', {})
  const amounts = Array.from({ length: 100 }, (_, index) => index + 1)
  client.send([
    { jsonrpc: '2.0', id: 'new', method: 'order.new', params: bob.new },
    ...amounts.map((amount) => ({
      jsonrpc: '2.0',
      id: amount,
      method: 'order.pay',
      params: { orderId: 'bob-1', paymentId: `payment-${amount}`, amount: 1 },
    })),
  ])
  const messages = await toldUpTo(watcher, 101)
  const versions = messages.flatMap(({ params }) => params.views.map((view) => view.version))
  expect(versions).toEqual(Array.from({ length: 101 }, (_, index) => index + 1))
  expectUnbroken(messages)
})

it('joins the snapshot and what is live without a gap, while commands stream in', async () => {
  const engine = await listening({ limits: { snapshotViewsMax: 2 } })
  const [writer, all, one] = await Promise.all([
    connect(engine.address),
    connect(engine.address),
    connect(engine.address),
  ])
  const answers: Promise<unknown>[] = []
  const write = (from: number, to: number) => {
    for (let number = from; number < to; number++) {
      const orderId = `o-${number % 60}`
      const method = number < 60 ? 'order.new' : 'order.pay'
      const pay = { orderId, paymentId: `p-${number}`, amount: 1 }
      answers.push(writer!.call(method, number < 60 ? order(orderId) : pay))
    }
  }
  write(0, 300)
  await answers[100]
  all!.send({ jsonrpc: '2.0', id: 's', method: 'views.subscribe' })
  one!.send({ jsonrpc: '2.0', id: 's', method: 'views.subscribe', params: { orderId: 'o-7' } })
  write(300, 600)
  await all!.find(() => told(all!).length >= 3)
  write(600, 900)
  await Promise.all(answers)
  await writer!.call('order.pay', { orderId: 'o-7', paymentId: 'the last', amount: 1 })
  await writer!.call('order.pay', { orderId: 'o-7', paymentId: 'the-last', amount: 1 })
  expect(engine.eventId).toBe(901)

  const ofAll = await toldUpTo(all!, 901)
  expectUnbroken(ofAll)
  expect(ofAll.filter(({ method }) => method === 'views.snapshot')).toHaveLength(30)
  expect(merged(ofAll)).toEqual(
    new Map(engine.list().orders.map((view) => [view.orderId, view] as const)),
  )
  const ofOne = await toldUpTo(one!, 901)
  expectUnbroken(ofOne)
  expect(merged(ofOne)).toEqual(new Map([['o-7', engine.get('o-7')]]))
})

it('ends a snapshot that orders are placed during: they come as changes', async () => {
  const { client, engine } = await serve({ limits: { snapshotViewsMax: 1 } })
  for (let number = 0; number < 3; number++) await client.call('order.new', order(`old-${number}`))
  const answers = Array.from({ length: 300 }, (_, number) =>
    client.call('order.new', order(`new-${number}`)),
  )
  const watcher = await connect(engine.address)
  await watcher.call('views.subscribe', {})
  const during = Array.from({ length: 300 }, (_, number) =>
    client.call('order.new', order(`later-${number}`)),
  )
  await Promise.all([...answers, ...during])
  const messages = await toldUpTo(watcher, 603)
  expectUnbroken(messages)
  expect(merged(messages).size).toBe(603)
  const parts = messages.filter(({ method }) => method === 'views.snapshot')
  const ofTheStart = parts[0]!.params.eventId
  expect(parts).toHaveLength(ofTheStart)
})

it('gives the receipt before the view that it caused, on the socket that sent the command', async () => {
  const { client } = await serve()
  await client.call('views.subscribe', {})
  await Promise.all(
    Array.from({ length: 200 }, (_, number) => client.call('order.new', order(`o-${number}`))),
  )
  await toldUpTo(client, 200)
  const receipts = new Set<number>()
  for (const message of client.messages as any[]) {
    if (message.result?.eventId) receipts.add(message.result.eventId)
    if (message.method !== 'views.next') continue
    for (const view of message.params.views) expect(receipts).toContain(view.eventId)
  }
  expect(receipts.size).toBe(200)
})

it('ends a subscription, and tells it nothing more', async () => {
  const { client } = await serve()
  await client.call('views.subscribe', {})
  await client.call('views.subscribe', {})
  const cancelled = await client.call('subscription.cancel', { subscription: 1 })
  expect(cancelled.result).toStrictEqual({ cancelled: true })
  await client.call('order.new', bob.new)
  await toldUpTo(client, 1, 2)
  expect(told(client, 1).filter(({ method }) => method === 'views.next')).toEqual([])
  const again = await client.call('subscription.cancel', { subscription: 1 })
  expect(again.result).toStrictEqual({ cancelled: false })
})

it('numbers subscriptions from 1 on each socket, and refuses one too many', async () => {
  const { client, engine } = await serve({ limits: { subscriptionsMax: 2 } })
  const subscribe = async () => (await client.call('views.subscribe', {})).result?.subscription
  expect([await subscribe(), await subscribe()]).toEqual([1, 2])
  const { error } = await client.call('views.subscribe', {})
  expect(error).toMatchObject({ code: 1005, data: notApplied('OVERLOADED', true) })
  await client.call('subscription.cancel', { subscription: 1 })
  expect(await subscribe()).toBe(3)
  const other = await connect(engine.address)
  expect((await other.call('views.subscribe', {})).result.subscription).toBe(1)
})

it('sends watchers of the same the same', async () => {
  const { client, engine } = await serve()
  const watchers = await Promise.all([connect(engine.address), connect(engine.address)])
  for (const watcher of watchers) await watcher.call('views.subscribe', {})
  await client.call('order.new', bob.new)
  await client.call('order.pay', { ...bob.pay, amount: 1 })
  const [first, second] = await Promise.all(watchers.map((watcher) => toldUpTo(watcher, 2)))
  expect(first).toHaveLength(3)
  expect(second).toEqual(first)
})
