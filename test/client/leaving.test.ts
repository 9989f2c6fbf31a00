/** Nothing is left behind: no listener on a signal, no timer. */
import { getEventListeners } from 'node:events'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { platformTimers } from '../../src/client/platform.ts'
import { outcomeOf, type Scene, scene, settled } from './fakes.ts'

const params = { orderId: 'bob-1', paymentId: 'p-1', amount: 6000 }
const from = { epoch: 'e1', eventId: 0 }

/** What is done with a signal, and what ends it otherwise than by the signal. */
const uses: Record<string, (made: Scene, signal: AbortSignal) => Promise<unknown>> = {
  async 'a command that is answered'({ client, socket }, signal) {
    const submitted = client.submit('order.pay', params, { signal })
    socket.answer(socket.take(), {})
    await submitted
  },
  async 'a command that is given up'({ client, clock }, signal) {
    const submitted = outcomeOf(client.submit('order.pay', params, { signal, giveUpAfterMs: 10 }))
    await clock.advance(10)
    await submitted
  },
  async 'a call whose connection is lost'(made, signal) {
    const called = outcomeOf(made.client.call('order.pay', params, { signal }))
    await made.comeBack()
    await called
  },
  async 'a call that is one too many'({ client }, signal) {
    client.close()
    await outcomeOf(client.get('bob-1', { signal }))
  },
  async 'views that are left'({ client }, signal) {
    await client.views({ signal }).return()
  },
  async 'views that are refused'({ client, socket }, signal) {
    const feed = client.views({ signal })
    socket.refuse(socket.take(), 1003, 'FORBIDDEN')
    await outcomeOf(feed.next())
  },
  async 'views that are too many'({ client }, signal) {
    for (let open = 0; open < 3; open++) client.map()
    expect(() => client.views({ signal })).toThrow(/may have 3/)
    expect(() => client.events({ signal })).toThrow(/may have 3/)
    expect(() => client.map({ signal })).toThrow(/may have 3/)
  },
  async 'events whose client is closed'({ client }, signal) {
    const feed = client.events({ from, signal })
    client.close()
    await feed.next()
  },
  async 'a listener that is cancelled'({ client }, signal) {
    const watching = client.events({ from, signal }, () => {})
    watching.cancel()
    await watching.ended
  },
  async 'a map that is closed'({ client }, signal) {
    const map = client.map({ signal })
    map.close()
    await map.ended
  },
  async 'a map that is refused'({ client, socket }, signal) {
    const map = client.map({ signal })
    socket.refuse(socket.take(), 1003, 'FORBIDDEN')
    await map.ended
  },
}

describe('a signal has no listener left after', () => {
  it.each(Object.keys(uses))('%s', async (name) => {
    const stop = new AbortController()
    await uses[name]?.(await scene(), stop.signal)
    await settled()
    expect(getEventListeners(stop.signal, 'abort')).toEqual([])
  })

  it('and never more than one, however many calls it is for', async () => {
    const stop = new AbortController()
    const { client, socket } = await scene()
    const ends = Array.from({ length: 20 }, () =>
      outcomeOf(client.get('a', { signal: stop.signal })),
    )
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(1)
    for (let answered = 0; answered < 19; answered++) socket.answer(socket.take(), {})
    await settled()
    stop.abort()
    expect(await ends.at(-1)).toMatchObject({ reason: 'ABORTED' })
    expect(await Promise.all(ends.slice(0, 19))).toEqual(Array.from({ length: 19 }, () => ({})))
  })

  it('its client has closed', async () => {
    const stop = new AbortController()
    const { client } = await scene({ signal: stop.signal })
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(1)
    client.close()
    await client.closed
    await settled()
    expect(getEventListeners(stop.signal, 'abort')).toEqual([])
  })

  it('it was aborted', async () => {
    const stop = new AbortController()
    const { signal } = stop
    const { client } = await scene()
    const ends = [
      outcomeOf(client.submit('order.pay', params, { signal })),
      client.views({ signal }).next(),
      client.map({ signal }).ended,
    ]
    stop.abort()
    await Promise.all(ends)
    await settled()
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})

describe('a timer of the platform', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it.each([Number.POSITIVE_INFINITY, 2 ** 40])('of %s ms does not run at once', (ms) => {
    vi.useFakeTimers()
    const run = vi.fn()
    const cancel = platformTimers.after(ms, run)
    vi.advanceTimersByTime(24 * 60 * 60 * 1000)
    expect(run).not.toHaveBeenCalled()
    cancel()
    expect(vi.getTimerCount()).toBe(0)
  })
})
