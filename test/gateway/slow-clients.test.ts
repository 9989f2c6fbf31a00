import { expect, it } from 'vitest'
import { MemoryLog, type RecordedEvent } from '../../src/index.ts'
import { connect } from '../support/rpc.ts'
import { expectServesOn, listening } from './serve.ts'
import { expectUnbroken, merged, told, toldUpTo } from './watch.ts'

/** A log that counts how often it is read. */
class CountingLog extends MemoryLog {
  reads = 0

  override read(from: number): AsyncGenerator<readonly RecordedEvent[]> {
    this.reads++
    return super.read(from)
  }
}

/** An order whose view has about 12 kB. */
const large = (orderId: string) => ({
  orderId,
  currency: 'USD',
  lines: Array.from({ length: 100 }, (_, line) => ({
    sku: `${line}`.padEnd(64, 'x'),
    quantity: 1000,
    unitPrice: 1000,
  })),
})

it('does not read from a socket that does not read its answers, and loses none of them', async () => {
  const log = new CountingLog()
  const engine = await listening({ log, limits: { outboxConflateBytes: 64 * 1024 } })
  for (let number = 0; number < 20; number++) {
    await engine.submit('order.new', large(`o-${number}`))
  }
  log.reads = 0
  const greedy = await connect(engine.address)
  greedy.socket.pause()
  // Each is answered with about 240 kB: 36 MB, if nothing held it back.
  const ids = Array.from({ length: 150 }, (_, index) => `call-${index}`)
  for (const id of ids) {
    greedy.send({ jsonrpc: '2.0', id, method: 'events.read', params: { from: 1, limit: 20 } })
  }
  // All others are served meanwhile. What the kernel holds for a connection is a few MB.
  let before = -1
  while (log.reads > before) {
    before = log.reads
    for (let turn = 0; turn < 5; turn++) await expectServesOn(engine, engine.eventId)
  }
  expect(log.reads).toBeGreaterThan(0)
  expect(log.reads).toBeLessThan(100)

  greedy.socket.resume()
  await greedy.find((message) => 'id' in message && message.id === ids.at(-1))
  expect(greedy.messages.map((message) => 'id' in message && message.id)).toEqual(ids)
  expect(log.reads).toBe(150)
})

it('sends a watcher that does not read fewer, newer views, and others every change', async () => {
  const engine = await listening({
    limits: { outboxConflateBytes: 64 * 1024, batchEventsMax: 100 },
  })
  const orderIds = Array.from({ length: 10 }, (_, number) => `o-${number}`)
  for (const orderId of orderIds) await engine.submit('order.new', large(orderId))
  const [slow, fast] = await Promise.all([connect(engine.address), connect(engine.address)])
  for (const watcher of [slow!, fast!]) await watcher.call('views.subscribe', {})
  await Promise.all([toldUpTo(slow!, 10), toldUpTo(fast!, 10)])

  slow!.socket.pause()
  for (let round = 1; round <= 200; round++) {
    const payments = orderIds.map((orderId) =>
      engine.submit('order.pay', { orderId, paymentId: `p-${round}`, amount: 1 }),
    )
    await Promise.all(payments)
    await toldUpTo(fast!, 10 + round * 10)
  }
  await expectServesOn(engine, 2010)
  slow!.socket.resume()
  const [ofSlow, ofFast] = await Promise.all([toldUpTo(slow!, 2011), toldUpTo(fast!, 2011)])

  for (const messages of [ofSlow, ofFast]) {
    expectUnbroken(messages)
    expect(merged(messages)).toEqual(
      new Map(engine.list().orders.map((view) => [view.orderId, view])),
    )
  }
  const changes = (client: typeof slow) =>
    told(client!)
      .filter(({ method }) => method === 'views.next')
      .flatMap(({ params }) => params.views.map((view) => view.eventId))
  expect(changes(fast)).toEqual(Array.from({ length: 2001 }, (_, index) => 11 + index))
  expect(changes(slow).length).toBeLessThan(2001)
})
