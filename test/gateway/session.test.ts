import { describe, expect, it } from 'vitest'
import type { Outcome, View } from '../../src/index.ts'
import { bob } from '../support/orders.ts'
import type { FakeSocket } from './fakes.ts'
import { gatewayByHand } from './gateway-by-hand.ts'
import { order } from './serve.ts'
import { expectUnbroken, merged } from './watch.ts'

const receipt = (orderId: string): Outcome => ({
  orderId,
  version: 1,
  eventId: 1,
  recordedAt: 1,
  replayed: false,
})

describe('calls that wait', () => {
  it('stop the reading of their socket, until half of them are answered', async () => {
    const { connect, submitted } = gatewayByHand({ callsPendingMax: 4 })
    const socket = connect()
    for (let id = 1; id <= 3; id++) socket.call(id, 'order.new', order(`o-${id}`))
    expect(socket.isPaused).toBe(false)
    socket.call(4, 'order.new', order('o-4'))
    expect(socket.isPaused).toBe(true)
    // What had been read already is taken all the same.
    socket.call(5, 'order.new', order('o-5'))
    expect(submitted).toHaveLength(5)
    for (const waiting of submitted.slice(0, 3)) waiting.settle(receipt('o'))
    expect(socket.isPaused).toBe(true)
    submitted[3]?.settle(receipt('o'))
    expect(socket.isPaused).toBe(false)
  })

  it('do not let it be read while its bytes hinder it, nor the other way round', async () => {
    const gateway = gatewayByHand({ callsPendingMax: 2, outboxConflateBytes: 100 })
    const socket = gateway.connect()
    for (let id = 1; id <= 3; id++) socket.call(id, 'order.new', order(`o-${id}`))
    gateway.submitted[0]?.settle(receipt('a-long-name-of-an-order-that-fills-the-outbox'))
    await gateway.settle()
    expect(socket.bufferedBytes).toBeGreaterThan(100)
    for (const waiting of gateway.submitted.slice(1)) waiting.settle(receipt('o'))
    expect(socket.isPaused).toBe(true)
    socket.take()
    expect(socket.isPaused).toBe(false)

    for (let id = 4; id <= 6; id++) socket.call(id, 'order.new', order(`o-${id}`))
    await gateway.settle()
    socket.take()
    expect(socket.isPaused).toBe(true)
  })
})

describe('an outbox that is not taken', () => {
  it('stops reading and reads answered: what waits is bounded, and nothing is lost', async () => {
    const gateway = gatewayByHand({ outboxConflateBytes: 2000 })
    gateway.change(...Array.from({ length: 10 }, gateway.placed))
    const socket = gateway.connect()
    for (let id = 1; id <= 100; id++) socket.call(id, 'order.list')
    await gateway.settle()
    const answer = JSON.stringify(socket.sent[0]).length
    expect(answer).toBeGreaterThan(2000)
    expect(socket.isPaused).toBe(true)
    expect(socket.sent).toHaveLength(1)
    expect(gateway.reads()).toBe(1)
    for (let taken = 1; taken <= 100; taken++) {
      expect(socket.bufferedBytes).toBeLessThan(2000 + answer + 1)
      socket.take()
      await gateway.settle()
    }
    expect(socket.sent.map(({ id }) => id)).toEqual(Array.from({ length: 100 }, (_, n) => n + 1))
    expect(socket.isPaused).toBe(false)
  })

  it('keeps every receipt', async () => {
    const gateway = gatewayByHand({ outboxConflateBytes: 100 })
    const socket = gateway.connect()
    for (let id = 1; id <= 50; id++) socket.call(id, 'order.new', order(`o-${id}`))
    for (const waiting of gateway.submitted) waiting.settle(receipt('o'))
    await gateway.settle()
    expect(socket.isPaused).toBe(true)
    socket.take()
    await gateway.settle()
    expect(socket.sent).toHaveLength(50)
  })

  it('is closed with 4101 where receipts fill it, and asked nothing more', async () => {
    const gateway = gatewayByHand({ outboxConflateBytes: 100, outboxCloseBytes: 1000 })
    const socket = gateway.connect()
    socket.call('watch', 'views.subscribe')
    for (let id = 1; id <= 50; id++) socket.call(id, 'order.new', order(`o-${id}`))
    for (const waiting of gateway.submitted) waiting.settle(receipt('o'))
    await gateway.settle()
    expect(socket.closedWith).toBe(4101)
    // Its goodbye may be behind much that it sent: it is read, and not taken.
    expect(socket.isPaused).toBe(false)
    socket.call('late', 'order.new', order('late'))
    expect(gateway.submitted).toHaveLength(50)
    gateway.timers.fire(gateway.config.cutOffMs)
    expect(socket.isCutOff).toBe(true)
    expect(gateway.gateway.counters().sockets).toBe(0)
  })

  it('is not too slow for one answer that is longer than all it may hold', async () => {
    const gateway = gatewayByHand({ outboxConflateBytes: 100, outboxCloseBytes: 200 })
    gateway.change(...Array.from({ length: 10 }, gateway.placed))
    const socket = gateway.connect()
    socket.call(1, 'order.list')
    await gateway.settle()
    expect(socket.bufferedBytes).toBeGreaterThan(200)
    expect(socket.closedWith).toBeUndefined()
  })
})

