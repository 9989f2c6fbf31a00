/** What waits in a gateway for one socket has an end, whatever the socket does, and so do its timers. */
import { describe, expect, it } from 'vitest'
import { defaults } from '../../src/config.ts'
import type { Authenticator } from '../../src/gateway/auth/identity.ts'
import { order, settle } from '../support/sequencer.ts'
import { FakeSocket, HandTimers } from './fakes.ts'
import { gatewayByHand } from './gateway-by-hand.ts'
import { identityOf, wholeGateway } from './whole.ts'
import { large } from './wired.ts'

it('has the answers of one batch in hand at a time, however many batches come', async () => {
  const limits = { outboxConflateBytes: 64 * 1024, outboxCloseBytes: 500_000 }
  const gateway = await wholeGateway(limits)
  for (let number = 0; number < 5; number++) {
    await gateway.submit('order.new', large(`o-${number}`))
  }
  let reads = 0
  const { read } = gateway.log
  gateway.log.read = (from) => {
    reads++
    return read.call(gateway.log, from)
  }
  const socket = gateway.connect()
  socket.isTaking = false
  // Each is answered with 200 kB, each batch with all that it may have: 500 kB and one more.
  const batch = Array.from({ length: 10 }, (_, id) => ({
    jsonrpc: '2.0',
    id,
    method: 'events.read',
    params: { from: 1 },
  }))
  for (let sent = 0; sent < 200; sent++) socket.handlers.text(JSON.stringify(batch))
  for (let turn = 0; turn < 300; turn++) await settle(1)
  expect(reads).toBeGreaterThan(0)
  expect(reads).toBeLessThan(10)
  expect(socket.bufferedBytes).toBeLessThan(1_000_000)
  for (let turn = 0; turn < 3000 && socket.sent.length < 200; turn++) {
    socket.take()
    await settle(1)
  }
  expect(socket.sent).toHaveLength(200)
  for (const answers of socket.sent) expect(answers).toHaveLength(10)
})

it('does not read on from a socket whose long frames wait to be answered', async () => {
  const gateway = gatewayByHand({ frameBytesMax: 1000 })
  const socket = gateway.connect()
  for (let sent = 1; sent <= 3; sent++) {
    socket.call(sent, 'order.get', { orderId: 'none', more: 'x'.repeat(1000) })
  }
  expect(socket.isPaused).toBe(false)
  socket.call(4, 'order.get', { orderId: 'none', more: 'x'.repeat(1000) })
  expect(socket.isPaused).toBe(true)
  await gateway.settle()
  expect(socket.isPaused).toBe(false)
  expect(socket.sent).toHaveLength(4)
})

it('gives a slow watcher heartbeats only when it has room, and then the newest', async () => {
  const gateway = gatewayByHand({ outboxConflateBytes: 100 })
  const socket = gateway.connect()
  socket.bufferedBytes = 1000
  for (let beat = 0; beat < 1000; beat++) {
    gateway.timers.fire(defaults.heartbeatMs)
    socket.handlers.pong()
    await new Promise((resolve) => setImmediate(resolve))
  }
  await gateway.settle()
  expect(socket.bufferedBytes).toBe(1000)
  gateway.change(gateway.placed())
  gateway.timers.fire(defaults.heartbeatMs)
  socket.take()
  await gateway.settle()
  expect(socket.sent).toMatchObject([{ method: 'session.heartbeat', params: { eventId: 1 } }])
})

it('serves each subscription of a slow watcher in turn', async () => {
  const gateway = gatewayByHand({ outboxConflateBytes: 100 })
  const socket = gateway.connect()
  for (const id of [1, 2, 3]) socket.call(id, 'views.subscribe')
  await gateway.settle()
  for (let taken = 0; taken < 10; taken++) {
    socket.take()
    await gateway.settle()
  }
  socket.sent.length = 0
  const first = gateway.placed()
  for (let change = 0; change < 30; change++) {
    gateway.change(change === 0 ? first : gateway.placed())
    socket.take()
    await gateway.settle()
  }
  const served = new Set(socket.sent.map(({ params }) => params.subscription))
  expect([...served].sort()).toEqual([1, 2, 3])
})

