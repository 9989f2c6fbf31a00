import { describe, expect, it, onTestFinished } from 'vitest'
import { event, outcomeOf, Scene, scene, settled } from './fakes.ts'

const from = { epoch: 'e1', eventId: 0 }

/** The rejections that nobody has looked at, from here on. */
function unhandled(): unknown[] {
  const reasons: unknown[] = []
  const note = (reason: unknown) => reasons.push(reason)
  process.on('unhandledRejection', note)
  onTestFinished(() => {
    process.off('unhandledRejection', note)
  })
  return reasons
}

describe('what ends and nobody looks at', () => {
  it('is no unhandled rejection where the token is wrong', async () => {
    const reasons = unhandled()
    const { client, socket } = new Scene({ token: 'wrong' })
    client.views({}, () => {})
    client.events({}, () => {})
    client.map()
    client.views()
    client.events()
    socket.open()
    socket.refuse(socket.take('session.hello'), 1001, 'UNAUTHENTICATED')
    expect(await client.closed).toMatchObject({ reason: 'UNAUTHENTICATED' })
    await settled()
    expect(reasons).toEqual([])
  })

  it('is none where the token has come to its end', async () => {
    const reasons = unhandled()
    const { client, socket } = await scene({ token: 'short-lived' })
    client.views({}, () => {})
    client.events({}, () => {})
    client.map()
    socket.hangUp(4001)
    await client.closed
    await settled()
    expect(reasons).toEqual([])
  })

  it('is none where a listener throws', async () => {
    const reasons = unhandled()
    const { client, socket } = await scene()
    client.events({ from }, () => Promise.reject(new Error('no')))
    socket.answer(socket.take(), { subscription: 1, epoch: 'e1' })
    socket.notify('events.next', { subscription: 1, eventId: 1, previous: 0, events: [event(1)] })
    await settled()
    expect(socket.take().method).toBe('subscription.cancel')
    expect(reasons).toEqual([])
  })
})

describe('a listener that hears of errors', () => {
  it('is told the one of the server, once, as `ended` is', async () => {
    const { client, socket } = await scene()
    const errors: unknown[] = []
    const onError = (error: unknown) => errors.push(error)
    const watching = [
      client.views({ onError }, () => {}),
      client.events({ from, onError }, () => {}),
    ]
    const calls = [socket.take('views.subscribe'), socket.take('events.subscribe')]
    // It is the client's own, and not sent.
    expect(calls.map(({ params }) => Object.keys(params))).toEqual([[], ['from', 'ack']])
    for (const call of calls) socket.refuse(call, 1003, 'FORBIDDEN')
    const ends = await Promise.all(watching.map(({ ended }) => outcomeOf(ended)))
    expect(ends).toMatchObject([{ reason: 'FORBIDDEN' }, { reason: 'FORBIDDEN' }])
    expect(errors).toEqual(ends)
  })

  it('is told the one that it threw itself', async () => {
    const { client, socket } = await scene()
    const errors: any[] = []
    const watching = client.events({ from, onError: (error) => errors.push(error) }, () => {
      throw new Error('no')
    })
    socket.answer(socket.take(), { subscription: 1, epoch: 'e1' })
    socket.notify('events.next', { subscription: 1, eventId: 1, previous: 0, events: [event(1)] })
    const error = await outcomeOf(watching.ended)
    expect(errors).toEqual([error])
    expect(error.message).toBe('no')
  })

  it('is told nothing where the program ends it', async () => {
    const stop = new AbortController()
    const { client } = await scene()
    const errors: unknown[] = []
    const onError = (error: unknown) => errors.push(error)
    const cancelled = client.views({ onError }, () => {})
    const aborted = client.views({ onError, signal: stop.signal }, () => {})
    const closed = client.views({ onError }, () => {})
    cancelled.cancel()
    stop.abort()
    client.close()
    await Promise.all([cancelled.ended, aborted.ended, closed.ended])
    expect(errors).toEqual([])
  })
})