describe('a watcher that does not read', () => {
  it('is sent nothing more, and then each order once, the newest of it', async () => {
    const gateway = gatewayByHand({ outboxConflateBytes: 10_000, changesKeptMax: 5 })
    const [slow, fast] = [gateway.connect(), gateway.connect()]
    slow.isTaking = true
    fast.isTaking = true
    const orders = [1, 2, 3].map(gateway.placed)
    for (const socket of [slow, fast]) socket.call('w', 'views.subscribe')
    await gateway.settle()
    const before = slow.sent.length
    slow.isTaking = false
    slow.bufferedBytes = 100_000
    gateway.change(...orders)
    await gateway.settle()
    for (let round = 0; round < 10; round++) {
      gateway.change(...orders.map(gateway.paidOnce))
      await gateway.settle()
    }
    expect(slow.sent).toHaveLength(before)
    const versions = (socket: FakeSocket, orderId: string) =>
      socket.sent
        .filter(({ method }) => method === 'views.next')
        .flatMap(({ params }) => params.views)
        .filter((view: View) => view.orderId === orderId)
        .map((view: View) => view.eventId)
    const [first] = orders
    expect(versions(fast, first!.orderId)).toHaveLength(11)
    slow.take()
    await gateway.settle()
    const [next, ...more] = slow.sent.slice(before)
    expect(more).toEqual([])
    expect(next.params.views.map((view: View) => view.eventId)).toEqual(
      [2, 1, 0].map((back) => gateway.lastEventId() - back),
    )
    expect(next.params).toMatchObject({ eventId: gateway.lastEventId() })
    // Its own chain is unbroken: it names what it was sent last.
    expect(next.params.previous).toBe(slow.sent[before - 1].params.eventId)
  })

  it('gets the rest of its snapshot after all that changed before it', async () => {
    const gateway = gatewayByHand({
      outboxConflateBytes: 500,
      batchEventsMax: 4,
      snapshotViewsMax: 1,
    })
    gateway.change(gateway.placed(), gateway.placed())
    const socket = gateway.connect()
    socket.call('w', 'views.subscribe')
    // The first part is all that there is room for; a frame ends with the view that fills it.
    await gateway.settle()
    for (let number = 0; number < 10; number++) gateway.change(gateway.placed())
    socket.isTaking = true
    socket.take()
    await gateway.settle()
    const told = socket.sent.filter(({ method }) => method)
    expect(told.map(({ params }) => params.part ?? params.views.length)).toEqual([
      1, 2, 2, 2, 2, 2, 2,
    ])
    expectUnbroken(told)
    expect(merged(told).size).toBe(12)
  })

  it('gets what it missed in frames of a bounded number of views', async () => {
    const gateway = gatewayByHand({ outboxConflateBytes: 10_000, batchEventsMax: 4 })
    const socket = gateway.connect()
    socket.isTaking = true
    socket.call('w', 'views.subscribe')
    await gateway.settle()
    socket.bufferedBytes = 100_000
    for (let number = 0; number < 10; number++) gateway.change(gateway.placed())
    const before = socket.sent.length
    socket.take()
    await gateway.settle()
    const sizes = socket.sent.slice(before).map(({ params }) => params.views.length)
    expect(sizes).toEqual([4, 4, 2])
  })
})