it('does not cut off a watcher for many large views that change at once', async () => {
  const limits = { outboxConflateBytes: 64 * 1024, outboxCloseBytes: 500_000 }
  const engine = await wholeGateway(limits)
  await engine.submit('order.new', large('o-1'))
  const socket = engine.connect()
  await engine.call(socket, 'views.subscribe', { from: { epoch: 'this-log', eventId: 1 } })
  socket.isTaking = false
  // 100 views of 40 kB each in one commit.
  const paid = Array.from({ length: 100 }, (_, number) =>
    engine.submit('order.pay', { orderId: 'o-1', paymentId: `p-${number}`, amount: 1 }),
  )
  await Promise.all(paid)
  let told: any[] = []
  for (let turn = 0; turn < 500 && told.length < 100; turn++) {
    await settle(1)
    expect(socket.closedWith).toBeUndefined()
    expect(socket.bufferedBytes).toBeLessThan(limits.outboxCloseBytes)
    socket.take()
    told = socket.sent.slice(1).flatMap(({ params }) => params.views)
  }
  expect(told.map(({ version }) => version)).toEqual(Array.from({ length: 100 }, (_, i) => i + 2))
})

it('keeps few events for a watcher that has stopped, and reads the rest in the log', async () => {
  const engine = await wholeGateway({
    readEventsMax: 4,
    snapshotViewsMax: 2,
    outboxConflateBytes: 10,
  })
  await engine.submit('order.new', order('o-1'))
  const reads: number[] = []
  const { read } = engine.log
  engine.log.read = (from) => {
    reads.push(from)
    return read.call(engine.log, from)
  }
  const socket = engine.connect()
  await engine.call(socket, 'events.subscribe')
  socket.bufferedBytes = 1000
  const pay = (number: number) =>
    engine.submit('order.pay', { orderId: 'o-1', paymentId: `p-${number}`, amount: 1 })
  for (let number = 0; number < 40; number++) await pay(number)
  expect(reads).toEqual([])
  // It reads on, a little at a time, while more comes.
  socket.isTaking = false
  for (let number = 40; number < 50; number++) {
    socket.take()
    await settle()
    await pay(number)
  }
  socket.isTaking = true
  socket.take()
  await settle(100)
  // The events 2 to 5 were kept; from there on it read them.
  expect(reads[0]).toBe(6)
  const events = socket.sent.slice(1).flatMap(({ params }) => params.events)
  expect(events.map(({ eventId }) => eventId)).toEqual(Array.from({ length: 50 }, (_, i) => i + 2))
})

describe('a watcher of large events', () => {
  /** An order whose history is twelve changes of 100 lines, about 8000 bytes each. */
  const lines = (quantity: number) =>
    Array.from({ length: 100 }, (_, at) => ({ sku: `${at}`.padStart(40, '-'), quantity }))
  const change = (number: number): [string, object] =>
    number === 0
      ? ['order.new', order('o-1', { lines: lines(1).map((one) => ({ ...one, unitPrice: 1 })) })]
      : ['order.modify', { orderId: 'o-1', lines: lines(number + 1) }]

  async function watched(limits: object, count = 13) {
    const engine = await wholeGateway(limits)
    const reads: number[] = []
    const { read } = engine.log
    engine.log.read = (from) => {
      reads.push(from)
      return read.call(engine.log, from)
    }
    const socket = engine.connect()
    await engine.call(socket, 'events.subscribe')
    const events = () => socket.sent.slice(1).flatMap(({ params }) => params.events ?? [])
    return {
      reads,
      socket,
      events: () => events().map(({ eventId }) => eventId),
      frames: () => socket.sent.slice(1).map(({ params }) => params.events.length),
      async submitAll() {
        for (let number = 0; number < count; number++) await engine.submit(...change(number))
      },
      /** All in one commit. */
      submitAtOnce: () =>
        Promise.all([...Array(count).keys()].map((number) => engine.submit(...change(number)))),
    }
  }

  it('that has stopped holds few of them, by their bytes', async () => {
    const one = await watched({ eventsHeldBytes: 20_000, outboxConflateBytes: 10 })
    one.socket.bufferedBytes = 1000
    await one.submitAll()
    expect(one.reads).toEqual([])
    one.socket.take()
    one.socket.isTaking = true
    await settle(100)
    expect(one.reads[0]).toBeGreaterThan(2)
    expect(one.reads[0]).toBeLessThan(6)
    expect(one.events()).toEqual([...Array(13).keys()].map((at) => at + 1))
  })

  it('holds few of one commit, too', async () => {
    const one = await watched({ eventsHeldBytes: 20_000, outboxConflateBytes: 10 })
    await one.submitAtOnce()
    await settle(100)
    expect(one.reads.length).toBeGreaterThan(2)
    expect(one.events()).toEqual([...Array(13).keys()].map((at) => at + 1))
  })

  it('is sent frames of few, and is not cut off for being sent many', async () => {
    const one = await watched({ outboxConflateBytes: 20_000, outboxCloseBytes: 30_000 })
    await one.submitAtOnce()
    await settle(100)
    expect(one.events()).toHaveLength(13)
    expect(Math.max(...one.frames())).toBeLessThan(6)
    expect(one.socket.closedWith).toBeUndefined()
  })
})

