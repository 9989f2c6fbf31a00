/** What becomes of what is watched when the server does not show it any more. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { MapChange } from '../../src/client/index.ts'
import { temporaryFolder } from '../support/folders.ts'
import { event, type FakeSocket, outcomeOf, type Scene, scene, settled, view } from './fakes.ts'
import { client, house, lines, newOrder } from './house.ts'

const from = { epoch: 'e1', eventId: 0 }
const subscribed = (subscription = 1, recovered = false) => ({
  ...{ subscription, epoch: 'e1', recovered },
})

/** Answers a subscription to views with all that there is of them. */
function show(socket: FakeSocket, eventId: number, views: readonly any[], subscription = 1): any {
  const call = socket.take('views.subscribe')
  socket.answer(call, subscribed(subscription))
  socket.notify('views.snapshot', { subscription, part: 1, last: true, eventId, views })
  return call.params
}

async function watched(): Promise<{ made: Scene; map: any; changes: MapChange[] }> {
  const made = await scene()
  const map = made.client.map()
  const changes: MapChange[] = []
  show(made.socket, 2, [view('a', 1), view('b', 2)])
  await map.live
  map.onChange((change) => changes.push(change))
  return { made, map, changes }
}

describe('a map whose views are not shown any more', () => {
  it('says so to its listeners and to whoever asks, and keeps what is in it', async () => {
    const { made, map, changes } = await watched()
    const errors: unknown[] = []
    made.client.onState(({ error }) => errors.push(error))
    const socket = await made.comeBack()
    expect([map.state, map.error]).toEqual(['catching up', undefined])
    socket.refuse(socket.take('views.subscribe'), 1003, 'FORBIDDEN')
    const error = await map.ended
    expect(error).toMatchObject({ reason: 'FORBIDDEN', code: 1003 })
    expect(changes).toEqual([{ orderIds: [], isSnapshot: false, ended: error }])
    expect([map.state, map.error, map.size]).toEqual(['closed', error, 2])
    expect(made.client.status).toMatchObject({ state: 'live', error })
    expect(errors).toContain(error)
    // It is not asked for again, and the error stays to be seen.
    expect((await made.comeBack()).calls).toEqual([])
    expect(made.client.status).toMatchObject({ state: 'live', error })
  })

  it('has ended before the client says that it is live', async () => {
    const { made, map } = await watched()
    const socket = await made.comeBack()
    const seen: unknown[] = []
    made.client.onState(({ state }) => seen.push([state, map.state]))
    socket.refuse(socket.take('views.subscribe'), 1003, 'FORBIDDEN')
    expect(seen.at(-1)).toEqual(['live', 'closed'])
    expect(seen).not.toContainEqual(['live', 'catching up'])
  })

  it('says why where the client is closed by the server', async () => {
    const { made, map, changes } = await watched()
    made.socket.hangUp(4001, 'the token has come to its end')
    expect(await map.ended).toMatchObject({ reason: 'UNAUTHENTICATED' })
    expect(changes).toEqual([{ orderIds: [], isSnapshot: false, ended: map.error }])
    expect(made.client.status).toMatchObject({ state: 'closed', error: map.error })
  })

  it('finds the client closed where it is told of that', async () => {
    const { made, map } = await watched()
    const states: string[] = []
    map.onChange(() => states.push(made.client.state))
    made.client.close()
    expect(states).toEqual(['closed'])
  })
})

describe('a map that is closed by its program', () => {
  it('says so, once', async () => {
    const { map, changes } = await watched()
    map.close()
    map.close()
    expect(await map.ended).toMatchObject({ reason: 'CLOSED' })
    expect(changes).toHaveLength(1)
    expect(map.state).toBe('closed')
  })

  it('says so where its signal is aborted', async () => {
    const made = await scene()
    const stop = new AbortController()
    const map = made.client.map({ signal: stop.signal })
    show(made.socket, 0, [])
    await map.live
    stop.abort('enough')
    expect(await map.ended).toMatchObject({ reason: 'ABORTED', cause: 'enough' })
    expect(made.socket.take('subscription.cancel').params).toEqual({ subscription: 1 })
  })
})

describe('views and events that are not shown any more', () => {
  it('throw the error of the server, after what had come', async () => {
    const made = await scene()
    const feeds = [made.client.views(), made.client.events({ from })]
    show(made.socket, 1, [view('a', 1)])
    made.socket.answer(made.socket.take('events.subscribe'), subscribed(2))
    const socket = await made.comeBack()
    for (const _ of feeds) socket.refuse(socket.take(), 1003, 'FORBIDDEN')
    expect(made.client.status).toMatchObject({ state: 'live', error: { reason: 'FORBIDDEN' } })
    expect(await feeds[0]?.next()).toMatchObject({ value: { type: 'snapshot' } })
    for (const feed of feeds) {
      expect(await outcomeOf(feed.next())).toMatchObject({ reason: 'FORBIDDEN', code: 1003 })
      expect(await feed.next()).toEqual({ value: undefined, done: true })
    }
  })
})

