import { describe, expect, it } from 'vitest'
import type { ViewsChange } from '../../src/client/index.ts'
import { type FakeSocket, outcomeOf, type Scene, scene, settled, view } from './fakes.ts'

interface Told {
  readonly views?: readonly any[]
  readonly gone?: readonly string[]
}

/** The server's side of one subscription. */
class Watched {
  readonly socket: FakeSocket
  readonly params: any
  readonly subscription: number

  constructor(socket: FakeSocket, result: object = {}, subscription = 1) {
    const call = socket.take('views.subscribe')
    this.socket = socket
    this.params = call.params
    this.subscription = subscription
    socket.answer(call, { subscription, epoch: 'e1', recovered: false, ...result })
  }

  part(part: number, last: boolean, eventId: number, views: readonly any[]): void {
    const { subscription } = this
    this.socket.notify('views.snapshot', { subscription, part, last, eventId, views })
  }

  next(previous: number, eventId: number, told: Told = {}): void {
    const { subscription } = this
    this.socket.notify('views.next', { subscription, eventId, previous, views: [], ...told })
  }
}

/** What has come so far. */
async function taken(feed: AsyncIterator<ViewsChange<any>>, count: number): Promise<any[]> {
  const changes: any[] = []
  for (let at = 0; at < count; at++) changes.push((await feed.next()).value)
  return changes
}

const changed = (orderId: string, eventId: number) => ({
  type: 'changed',
  view: view(orderId, eventId),
})

async function filled(options: object = {}): Promise<{ made: Scene; watched: Watched; map: any }> {
  const made = await scene()
  const map = made.client.map(options)
  const watched = new Watched(made.socket)
  watched.part(1, true, 2, [view('a', 1), view('b', 2)])
  await map.live
  return { made, watched, map }
}
const eventIds = (map: Iterable<any>) => [...map].map(({ eventId }) => eventId)

