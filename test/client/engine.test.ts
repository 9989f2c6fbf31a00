/** The client against the engine itself, over real sockets that are cut again and again. */
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { connect } from '../../src/client/index.ts'
import { type Engine, MemoryLog, openEngine } from '../../src/index.ts'
import { outcomeOf } from './fakes.ts'
import { client, House, hasty, house, lines, newOrder, shows } from './house.ts'

describe('with the engine', () => {
  it('places, pays, reads and is refused', async () => {
    const at = await house()
    const { client: bob } = client(at)
    expect(await bob.submit('order.new', newOrder('bob-1'))).toMatchObject({ eventId: 1 })
    expect(
      await bob.submit('order.pay', { orderId: 'bob-1', paymentId: 'p-1', amount: 9000 }),
    ).toMatchObject({ refused: 'OVERPAYMENT', outcome: 'not_applied', details: { balance: 5000 } })
    const unnamed = await bob.submit(
      'order.new',
      { currency: 'USD', lines },
      { commandId: 'basket-7' },
    )
    expect(unnamed).toMatchObject({ orderId: 'basket-7', eventId: 2 })
    expect(await bob.get('bob-1')).toEqual(at.engine.get('bob-1'))
    expect(await bob.get('nobody')).toBeUndefined()
    expect((await bob.list({ limit: 1 })).next).toBe('bob-1')
    const newest = await bob.list({ sort: 'changed', limit: 1 })
    expect(newest).toMatchObject({ orders: [{ orderId: 'basket-7' }], next: 'basket-7' })
    expect(await bob.history('bob-1')).toMatchObject([{ eventId: 1, type: 'NewOrderEvent' }])
    expect(await bob.at('bob-1', 1)).toMatchObject({ version: 1 })
    expect(await bob.readEvents({ from: 2 })).toMatchObject({ head: 2, events: [{ eventId: 2 }] })
    expect(await outcomeOf(bob.submit('order.pay', { orderId: 'x' } as never))).toMatchObject({
      reason: 'INVALID_PARAMS',
    })
  })

  it('comes back by itself to a restarted server, and misses nothing', async () => {
    const at = await house()
    const { client: watcher } = client(at)
    const map = watcher.map()
    const events: number[] = []
    const watching = watcher.events({}, ({ eventId }) => events.push(eventId))
    await watcher.ready
    await map.live
    for (let round = 0; round < 3; round++) {
      const orders = Array.from({ length: 20 }, (_, index) => `order-${round}-${index}`)
      const placed = orders.map((orderId) => watcher.submit('order.new', newOrder(orderId)))
      const closing = at.engine.close()
      await closing
      await at.open()
      for (const receipt of await Promise.all(placed)) expect(receipt).toHaveProperty('eventId')
    }
    expect(at.engine.eventId).toBe(60)
    await shows(map, 60)
    expect(new Map([...map].map((view) => [view.orderId, view]))).toEqual(viewsOf(at.engine))
    await expect.poll(() => events.length).toBe(60)
    expect(events).toEqual(Array.from({ length: 60 }, (_, index) => index + 1))
    watching.cancel()
    await watching.ended
  })

  it('ends with the same views and events as the server, wherever its connection is cut', async () => {
    const cuts = fc.array(fc.integer({ min: 0, max: 119 }), { minLength: 1, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(cuts, async (places) => {
        const at = new House()
        await at.open()
        const { client: buyer } = client(at)
        const { client: watcher, cut } = client(at)
        const maps = {
          all: watcher.map(),
          paid: watcher.map({ status: 'paid' }),
          bobs: watcher.map({ customerId: 'bob' }),
          one: watcher.map({ orderId: 'order-3' }),
        }
        const from = { epoch: (await watcher.ready).epoch, eventId: 0 }
        const feed = watcher.events({ from })
        const payments = watcher.events({ from, types: ['OrderPaymentEvent'] })
        for (let step = 0; step < 120; step++) {
          const orderId = `order-${step % 40}`
          if (places.includes(step)) cut()
          if (step < 40) {
            await buyer.submit('order.new', newOrder(orderId, step % 3 ? 'bob' : 'alice'))
          } else if (step < 80) {
            await buyer.submit('order.pay', { orderId, paymentId: 'p', amount: 5000 })
          } else await buyer.submit('order.ship', { orderId })
        }
        await shows(maps.all, 120)
        const every = await take(feed, 120)
        expect(every).toEqual(Array.from({ length: 120 }, (_, index) => index + 1))
        expect(await take(payments, 40)).toEqual(every.slice(40, 80))
        const views = [...viewsOf(at.engine).values()]
        await expect.poll(() => byId(maps.paid)).toEqual([])
        await expect.poll(() => byId(maps.one)).toEqual([at.engine.get('order-3')])
        expect(byId(maps.all)).toEqual(byId(views))
        const bobs = views.filter(({ customerId }) => customerId === 'bob')
        await expect.poll(() => byId(maps.bobs)).toEqual(byId(bobs))
        watcher.close()
        buyer.close()
        await at.engine.close()
      }),
      { numRuns: 6 },
    )
  })

  it('is sent no more events than it may hold, however slowly they are taken', async () => {
    const at = await house({ ackLagMax: 40 })
    const { client: buyer } = client(at)
    let sent = 0
    const slow = connect(at.url, {
      socket: (url, protocols) => {
        const socket = new WebSocket(url, protocols)
        socket.on('message', (data) => {
          const { method, params } = JSON.parse(data.toString())
          if (method === 'events.next') sent += params.events.length
        })
        return socket
      },
    })
    onTestFinished(() => slow.close())
    const { epoch } = await slow.ready
    const feed = slow.events({ from: { epoch, eventId: 0 } })
    const placed = Array.from({ length: 500 }, (_, index) =>
      buyer.submit('order.new', newOrder(`order-${index}`)),
    )
    await Promise.all(placed)
    for (let taken = 1; taken <= 500; taken++) {
      expect((await feed.next()).value).toMatchObject({ eventId: taken })
      expect(sent).toBeLessThanOrEqual(taken + 40)
      // A round trip: what the server means to send meanwhile has come before its answer.
      if (taken % 25 === 0) await slow.get('order-0')
    }
  })

  it.each([0, 1, 1999, 2000])(
    'begins with the first event of a log after eventId %i',
    async (eventId) => {
      const engine = await openEngine({
        log: new MemoryLog({ firstEventId: 2001 }),
        listen: { port: 0 },
      })
      onTestFinished(() => engine.close())
      await engine.submit('order.new', newOrder('bob-1'))
      const watcher = connect(`ws://127.0.0.1:${engine.address?.port}/ws`, {
        socket: (url, protocols) => new WebSocket(url, protocols),
        reconnect: false,
      })
      onTestFinished(() => watcher.close())
      const { epoch } = await watcher.ready
      const feed = watcher.events({ from: { epoch, eventId } })
      expect((await feed.next()).value).toMatchObject({ eventId: 2001 })
      await engine.submit('order.pay', { orderId: 'bob-1', paymentId: 'p', amount: 1 })
      expect((await feed.next()).value).toMatchObject({ eventId: 2002 })
    },
  )

  it('has no order in a map that it left as soon as it came into it', async () => {
    const at = await house()
    const { client: watcher } = client(at)
    const paid = watcher.map({ status: 'paid' })
    const all = watcher.map()
    await Promise.all([paid.live, all.live])
    await at.engine.submit('order.new', newOrder('bob-1'))
    // Decided together, so that both changes leave in one notification.
    await Promise.all([
      at.engine.submit('order.pay', { orderId: 'bob-1', paymentId: 'p', amount: 5000 }),
      at.engine.submit('order.ship', { orderId: 'bob-1' }),
    ])
    await shows(all, 3)
    await shows(paid, 3)
    expect([...paid]).toEqual([])
  })

  it('fills as many maps as the server allows, and ends those that were too many', async () => {
    const at = await house()
    const { client: eager } = client(at)
    const maps = Array.from({ length: 103 }, () => eager.map())
    const ends = await Promise.all(maps.map(({ live }) => outcomeOf(live)))
    expect(ends.slice(0, 100)).toEqual(Array.from({ length: 100 }))
    expect(ends.slice(100).map(({ message }) => message)).toEqual(
      Array.from({ length: 3 }, () => expect.stringContaining('may have 100 subscriptions')),
    )
    expect(eager.state).toBe('live')
  })

  it('has one outcome for each command, wherever the connection of its client is cut', async () => {
    const at = await house()
    const { client: buyer, cut } = client(at)
    const submitted: Promise<any>[] = []
    for (let step = 0; step < 300; step++) {
      submitted.push(buyer.submit('order.new', { currency: 'USD', lines }))
      if (step % 37 === 0) cut()
      if (step % 10 === 0) await submitted.at(-1)
    }
    const receipts = await Promise.all(submitted)
    const eventIds = receipts.map(({ eventId }) => eventId).sort((a, b) => a - b)
    expect(eventIds).toEqual(Array.from({ length: 300 }, (_, index) => index + 1))
    expect(at.engine.eventId).toBe(300)
  })
})

const byId = (views: Iterable<any>) => [...views].sort((a, b) => (a.orderId < b.orderId ? -1 : 1))

function viewsOf(engine: Engine): Map<string, any> {
  return new Map(engine.list({ limit: 1000 }).orders.map((view) => [view.orderId, view]))
}

async function take(feed: AsyncIterator<{ eventId: number }>, count: number): Promise<number[]> {
  const eventIds: number[] = []
  for (let at = 0; at < count; at++) eventIds.push((await feed.next()).value.eventId)
  return eventIds
}

it('is none the worse for a call that JSON cannot hold', async () => {
  const made = await house()
  const socket = (url: string, protocols: string[]) => new WebSocket(url, protocols)
  const client = connect(made.url, { socket, timers: hasty })
  onTestFinished(() => client.close())
  await client.ready
  const unholdable = { ...newOrder('a'), lines: [{ ...lines[0]!, quantity: 5n as never }] }
  await expect(client.submit('order.new', unholdable)).rejects.toThrow(TypeError)
  await expect(client.get(5n as never)).rejects.toThrow(TypeError)
  expect(() => client.map({ orderId: 5n as never })).toThrow(TypeError)
  expect(() => client.events({ orderId: 5n as never })).toThrow(TypeError)
  await made.engine.close()
  await made.open()
  expect(await client.submit('order.new', newOrder('a'))).toMatchObject({ version: 1 })
})