describe('a socket that has gone', () => {
  it('leaves no subscription behind, also of a batch that was under way', async () => {
    const gateway = gatewayByHand()
    const socket = gateway.connect()
    socket.call('w', 'views.subscribe')
    socket.handlers.text(
      JSON.stringify([
        { jsonrpc: '2.0', id: 1, method: 'order.new', params: bob.new },
        { jsonrpc: '2.0', id: 2, method: 'views.subscribe' },
      ]),
    )
    await gateway.settle()
    expect(gateway.gateway.counters().subscriptions).toBe(1)
    socket.terminate()
    expect(gateway.gateway.counters().subscriptions).toBe(0)
    gateway.submitted[0]?.settle(receipt('bob-1'))
    await gateway.settle()
    expect(gateway.gateway.counters().subscriptions).toBe(0)
    expect(gateway.gateway.counters().sockets).toBe(0)
  })

  it('does not keep the others from being closed', async () => {
    const gateway = gatewayByHand({ outboxConflateBytes: 100 })
    const stuck = gateway.connect()
    stuck.bufferedBytes = 1000
    stuck.call(1, 'order.list')
    const fine = gateway.connect()
    const closed = gateway.gateway.close()
    await gateway.settle()
    expect(fine.closedWith).toBe(4200)
    expect(stuck.closedWith).toBeUndefined()
    gateway.timers.fire(gateway.config.cutOffMs)
    expect(stuck.isCutOff).toBe(true)
    await closed
  })
})

it('takes no more calls once it closes, and answers those that came', async () => {
  const gateway = gatewayByHand()
  const socket = gateway.connect()
  socket.saysGoodbye = true
  socket.call('before', 'order.new', bob.new)
  const closed = gateway.gateway.close()
  socket.call('after', 'order.new', order('after'))
  socket.call('a read', 'order.list')
  await gateway.settle()
  expect(socket.closedWith).toBeUndefined()
  gateway.submitted[0]?.settle(receipt('bob-1'))
  await closed
  expect(socket.sent.map(({ id }) => id)).toEqual(['before'])
  expect(socket.closedWith).toBe(4200)
  expect(gateway.submitted).toHaveLength(1)
})

it('sends the answers that it has before it closes a socket for a bad frame', () => {
  const gateway = gatewayByHand()
  const socket = gateway.connect()
  socket.call('good', 'order.new', bob.new)
  gateway.submitted[0]?.settle(receipt('bob-1'))
  socket.handlers.binary()
  expect(socket.sent.map(({ id }) => id)).toEqual(['good'])
  expect(socket.closedWith).toBe(4000)
})

it('cuts off a socket that is one too many and does not go', () => {
  const gateway = gatewayByHand({ socketsMax: 1 })
  gateway.connect()
  const [stays, goes] = [gateway.connect(), gateway.connect()]
  expect([stays.closedWith, goes.closedWith]).toEqual([4102, 4102])
  goes.handlers.closed(1000)
  expect(gateway.timers.count(gateway.config.cutOffMs)).toBe(1)
  gateway.timers.fire(gateway.config.cutOffMs)
  expect([stays.isCutOff, goes.isCutOff]).toEqual([true, false])
})

it('does not hold it against a socket that its pong was not read', async () => {
  const gateway = gatewayByHand({ callsPendingMax: 1 })
  const socket = gateway.connect()
  const beat = () => gateway.timers.fire(gateway.config.heartbeatMs)
  beat()
  socket.call(1, 'order.new', bob.new)
  expect(socket.isPaused).toBe(true)
  for (let beats = 0; beats < 5; beats++) beat()
  expect(socket.isCutOff).toBe(false)
  gateway.submitted[0]?.settle(receipt('bob-1'))
  expect(socket.isPaused).toBe(false)
  beat()
  expect(socket.isCutOff).toBe(false)
  beat()
  expect(socket.isCutOff).toBe(true)
})