describe('views', () => {
  it('come as a whole snapshot, then each change', async () => {
    const { client, socket } = await scene()
    const feed = client.views({ status: 'paid' })
    const watched = new Watched(socket)
    expect(watched.params).toEqual({ status: 'paid' })
    watched.part(1, false, 2, [view('a', 1)])
    watched.next(2, 3, { views: [view('a', 3)] })
    watched.part(2, true, 3, [view('b', 2)])
    expect(await taken(feed, 1)).toEqual([
      { type: 'snapshot', views: [view('a', 3), view('b', 2)] },
    ])
    watched.next(3, 4, { views: [view('c', 4)], gone: ['a'] })
    expect(await taken(feed, 2)).toEqual([changed('c', 4), { type: 'gone', orderId: 'a' }])
    // It came to match, and matched no more, within one notification.
    watched.next(4, 6, { views: [view('d', 5)], gone: ['d'] })
    expect(await taken(feed, 1)).toEqual([{ type: 'gone', orderId: 'd' }])
  })

  it('are handed to a listener one after the other, until it leaves', async () => {
    const { client, socket } = await scene()
    const heard: any[] = []
    const watching = client.views({}, (change) => heard.push(change))
    const watched = new Watched(socket)
    watched.part(1, true, 0, [])
    await settled()
    watched.next(0, 1, { views: [view('a', 1)] })
    await settled()
    expect(heard).toEqual([{ type: 'snapshot', views: [] }, changed('a', 1)])
    watching.cancel()
    await watching.ended
    expect(socket.take('subscription.cancel').params).toEqual({ subscription: 1 })
  })

  it('say when a listener throws', async () => {
    const { client, socket } = await scene()
    const watching = client.views({}, () => {
      throw new Error('no')
    })
    new Watched(socket).part(1, true, 0, [])
    await expect(watching.ended).rejects.toThrow('no')
    expect(socket.take().method).toBe('subscription.cancel')
  })

  it('go on from the cursor after a lost connection, without loss or repeat', async () => {
    const made = await scene()
    const feed = made.client.views()
    const watched = new Watched(made.socket)
    watched.part(1, true, 1, [view('a', 1)])
    await taken(feed, 1)
    watched.next(1, 3, { views: [view('b', 2)] })
    expect(await taken(feed, 1)).toEqual([changed('b', 2)])
    const again = new Watched(await made.comeBack(), { recovered: true })
    expect(again.params).toEqual({ from: { epoch: 'e1', eventId: 3 } })
    again.next(3, 4, { views: [view('c', 4)] })
    expect(await taken(feed, 1)).toEqual([changed('c', 4)])
  })

  it('without a whole snapshot have no cursor to go on from', async () => {
    const made = await scene()
    made.client.views()
    new Watched(made.socket).part(1, false, 5, [view('a', 1)])
    expect(new Watched(await made.comeBack()).params).toEqual({})
  })

  it('come as the newest of each order where they are taken slowly', async () => {
    const { client, socket } = await scene()
    const feed = client.views()
    const watched = new Watched(socket)
    watched.part(1, true, 1, [view('a', 1)])
    watched.next(1, 2, { views: [view('b', 2)] })
    expect(await taken(feed, 1)).toEqual([
      { type: 'snapshot', views: [view('a', 1), view('b', 2)] },
    ])
    for (let eventId = 3; eventId < 1000; eventId++) {
      const orderId = eventId % 2 ? 'a' : 'b'
      watched.next(eventId - 1, eventId, { views: [view(orderId, eventId)] })
    }
    watched.next(999, 1000, { gone: ['b'] })
    expect(await taken(feed, 2)).toEqual([changed('a', 999), { type: 'gone', orderId: 'b' }])
  })

  it('that are taken slowly ascend, and nothing from before a new snapshot is among them', async () => {
    const made = await scene()
    const feed = made.client.views()
    const watched = new Watched(made.socket)
    watched.part(1, true, 0, [])
    await taken(feed, 1)
    for (const [index, orderId] of ['a', 'b', 'a'].entries()) {
      watched.next(index, index + 1, { views: [view(orderId, index + 1)] })
    }
    expect(await taken(feed, 2)).toEqual([changed('b', 2), changed('a', 3)])
    watched.next(3, 4, { views: [view('c', 4)] })
    const other = new Watched(await made.comeBack(), { epoch: 'e2' })
    other.part(1, true, 1, [view('x', 1)])
    other.next(1, 2, { views: [view('y', 2)] })
    expect(await taken(feed, 1)).toEqual([
      { type: 'snapshot', views: [view('x', 1), view('y', 2)] },
    ])
    other.next(2, 3, { views: [view('x', 3)] })
    expect(await taken(feed, 1)).toEqual([changed('x', 3)])
  })

  it('end where the server refuses to show them', async () => {
    const { client, socket } = await scene()
    const feed = client.views()
    socket.refuse(socket.take('views.subscribe'), 1003, 'FORBIDDEN')
    expect(await outcomeOf(feed.next())).toMatchObject({ reason: 'FORBIDDEN', code: 1003 })
    expect(await feed.next()).toEqual({ value: undefined, done: true })
  })

  it('end quietly when their signal is aborted, and are cancelled', async () => {
    const { client, socket } = await scene()
    const stop = new AbortController()
    const feed = client.views({ signal: stop.signal })
    new Watched(socket)
    const waiting = feed.next()
    stop.abort()
    expect(await waiting).toEqual({ value: undefined, done: true })
    expect(socket.take('subscription.cancel').params).toEqual({ subscription: 1 })
  })
})

describe('a gap', () => {
  it('makes it subscribe again from the cursor', async () => {
    const { made, watched, map } = await filled()
    watched.next(7, 8, { views: [view('c', 8)] })
    expect(map.size).toBe(2)
    expect(made.socket.take('subscription.cancel').params).toEqual({ subscription: 1 })
    expect(made.client.state).toBe('catching up')
    const again = new Watched(made.socket, { recovered: true }, 2)
    expect(again.params).toEqual({ from: { epoch: 'e1', eventId: 2 } })
    // What the cancelled subscription still says is not listened to.
    watched.next(2, 9, { views: [view('d', 9)] })
    again.next(2, 8, { views: [view('c', 8)] })
    expect(eventIds(map)).toEqual([1, 2, 8])
    expect(made.client.state).toBe('live')
  })

  it('after one that was mended is mended, too', async () => {
    const { made, watched, map } = await filled()
    watched.next(7, 8)
    let again = watched
    for (const eventId of [8, 9, 10]) {
      expect(made.socket.take().method).toBe('subscription.cancel')
      again = new Watched(made.socket, { recovered: true }, eventId)
      again.next(again.params.from.eventId, eventId, { views: [view('c', eventId)] })
      again.next(50, 60)
    }
    expect(map.get('c')).toEqual(view('c', 10))
    expect(made.sockets).toHaveLength(1)
    expect(made.socket.isTerminated).toBe(false)
  })

  it('between the parts of a snapshot is one, too', async () => {
    const made = await scene()
    const map = made.client.map()
    const watched = new Watched(made.socket)
    watched.part(1, false, 5, [view('a', 1)])
    watched.part(3, true, 5, [view('c', 3)])
    expect(map.size).toBe(0)
    expect(made.socket.take().method).toBe('subscription.cancel')
    expect(new Watched(made.socket, {}, 2).params).toEqual({})
  })

  it('that stays a gap ends the connection, which backs off', async () => {
    const { made, watched, map } = await filled()
    watched.next(7, 8, { views: [view('c', 8)] })
    made.socket.take('subscription.cancel')
    const again = new Watched(made.socket, { recovered: true }, 2)
    again.next(7, 8, { views: [view('c', 8)] })
    expect(made.socket.isTerminated).toBe(true)
    const socket = await made.comeBackAfterDrop()
    new Watched(socket, { recovered: true }).next(2, 8, { views: [view('c', 8)] })
    expect(eventIds(map)).toEqual([1, 2, 8])
  })
})

