/**
 * One watcher of a hundred that has stopped reading costs a bounded number of bytes however much
 * changes, the others get every change, and it has what it missed when it reads on.
 */
import { expect, it } from 'vitest'
import type { RecordedEvent, View } from '../../src/index.ts'
import { connect, type RpcClient } from '../support/rpc.ts'
import { large, type Wired, wiredGateway } from './wired.ts'

const larges = 400
const smalls = 20
const rounds = 100
const watchers = 99
/** Views or events of about 40 kB that one notification may hold. */
const perNotification = 5
const limits = {
  outboxConflateBytes: 64 * 1024,
  snapshotViewsMax: perNotification,
  readEventsMax: 50,
  changesKeptMax: 100,
}
/** What may wait in one outbox: up to the limit, and the notification that went over it. */
const bytesMax = limits.outboxConflateBytes + perNotification * 50_000

const smallIds = Array.from({ length: smalls }, (_, number) => `small-${number}`)
const head = larges + smalls

async function withOrders(): Promise<Wired> {
  const engine = await wiredGateway(limits)
  for (let number = 0; number < larges; number++) {
    await engine.submit('order.new', large(`large-${number}`))
  }
  for (const orderId of smallIds) {
    const lines = [{ sku: 'widget', quantity: 1000, unitPrice: 1000 }]
    await engine.submit('order.new', { orderId, currency: 'USD', lines })
  }
  return engine
}

/** Watchers of what comes from now on, and of each the eventIds that it was sent, in order. */
async function watchersOf(
  engine: Wired,
  method: 'views' | 'events',
): Promise<(readonly number[])[]> {
  const opening = Array.from({ length: watchers }, async () => {
    const client = await connect(engine.address)
    const from = { epoch: engine.log.epoch, eventId: head }
    const seen: number[] = []
    await client.call(`${method}.subscribe`, { from })
    client.socket.on('message', (data) => {
      const { params } = JSON.parse(data.toString())
      // A heartbeat has none.
      for (const { eventId } of params[method] ?? []) seen.push(eventId)
      client.messages.length = 0
    })
    return seen
  })
  return Promise.all(opening)
}

/** A watcher of all there is that reads nothing after the answer, and whose connection is full. */
async function stoppedWatcher(
  engine: Wired,
  method: 'views' | 'events',
): Promise<{ stopped: RpcClient; waiting: () => number }> {
  const stopped = await connect(engine.address)
  stopped.socket.once('message', () => stopped.socket.pause())
  const from = method === 'events' ? { from: { epoch: engine.log.epoch, eventId: 0 } } : {}
  await stopped.call(`${method}.subscribe`, from)
  const waiting = () => engine.gateway.counters().outboxBytes
  await engine.until(() => waiting() > limits.outboxConflateBytes)
  return { stopped, waiting }
}

/** Pays each of the small orders once a round; what waits is measured after each round. */
async function change(engine: Wired, waiting: () => number, seen: (readonly number[])[]) {
  const measured: number[] = []
  for (let round = 1; round <= rounds; round++) {
    const paid = smallIds.map((orderId) =>
      engine.submit('order.pay', { orderId, paymentId: `p-${round}`, amount: 1 }),
    )
    await Promise.all(paid)
    await engine.until(() => seen.every((eventIds) => eventIds.at(-1) === head + round * smalls))
    measured.push(waiting())
  }
  return measured
}

const changes = Array.from({ length: rounds * smalls }, (_, index) => head + index + 1)

it('sends 99 watchers every view while one has stopped, and that one the newest later', async () => {
  const engine = await withOrders()
  const { stopped, waiting } = await stoppedWatcher(engine, 'views')
  const seen = await watchersOf(engine, 'views')
  const measured = await change(engine, waiting, seen)

  for (const eventIds of seen) expect(eventIds).toEqual(changes)
  expect(Math.max(...measured)).toBeLessThan(bytesMax)
  // Nothing was given to it since its connection was full.
  expect(new Set(measured).size).toBe(1)
  // Of all that changed, the newest of each order is kept for it.
  expect(engine.gateway.counters().conflations).toBeGreaterThanOrEqual(
    changes.length - smalls - limits.changesKeptMax,
  )

  const views = new Map<string, View>()
  let told = 0
  const isThere = new Promise<void>((resolve) => {
    stopped.socket.on('message', (data) => {
      const { params } = JSON.parse(data.toString())
      for (const view of params?.views ?? []) {
        told++
        const known = views.get(view.orderId)
        if (!known || known.eventId < view.eventId) views.set(view.orderId, view)
      }
      if (params?.last) resolve()
    })
  })
  stopped.socket.resume()
  await isThere
  const { orders } = engine.view.list({ limit: 1000 })
  expect(views).toEqual(new Map(orders.map((view) => [view.orderId, view])))
  // The orders once, those that changed once more, and those that changed between two parts.
  expect(told).toBeLessThan(head + 2 * smalls + limits.changesKeptMax)
  expect(engine.gateway.counters().slowestLag).toBe(0)
})

it('sends 99 watchers every event while one has stopped, and that one all of them later', async () => {
  const engine = await withOrders()
  const { stopped, waiting } = await stoppedWatcher(engine, 'events')
  const seen = await watchersOf(engine, 'events')
  const measured = await change(engine, waiting, seen)

  for (const eventIds of seen) expect(eventIds).toEqual(changes)
  expect(Math.max(...measured)).toBeLessThan(bytesMax)
  expect(new Set(measured).size).toBe(1)
  expect(engine.gateway.counters().slowestLag).toBeGreaterThan(changes.length)

  stopped.socket.resume()
  const last = head + changes.length
  const isLast = (message: any) => message.params?.eventId === last
  await stopped.find(isLast)
  const events: RecordedEvent[] = []
  let cursor = 0
  for (const { params } of stopped.notifications('events.next')) {
    expect(params.previous).toBe(cursor)
    cursor = params.eventId
    events.push(...params.events)
  }
  expect(events.map(({ eventId }) => eventId)).toEqual(
    Array.from({ length: last }, (_, index) => index + 1),
  )
  expect(engine.gateway.counters().slowestLag).toBe(0)
})