it('cuts off a half-open socket by its heartbeat, and the one that never sends a byte', async () => {
  const timers = new HandTimers()
  const engine = await wholeGateway({}, { runtime: timers.runtime })
  const [gone, silent, alive] = [engine.connect(), engine.connect(), engine.connect()]
  await engine.call(gone, 'views.subscribe')
  timers.fire(defaults.heartbeatMs)
  alive.handlers.pong()
  // One that has gone does not answer, nor does one that only calls.
  silent.call('a call', 'order.list')
  timers.fire(defaults.heartbeatMs)
  expect([gone.isCutOff, silent.isCutOff, alive.isCutOff]).toEqual([true, true, false])
  alive.handlers.closed(1001)
  expect(engine.gateway.counters()).toMatchObject({ sockets: 0, subscriptions: 0, outboxBytes: 0 })
})

it('keeps no timer of a socket that closes while its token is looked at', async () => {
  const timers = new HandTimers({ now: () => 0 })
  let answer = () => {}
  const authenticator: Authenticator = {
    authenticate: () =>
      new Promise((resolve) => {
        answer = () => resolve(identityOf({ expiresAt: 60_000 }))
      }),
  }
  const engine = await wholeGateway({}, { authenticator, runtime: timers.runtime })
  const socket = new FakeSocket()
  engine.gateway.connect(socket, undefined)
  socket.call(1, 'session.hello', { token: 'a token' })
  await settle()
  socket.terminate()
  answer()
  await settle()
  expect(timers.count(60_000)).toBe(0)
  expect(timers.count(defaults.helloTimeoutMs)).toBe(0)
  expect(engine.gateway.counters().sockets).toBe(0)
})

it('closes a socket whose token ended on the way in', async () => {
  const engine = await wholeGateway()
  const socket = engine.connect(identityOf({ expiresAt: 1 }))
  await settle()
  expect(socket.closedWith).toBe(4001)
})

it('closes with 4102 what comes beyond the most sockets, and cuts off what stays', async () => {
  const timers = new HandTimers()
  const engine = await wholeGateway({ socketsMax: 10 }, { runtime: timers.runtime })
  const sockets = Array.from({ length: 1000 }, () => engine.connect())
  const refused = sockets.filter(({ closedWith }) => closedWith === 4102)
  expect(refused).toHaveLength(990)
  expect(engine.gateway.counters().sockets).toBe(10)
  refused[0]!.handlers.closed(4102)
  timers.fire(defaults.cutOffMs)
  expect(refused.filter(({ isCutOff }) => isCutOff)).toHaveLength(989)
  expect(timers.count(defaults.cutOffMs)).toBe(0)
  for (const socket of sockets.slice(0, 10)) socket.handlers.closed(1000)
  expect(engine.gateway.counters().sockets).toBe(0)
})
