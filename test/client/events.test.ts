import { describe, expect, it } from 'vitest'
import type { Feed } from '../../src/client/index.ts'
import { limits } from '../../src/client/limits.ts'
import { event, type FakeSocket, hello, outcomeOf, scene, settled } from './fakes.ts'

const from = { epoch: 'e1', eventId: 0 }

function subscribed(socket: FakeSocket, subscription = 1): any {
  const call = socket.take('events.subscribe')
  socket.answer(call, { subscription, epoch: 'e1' })
  return call.params
}

function tell(socket: FakeSocket, previous: number, eventIds: readonly number[], cursor?: number) {
  const eventId = cursor ?? eventIds.at(-1)
  const events = eventIds.map((id) => event(id))
  socket.notify('events.next', { subscription: 1, eventId, previous, events })
}

async function taken(feed: Feed<any>, count: number): Promise<number[]> {
  const eventIds: number[] = []
  for (let at = 0; at < count; at++) eventIds.push((await feed.next()).value?.eventId)
  return eventIds
}

describe('events', () => {
  it('come in order, those after the cursor that match', async () => {
    const { client, socket } = await scene()
    const feed = client.events({ from, orderId: 'bob-1', types: ['NewOrderEvent'] })
    expect(subscribed(socket)).toEqual({
      ...{ from, orderId: 'bob-1', types: ['NewOrderEvent'], ack: true },
    })
    tell(socket, 0, [1, 2])
    tell(socket, 2, [5])
    expect(await taken(feed, 3)).toEqual([1, 2, 5])
  })

  it('without a cursor are those since the greeting, also over the first lost connection', async () => {
    const made = await scene()
    made.client.events()
    expect(subscribed(made.socket).from).toEqual({ epoch: 'e1', eventId: 0 })
    const socket = await made.comeBack(1006, { eventId: 9 })
    expect(subscribed(socket).from).toEqual({ epoch: 'e1', eventId: 0 })
  })

  it('come exactly once, over any number of connections', async () => {
    const made = await scene()
    const feed = made.client.events({ from })
    subscribed(made.socket)
    tell(made.socket, 0, [1, 2, 3])
    // Only the first is taken: what was held of the others comes again.
    expect(await taken(feed, 1)).toEqual([1])
    let socket = await made.comeBack()
    expect(subscribed(socket).from).toEqual({ epoch: 'e1', eventId: 1 })
    tell(socket, 1, [2, 3])
    expect(await taken(feed, 2)).toEqual([2, 3])
    socket = await made.comeBack()
    expect(subscribed(socket).from).toEqual({ epoch: 'e1', eventId: 3 })
    tell(socket, 3, [4])
    expect(await taken(feed, 1)).toEqual([4])
  })

  it('go on from where none has matched since', async () => {
    const made = await scene()
    const feed = made.client.events({ from, types: ['NewOrderEvent'] })
    subscribed(made.socket)
    tell(made.socket, 0, [1], 40)
    expect(await taken(feed, 1)).toEqual([1])
    const socket = await made.comeBack()
    expect(subscribed(socket).from).toEqual({ epoch: 'e1', eventId: 40 })
    tell(socket, 40, [], 90)
    expect(subscribed(await made.comeBack()).from).toEqual({ epoch: 'e1', eventId: 90 })
  })

  it('are acked as they are taken, so that no more are held than may be ahead', async () => {
    const { client, socket } = await scene()
    const feed = client.events({ from })
    subscribed(socket)
    tell(socket, 0, [1, 2, 3, 4, 5, 6, 7, 8])
    await settled()
    expect(socket.calls).toEqual([])
    expect(await taken(feed, 5)).toEqual([1, 2, 3, 4, 5])
    const acks = socket.calls.map(({ method, params }) => [method, params])
    expect(acks).toEqual([
      ['subscription.ack', { subscription: 1, eventId: 2 }],
      ['subscription.ack', { subscription: 1, eventId: 4 }],
    ])
  })

  it('are acked again where the server had no time for it', async () => {
    const { client, socket, clock } = await scene()
    const feed = client.events({ from })
    subscribed(socket)
    tell(socket, 0, [1, 2])
    await taken(feed, 2)
    socket.refuse(socket.take('subscription.ack'), 1004, 'RATE_LIMITED')
    await clock.advance(200)
    expect(socket.take('subscription.ack').params).toEqual({ subscription: 1, eventId: 2 })
  })

  it('are acked once where the server had no time twice, and by no timer after the end', async () => {
    const { client, socket, clock } = await scene()
    const feed = client.events({ from })
    subscribed(socket)
    tell(socket, 0, [1, 2, 3, 4])
    await taken(feed, 4)
    for (const _ of [1, 2]) socket.refuse(socket.take('subscription.ack'), 1004, 'RATE_LIMITED')
    await clock.advance(limits.backoffMsMax)
    expect(socket.take('subscription.ack').params).toEqual({ subscription: 1, eventId: 4 })
    expect(socket.calls).toEqual([])
    tell(socket, 4, [5, 6, 7, 8])
    await taken(feed, 4)
    for (const _ of [1, 2]) socket.refuse(socket.take('subscription.ack'), 1004, 'RATE_LIMITED')
    client.close()
    expect(clock.pending).toBe(0)
  })

  it('are acked up to the newest, also where an older ack comes again and is refused last', async () => {
    const { client, socket, clock } = await scene()
    const feed = client.events({ from })
    subscribed(socket)
    tell(socket, 0, [1, 2, 3, 4])
    await taken(feed, 2)
    socket.refuse(socket.take('subscription.ack'), 1004, 'RATE_LIMITED')
    await taken(feed, 2)
    await clock.advance(200)
    for (const _ of [1, 2]) socket.refuse(socket.take('subscription.ack'), 1004, 'RATE_LIMITED')
    await clock.advance(limits.backoffMsMax)
    expect(socket.take('subscription.ack').params).toEqual({ subscription: 1, eventId: 4 })
  })

  it('beyond what may be ahead of the acks end it with an error', async () => {
    const { client, socket } = await scene()
    const feed = client.events({ from })
    subscribed(socket)
    tell(
      socket,
      0,
      Array.from({ length: hello.limits.ackLagMax + 1 }, (_, index) => index + 1),
    )
    const all = await outcomeOf(taken(feed, 20))
    expect(all).toMatchObject({ reason: 'TOO_FAR_AHEAD' })
    expect(socket.calls.at(-1)?.method).toBe('subscription.cancel')
  })

  it('with a gap come again from the last one taken', async () => {
    const { client, socket } = await scene()
    const feed = client.events({ from })
    subscribed(socket)
    tell(socket, 0, [1, 2])
    expect(await taken(feed, 1)).toEqual([1])
    tell(socket, 3, [4])
    expect(socket.take('subscription.cancel').params).toEqual({ subscription: 1 })
    expect(subscribed(socket, 1).from).toEqual({ epoch: 'e1', eventId: 1 })
    tell(socket, 1, [2, 3, 4])
    expect(await taken(feed, 3)).toEqual([2, 3, 4])
  })

  it.each([
    [3001, 'POSITION_AHEAD'],
    [3002, 'EPOCH_CHANGED'],
  ])('end with an error where the log is another: %s %s', async (code, reason) => {
    const made = await scene()
    const feed = made.client.events({ from })
    const heard = made.client.events({ from }, () => {})
    for (const _ of [1, 2]) made.socket.refuse(made.socket.take(), code, reason)
    expect(await outcomeOf(feed.next())).toMatchObject({ reason, code })
    expect(await outcomeOf(heard.ended)).toMatchObject({ reason })
    expect((await made.comeBack()).calls).toEqual([])
  })

  it('wait for the promise of a listener', async () => {
    const { client, socket } = await scene()
    const heard: number[] = []
    let goOn = () => {}
    const watching = client.events({ from }, (one) => {
      heard.push(one.eventId)
      return new Promise<void>((resolve) => {
        goOn = resolve
      })
    })
    subscribed(socket)
    tell(socket, 0, [1, 2])
    await settled()
    expect(heard).toEqual([1])
    goOn()
    await settled()
    expect(heard).toEqual([1, 2])
    watching.cancel()
    goOn()
    await watching.ended
  })

  it('left in a loop are cancelled', async () => {
    const { client, socket } = await scene()
    const feed = client.events({ from })
    subscribed(socket)
    tell(socket, 0, [1, 2])
    for await (const one of feed) if (one.eventId === 1) break
    expect(socket.take('subscription.cancel').params).toEqual({ subscription: 1 })
    expect(await feed.next()).toEqual({ value: undefined, done: true })
  })
})