describe('a token of another customer', () => {
  it.each([
    ['bob', 'alice'],
    [null, 'bob'],
    ['bob', null],
  ])('(%s, then %s) has a map filled anew, with no order of before', async (first, second) => {
    const made = await scene()
    await made.comeBack(1006, { customerId: first })
    const map = made.client.map()
    show(made.socket, 2, [view('a', 1), view('b', 2)])
    await map.live
    const socket = await made.comeBack(1006, { customerId: second })
    expect(show(socket, 2, [view('b', 2)])).toEqual({})
    expect([...map]).toEqual([view('b', 2)])
    // From here on it goes on from its cursor again.
    const next = await made.comeBack()
    expect(next.take('views.subscribe').params).toEqual({ from: { epoch: 'e1', eventId: 2 } })
  })

  it.each([
    ['bob', 'alice'],
    [null, 'bob'],
    ['bob', null],
  ])('(%s, then %s) ends events, for some between would be missing', async (first, second) => {
    const made = await scene()
    await made.comeBack(1006, { customerId: first })
    const feed = made.client.events({ from })
    made.socket.answer(made.socket.take('events.subscribe'), subscribed())
    made.socket.notify('events.next', {
      ...{ subscription: 1, eventId: 1, previous: 0, events: [event(1)] },
    })
    expect(await feed.next()).toMatchObject({ value: { eventId: 1 } })
    const socket = await made.comeBack(1006, { customerId: second })
    expect(await outcomeOf(feed.next())).toMatchObject({ reason: 'CUSTOMER_CHANGED' })
    expect(made.client.status).toMatchObject({
      state: 'live',
      error: { reason: 'CUSTOMER_CHANGED' },
    })
    expect(socket.calls).toEqual([])
    await settled()
  })
})

describe('with the engine', () => {
  const token = 'the-token-of-the-shop'
  const tokensOf = (path: string, entry: object) => {
    writeFileSync(path, JSON.stringify([{ token, subject: 'shop', ...entry }]))
    return { tokensFile: path }
  }

  it('a server that restarts with fewer rights ends what is watched, and shows nothing', async () => {
    const path = join(temporaryFolder(), 'tokens.json')
    const at = await house({}, tokensOf(path, { roles: ['read', 'write'] }))
    const { client: shop } = client(at, { token })
    const { epoch } = await shop.ready
    await shop.submit('order.new', newOrder('bob-1'))
    const map = shop.map()
    const bobs = shop.map({ customerId: 'bob' })
    const feed = shop.events({ from: { epoch, eventId: 0 } })
    await Promise.all([map.live, bobs.live])
    expect((await feed.next()).value).toMatchObject({ eventId: 1 })

    await at.engine.close()
    await at.open({}, tokensOf(path, { roles: ['read', 'write'], customerId: 'alice' }))
    expect(await bobs.ended).toMatchObject({ reason: 'FORBIDDEN' })
    expect(await outcomeOf(feed.next())).toMatchObject({ reason: 'CUSTOMER_CHANGED' })
    // All orders are alice's now: bob's has gone from the map.
    await expect.poll(() => [map.state, map.size]).toEqual(['live', 0])

    await at.engine.close()
    await at.open({}, tokensOf(path, { roles: ['write'], customerId: 'alice' }))
    expect(await map.ended).toMatchObject({ reason: 'FORBIDDEN', data: { role: 'read' } })
    expect(shop.status).toMatchObject({ state: 'live', error: { reason: 'FORBIDDEN' } })

    await at.engine.close()
    await at.open({}, tokensOf(path, { token: 'another-token-altogether', roles: ['read'] }))
    expect(await shop.closed).toMatchObject({ reason: 'UNAUTHENTICATED' })
    expect(shop.status).toMatchObject({ state: 'closed', error: { reason: 'UNAUTHENTICATED' } })
  })
  it('an order that was placed, and placed again with a token for all, is not surely refused', async () => {
    const path = join(temporaryFolder(), 'tokens.json')
    const at = await house({}, tokensOf(path, { roles: ['write'], customerId: 'bob' }))
    const { client: shop, cut } = client(at, { token })
    await shop.ready
    // It is recorded, and its receipt is still to leave.
    const placed = new Promise<void>((resolve) => {
      at.engine.subscribe(() => resolve(cut()))
    })
    const params = { currency: 'USD', lines, orderId: 'bob:1', commandId: 'c-1' }
    const submitted = shop.submit('order.new', params)
    await placed
    await at.engine.close()
    await at.open({}, tokensOf(path, { roles: ['write'] }))
    // To a token for all, an id that begins with a customer needs that customerId.
    await expect(submitted).rejects.toMatchObject({ reason: 'INVALID_PARAMS', outcome: 'unknown' })
    expect(at.engine.get('bob:1')).toMatchObject({ version: 1, customerId: 'bob' })
  })
})
