import { describe, expect, it } from 'vitest'
import { order, settle } from '../support/sequencer.ts'
import { wholeGateway } from './whole.ts'

type Whole = Awaited<ReturnType<typeof wholeGateway>>

async function withOrders(count: number, limits = {}): Promise<Whole> {
  const engine = await wholeGateway(limits)
  for (let number = 1; number <= count; number++) {
    await engine.submit('order.new', order(`o-${number}`))
  }
  return engine
}

const from = (eventId: number, epoch = 'this-log') => ({ from: { epoch, eventId } })

describe('a cursor', () => {
  it('of another epoch begins views anew, and says why', async () => {
    const engine = await withOrders(2)
    const socket = engine.connect()
    const { result } = await engine.call(socket, 'views.subscribe', from(1, 'another-log'))
    expect(result).toEqual({
      subscription: 1,
      epoch: 'this-log',
      recovered: false,
      reason: 'another epoch',
    })
    await settle()
    expect(socket.sent[1]).toMatchObject({ method: 'views.snapshot', params: { last: true } })
    expect(socket.sent[1].params.views).toHaveLength(2)
  })

  it('from the future begins views anew, and says why', async () => {
    const engine = await withOrders(2)
    const { result } = await engine.call(engine.connect(), 'views.subscribe', from(3))
    expect(result).toMatchObject({ recovered: false, reason: 'ahead of the head' })
  })

  it('at the head has nothing to catch up with', async () => {
    const engine = await withOrders(2)
    const socket = engine.connect()
    const { result } = await engine.call(socket, 'views.subscribe', from(2))
    expect(result).toEqual({ subscription: 1, epoch: 'this-log', recovered: true })
    await settle()
    expect(socket.sent).toHaveLength(1)
    await engine.submit('order.cancel', { orderId: 'o-1' })
    await settle()
    expect(socket.sent[1].params).toMatchObject({ previous: 2, eventId: 3 })
  })

  it('of another epoch is refused for events with 3002, one from the future with 3001', async () => {
    const engine = await withOrders(2)
    const socket = engine.connect()
    const changed = await engine.call(socket, 'events.subscribe', from(1, 'another-log'))
    expect(changed.error).toMatchObject({ code: 3002, data: { epoch: 'this-log' } })
    const ahead = await engine.call(socket, 'events.subscribe', from(3))
    expect(ahead.error).toMatchObject({ code: 3001, data: { head: 2 } })
  })
})

describe('a subscription to events', () => {
  it('begins now where it has no cursor', async () => {
    const engine = await withOrders(2)
    const socket = engine.connect()
    await engine.call(socket, 'events.subscribe')
    await engine.submit('order.cancel', { orderId: 'o-1' })
    await settle()
    const [, next, ...more] = socket.sent
    expect(more).toEqual([])
    expect(next).toMatchObject({
      method: 'events.next',
      params: { subscription: 1, previous: 2, eventId: 3 },
    })
    expect(next.params.events).toMatchObject([{ eventId: 3, type: 'OrderCancelledEvent' }])
    expect(next.params.events[0]).not.toHaveProperty('commandHash')
  })

  it('sends each event to a watcher that did not read for long, from the log', async () => {
    const engine = await withOrders(1, { readEventsMax: 4, outboxConflateBytes: 10 })
    const socket = engine.connect()
    await engine.call(socket, 'events.subscribe')
    socket.isTaking = false
    socket.bufferedBytes = 1000
    for (let round = 1; round <= 50; round++) {
      await engine.submit('order.pay', { orderId: 'o-1', paymentId: `p-${round}`, amount: 1 })
    }
    await settle()
    expect(socket.sent).toHaveLength(1)
    expect(engine.gateway.counters().slowestLag).toBe(50)
    socket.isTaking = true
    socket.take()
    await settle(200)
    const events = socket.sent.slice(1).flatMap(({ params }) => params.events)
    expect(events.map(({ eventId }) => eventId)).toEqual(
      Array.from({ length: 50 }, (_, i) => i + 2),
    )
    expect(engine.gateway.counters().slowestLag).toBe(0)
  })

  it('closes the socket where the log cannot be read', async () => {
    const faults: unknown[] = []
    const engine = await wholeGateway({}, { observer: { fault: (error) => faults.push(error) } })
    await engine.submit('order.new', order('o-1'))
    engine.log.read = () => {
      throw new Error('the disk is gone')
    }
    const socket = engine.connect()
    await engine.call(socket, 'events.subscribe', from(0))
    await settle()
    expect(socket.closedWith).toBe(1011)
    expect(faults).toMatchObject([{ message: 'the disk is gone' }])
  })
})