describe('a map', () => {
  it('answers without a round trip, and tells what has changed', async () => {
    const { made, watched, map } = await filled({ customerId: 'bob' })
    const heard: unknown[] = []
    const leave = map.onChange((change: unknown) => heard.push(change))
    watched.next(2, 4, { views: [view('c', 4)], gone: ['a', 'never'] })
    expect(map.get('c')).toEqual(view('c', 4))
    expect([map.get('a'), map.has('b'), map.size]).toEqual([undefined, true, 2])
    expect(map.cursor).toEqual({ epoch: 'e1', eventId: 4 })
    leave()
    watched.next(4, 5, { views: [view('d', 5)] })
    expect(heard).toEqual([{ orderIds: ['c', 'a'], isSnapshot: false }])
    expect(made.socket.calls).toEqual([])
  })

  it('shows no order that came to match and matched no more within one notification', async () => {
    const { watched, map } = await filled({ status: 'created' })
    watched.next(2, 6, { views: [view('b', 3), view('c', 4)], gone: ['b', 'c'] })
    expect([...map]).toEqual([view('a', 1)])
  })

  it('shows no view after a newer one', async () => {
    const { watched, map } = await filled()
    watched.next(2, 5, { views: [view('a', 5)] })
    watched.next(5, 6, { views: [view('a', 4), view('b', 6)] })
    expect(eventIds(map)).toEqual([5, 6])
  })

  it('stays as it was until a new snapshot is whole, and is then replaced as a whole', async () => {
    const { made, map } = await filled()
    const heard: any[] = []
    map.onChange((change: unknown) => heard.push(change))
    const other = { epoch: 'e2' }
    const watched = new Watched(await made.comeBack(1006, { eventId: 1, ...other }), other)
    expect(watched.params.from).toEqual({ epoch: 'e1', eventId: 2 })
    watched.part(1, false, 1, [view('x', 1)])
    expect(eventIds(map)).toEqual([1, 2])
    const again = new Watched(await made.comeBack(), other)
    again.part(1, false, 1, [view('x', 1)])
    expect(made.client.state).toBe('catching up')
    again.part(2, true, 1, [view('a', 1)])
    expect([...map]).toEqual([view('x', 1), view('a', 1)])
    expect(map.cursor).toEqual({ epoch: 'e2', eventId: 1 })
    expect(heard).toEqual([{ orderIds: ['a', 'b', 'x'], isSnapshot: true }])
  })

  it('is filled with no order that left between two parts', async () => {
    const made = await scene()
    const map = made.client.map({ status: 'created' })
    const watched = new Watched(made.socket)
    watched.part(1, false, 3, [view('a', 1), view('b', 2)])
    watched.next(3, 5, { gone: ['a', 'c'] })
    watched.part(2, true, 5, [view('c', 3), view('d', 4)])
    expect([...map]).toEqual([view('b', 2), view('d', 4)])
  })

  it('rejects `live` where it ends before, and keeps what is in it', async () => {
    const { made, map, watched } = await filled()
    const stop = new AbortController()
    const other = made.client.map({ orderId: 'x', signal: stop.signal })
    stop.abort()
    expect(await outcomeOf(other.live)).toMatchObject({ reason: 'ABORTED' })
    map.close()
    watched.next(2, 3, { views: [view('c', 3)] })
    expect(map.size).toBe(2)
  })
})