describe('acks', () => {
  it('let no more be sent ahead of them than was promised: views are conflated', async () => {
    const engine = await withOrders(2, { ackLagMax: 2, changesKeptMax: 1 })
    const socket = engine.connect()
    await engine.call(socket, 'views.subscribe', { ...from(2), ack: true })
    for (let round = 1; round <= 10; round++) {
      for (const orderId of ['o-1', 'o-2']) {
        await engine.submit('order.pay', { orderId, paymentId: `p-${round}`, amount: 1 })
      }
      await settle(2)
    }
    const sent = () => socket.sent.filter(({ method }) => method === 'views.next')
    expect(sent().flatMap(({ params }) => params.views)).toHaveLength(2)
    const { eventId } = sent().at(-1).params
    expect(
      (await engine.call(socket, 'subscription.ack', { subscription: 1, eventId })).result,
    ).toEqual({ acked: eventId })
    await settle()
    const views = sent().flatMap(({ params }) => params.views)
    expect(views.slice(2).map((view) => view.version)).toEqual([11, 11])
    expect(engine.gateway.counters().conflations).toBeGreaterThan(0)
  })

  it('of more than was sent are refused', async () => {
    const engine = await withOrders(2)
    const socket = engine.connect()
    await engine.call(socket, 'events.subscribe', { ...from(0), ack: true })
    await settle()
    const ack = (eventId: number) =>
      engine.call(socket, 'subscription.ack', { subscription: 1, eventId })
    const { error } = await ack(3)
    expect(error).toMatchObject({ code: 3001, data: { reason: 'POSITION_AHEAD', head: 2 } })
    expect(error.message).toBe(
      'Subscription 1 was sent what there is up to event 2, and 3 was acked. ' +
        'Ack the eventId of a notification that has come.',
    )
    expect((await ack(2)).result).toEqual({ acked: 2 })
    expect((await ack(1)).result).toEqual({ acked: 2 })
  })

  it('are taken of a subscription that promised none, and such of more say that', async () => {
    for (const method of ['events.subscribe', 'views.subscribe']) {
      const engine = await withOrders(2)
      const socket = engine.connect()
      await engine.call(socket, method, from(0))
      await settle()
      const ack = (eventId: number) =>
        engine.call(socket, 'subscription.ack', { subscription: 1, eventId })
      expect((await ack(2)).result).toEqual({ acked: 2 })
      const { error } = await ack(3)
      expect(error).toMatchObject({ code: 3001, data: { head: 2 } })
      expect(error.message).toMatch(/Opened without ack: true, it takes acks and needs none\.$/)
    }
  })

  it('to no subscription change nothing', async () => {
    const engine = await withOrders(1)
    const params = { subscription: 7, eventId: 1 }
    const { result } = await engine.call(engine.connect(), 'subscription.ack', params)
    expect(result).toEqual({ acked: 0 })
  })
})

describe('filters of views', () => {
  it('are one at the most', async () => {
    const engine = await withOrders(1)
    const both = { status: 'paid', customerId: 'ann' }
    const { error } = await engine.call(engine.connect(), 'views.subscribe', both)
    expect(error).toMatchObject({
      code: -32602,
      data: { faults: [{ path: '/status', message: 'cannot be given together with customerId' }] },
    })
  })

  it('name as gone what does not match any more, and not what is back again', async () => {
    const engine = await wholeGateway()
    for (const orderId of ['a', 'b']) {
      await engine.submit('order.new', order(orderId))
      await engine.submit('order.pay', { orderId, paymentId: 'p', amount: 5000 })
    }
    const socket = engine.connect()
    await engine.call(socket, 'views.subscribe', { status: 'paid' })
    await settle()
    const more = (quantity: number) => ({ lines: [{ sku: 'widget', quantity }] })
    await Promise.all([
      engine.submit('order.modify', { orderId: 'a', ...more(6) }),
      engine.submit('order.modify', { orderId: 'b', ...more(6) }),
      engine.submit('order.modify', { orderId: 'b', ...more(5) }),
    ])
    await settle()
    const told = socket.sent.filter(({ method }) => method === 'views.next')
    const held = new Set(['a', 'b'])
    for (const { params } of told) {
      for (const { orderId } of params.views) held.add(orderId)
      for (const orderId of params.gone ?? []) held.delete(orderId)
    }
    expect([...held]).toEqual(['b'])
  })
})

describe('the same snapshot to many watchers', () => {
  it('is made into bytes once', async () => {
    const engine = await withOrders(5, { snapshotViewsMax: 2 })
    const frames = new Set<unknown>()
    const sockets = Array.from({ length: 20 }, () => engine.connect())
    for (const socket of sockets) {
      const { send } = socket
      socket.send = (frame) => {
        if (frame.toString().includes('views.snapshot')) frames.add(frame)
        send.call(socket, frame)
      }
      socket.call('w', 'views.subscribe')
    }
    await settle(20)
    expect(frames.size).toBe(3)
    for (const socket of sockets) {
      const parts = socket.sent.filter(({ method }) => method === 'views.snapshot')
      expect(parts.flatMap(({ params }) => params.views)).toHaveLength(5)
    }
  })
})

describe('the same change to many watchers', () => {
  it('is made into bytes once', async () => {
    const engine = await withOrders(1)
    const sockets = Array.from({ length: 20 }, () => engine.connect())
    const frames = new Set<unknown>()
    for (const socket of sockets) {
      await engine.call(socket, 'views.subscribe')
      const { send } = socket
      socket.send = (frame) => {
        frames.add(frame)
        send.call(socket, frame)
      }
    }
    await settle()
    frames.clear()
    await engine.submit('order.cancel', { orderId: 'o-1' })
    await settle()
    expect(frames.size).toBe(1)
    for (const socket of sockets) {
      expect(socket.sent.at(-1).params.views).toMatchObject([{ status: 'cancelled' }])
    }
  })
})
