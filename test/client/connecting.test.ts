import { describe, expect, it } from 'vitest'
import { ClientError, type ClientState, connect } from '../../src/client/index.ts'
import { limits } from '../../src/client/limits.ts'
import { event, outcomeOf, Scene, scene, settled, view } from './fakes.ts'

function statesOf(made: Scene): ClientState[] {
  const states: ClientState[] = []
  made.client.onState(({ state }) => states.push(state))
  return states
}

describe('connect', () => {
  it('returns at once, and says when the first connection is there', async () => {
    const made = new Scene()
    expect(made.client.state).toBe('connecting')
    await made.greet()
    expect(await made.client.ready).toEqual(made.hello)
    expect(made.client.state).toBe('live')
  })

  it('says what to do where the platform has no WebSocket', () => {
    const { WebSocket } = globalThis as any
    Reflect.deleteProperty(globalThis, 'WebSocket')
    try {
      expect(() => connect('ws://server/ws')).toThrow(/Node 20, install ws and pass/)
    } finally {
      if (WebSocket) (globalThis as any).WebSocket = WebSocket
    }
  })

  it('throws what the factory throws, and leaves nothing behind', () => {
    const socket = () => {
      throw new SyntaxError('no such address')
    }
    expect(() => connect('nonsense', { socket })).toThrow(SyntaxError)
  })

  it('greets first on each connection, with the token', async () => {
    const made = await scene({ token: 'secret' })
    const socket = await made.comeBack()
    expect(socket.all[0]).toMatchObject({ method: 'session.hello', params: { token: 'secret' } })
  })
})

describe('a lost connection', () => {
  it('is made again, later with each failure, up to a bound', async () => {
    const made = await scene()
    const waits: number[] = []
    for (let failures = 0; failures < 10; failures++) {
      made.socket.hangUp()
      waits.push(made.client.status.retryMs)
      await made.clock.advance(made.client.status.retryMs)
    }
    expect(waits).toEqual([200, 400, 800, 1599, 3197, 4995, 4995, 4995, 4995, 4995])
    expect(made.sockets).toHaveLength(11)
  })

  it('is made again at any time up to that, so that a thousand do not come at once', async () => {
    const made = await scene()
    made.chance = 0.25
    made.socket.hangUp()
    expect(made.client.status.retryMs).toBe(50)
  })

  it('that was well for long begins with short waits again', async () => {
    const made = await scene()
    for (let failures = 0; failures < 5; failures++) {
      made.socket.hangUp()
      await made.clock.advance(made.client.status.retryMs)
    }
    const socket = await made.greet()
    await made.clock.advance(limits.steadyMs)
    socket.hangUp()
    expect(made.client.status.retryMs).toBe(200)
  })

  it.each([
    [4000, 'REJECTED'],
    [4001, 'UNAUTHENTICATED'],
    [4003, 'FORBIDDEN'],
    [4008, 'UNAUTHENTICATED'],
    [4099, 'REJECTED'],
  ])('is not made again after %s', async (code, reason) => {
    const made = await scene()
    const read = outcomeOf(made.client.get('bob-1'))
    const submitted = outcomeOf(made.client.submit('order.deliver', { orderId: 'bob-1' }))
    made.socket.hangUp(code, 'no more')
    expect(made.client.state).toBe('closed')
    expect(made.client.status.lost).toEqual({ code, reason: 'no more' })
    const error = await made.client.closed
    expect(error).toMatchObject({ reason, message: expect.stringContaining('no more') })
    expect(await read).toMatchObject({ reason, outcome: 'not_applied' })
    expect(await submitted).toMatchObject({ reason, outcome: 'unknown' })
    expect(made.clock.pending).toBe(0)
    expect(await outcomeOf(made.client.get('bob-1'))).toMatchObject({ reason })
  })

  it.each([4100, 4101, 4102])('backs off after %s', async (code) => {
    const made = await scene()
    for (const wait of [200, 400, 800]) {
      made.socket.hangUp(code)
      expect(made.client.status.retryMs).toBe(wait)
      await made.clock.advance(wait)
      await made.greet()
    }
  })

  it.each([4200, 4201])('is made again at once after %s', async (code) => {
    const made = await scene()
    for (let times = 0; times < 3; times++) {
      made.socket.hangUp(code)
      expect(made.client.status.retryMs).toBe(limits.soonMsMax)
      await made.clock.advance(limits.soonMsMax)
      await made.greet()
      await made.clock.advance(limits.steadyMs)
    }
    made.chance = 0
    made.socket.hangUp(code)
    expect(made.client.status.retryMs).toBe(0)
  })

  it('backs off from a server that says again and again to come back at once', async () => {
    const made = await scene()
    const waits: number[] = []
    for (let times = 0; times < 5; times++) {
      made.socket.hangUp(4200)
      waits.push(made.client.status.retryMs)
      await made.clock.advance(made.client.status.retryMs)
      await made.greet()
    }
    expect(waits).toEqual([limits.soonMsMax, 400, 800, 1599, 3197])
  })

  it('ends a client that is not to come back', async () => {
    const made = new Scene({ reconnect: false })
    made.socket.hangUp()
    const error = await outcomeOf(made.client.ready)
    expect(error).toMatchObject({ reason: 'CONNECTION_LOST', retryable: true })
    expect(error.message).toContain('There is no connection to ws://server/ws')
    expect(made.client.state).toBe('closed')
    expect(made.clock.pending).toBe(0)
  })

  it('is noticed where the other side has gone without a word', async () => {
    const made = await scene()
    const { socket } = made
    const silence = 2 * made.hello.heartbeatMs + limits.silenceMarginMs
    await made.clock.advance(silence - 1)
    socket.notify('session.heartbeat', { epoch: 'e1', eventId: 0 })
    await made.clock.advance(silence - 1)
    expect(made.client.state).toBe('live')
    await made.clock.advance(1)
    expect(socket.isTerminated).toBe(true)
    expect(made.client.status).toMatchObject({
      state: 'connecting',
      lost: { reason: `nothing was heard for ${silence} ms` },
    })
    await made.clock.advance(200)
    expect(made.sockets).toHaveLength(2)
    // What the dead connection still says is not listened to.
    socket.hangUp(4001)
    expect(made.client.state).toBe('connecting')
  })

  it('is noticed where the server does not answer at all, or not the greeting', async () => {
    const made = new Scene()
    await made.clock.advance(limits.openMsMax)
    expect(made.socket.isTerminated).toBe(true)
    await made.clock.advance(200)
    made.socket.open()
    await made.clock.advance(limits.openMsMax)
    expect(made.socket.isTerminated).toBe(true)
    expect(made.client.state).toBe('connecting')
  })

  it.each([
    ['no JSON', '{'],
    ['no notification of this protocol', { method: 'views.next' }],
    [
      'nothing that a subscription can take',
      { method: 'views.next', params: { ...part, eventId: 1, previous: 0 } },
    ],
  ])('follows on a message that is %s', async (_, message) => {
    const made = await scene()
    made.client.map()
    made.socket.answer(made.socket.take(), subscribed(false))
    made.socket.notify('views.snapshot', { ...part, eventId: 0, views: [] })
    made.socket.say(message)
    expect(made.client.status).toMatchObject({
      state: 'connecting',
      lost: { code: 1006, reason: expect.stringContaining('is not understood: ') },
    })
    const socket = await made.comeBackAfterDrop()
    expect(socket.take('views.subscribe').params).toEqual({ from: { epoch: 'e1', eventId: 0 } })
  })

  it('says what the socket said of it, where the close says nothing', async () => {
    const made = await scene()
    made.socket.onerror?.({ message: 'connect ECONNREFUSED 127.0.0.1:7300' })
    made.socket.hangUp()
    expect(made.client.status.lost?.reason).toBe('connect ECONNREFUSED 127.0.0.1:7300')
  })
})

describe('the greeting', () => {
  it('that is refused for good closes the client', async () => {
    const made = new Scene({ token: 'wrong' })
    made.socket.open()
    made.socket.refuse(made.socket.take('session.hello'), 1001, 'UNAUTHENTICATED')
    expect(await made.client.closed).toMatchObject({ reason: 'UNAUTHENTICATED' })
    expect(made.socket.closedWith).toBe(1000)
    expect(made.clock.pending).toBe(0)
  })

  it('that is refused for now is tried again', async () => {
    const made = new Scene()
    made.socket.open()
    made.socket.refuse(made.socket.take('session.hello'), 1005, 'OVERLOADED')
    expect(made.client.state).toBe('connecting')
    await made.comeBackAfterDrop()
    expect(made.client.state).toBe('live')
  })
})

describe('a server that stops', () => {
  it('is sent nothing more, answers what it has, and is met again', async () => {
    const made = await scene()
    const { socket, client } = made
    const before = client.get('bob-1')
    socket.notify('session.shutdown', { drainMs: 5000 })
    const after = client.submit('order.deliver', { orderId: 'bob-1' })
    socket.answer(socket.take('order.get'), { orderId: 'bob-1' })
    expect(await before).toEqual({ orderId: 'bob-1' })
    expect(socket.calls).toEqual([])
    const next = await made.comeBack(4200)
    next.answer(next.take('order.deliver'), { eventId: 9 })
    expect(await after).toEqual({ eventId: 9 })
  })

  it('is left where it does not close the connection in its time', async () => {
    const made = await scene()
    made.socket.notify('session.shutdown', { drainMs: 5000 })
    await made.clock.advance(5000 + limits.drainMarginMs)
    expect(made.socket.isTerminated).toBe(true)
    expect(made.client.status.retryMs).toBe(limits.soonMsMax)
  })
})

describe('the state', () => {
  it('goes from connecting over catching up to live, and back', async () => {
    const made = new Scene()
    const states = statesOf(made)
    const map = made.client.map()
    await made.greet({ eventId: 5 })
    const { socket } = made
    socket.answer(socket.take('views.subscribe'), subscribed(false))
    expect(made.client.state).toBe('catching up')
    socket.notify('views.snapshot', { ...part, eventId: 5, views: [view('a', 5)] })
    await map.live
    const next = await made.comeBack(1006, { eventId: 8 })
    next.answer(next.take('views.subscribe'), subscribed(true))
    expect(made.client.state).toBe('catching up')
    next.notify('views.next', { subscription: 1, eventId: 7, previous: 5, views: [view('a', 7)] })
    expect(made.client.state).toBe('catching up')
    next.notify('views.next', { subscription: 1, eventId: 8, previous: 7, views: [view('b', 8)] })
    made.client.close()
    expect(states).toEqual([
      ...['catching up', 'live', 'connecting', 'connecting', 'catching up', 'live', 'closed'],
    ])
  })

  it('is live at once where nothing was missed, or only some orders are watched', async () => {
    const made = await scene()
    made.client.map()
    made.socket.answer(made.socket.take(), subscribed(false))
    made.socket.notify('views.snapshot', { ...part, eventId: 0, views: [] })
    expect(made.client.state).toBe('live')
    const next = await made.comeBack(1006, { eventId: 0 })
    next.answer(next.take(), subscribed(true))
    expect(made.client.state).toBe('live')
    made.client.events({ types: ['NewOrderEvent'] })
    expect(made.client.state).toBe('catching up')
    next.answer(next.take(), subscribed(true, 2))
    expect(made.client.state).toBe('live')
  })

  it('is told to each listener, whatever another does, until it leaves', async () => {
    const made = new Scene()
    const heard: ClientState[] = []
    const leave = made.client.onState(({ state }) => heard.push(state))
    await made.greet()
    leave()
    made.socket.hangUp()
    expect(heard).toEqual(['live'])
    expect(made.client.state).toBe('connecting')
  })

  it('closes where a listener closes it while it is told', async () => {
    const made = await scene()
    made.client.onState(({ state, retryMs }) => {
      if (state === 'connecting' && retryMs === 0) made.client.close()
    })
    made.socket.hangUp()
    await made.clock.advance(200)
    expect(made.sockets).toHaveLength(1)
    expect(made.clock.pending).toBe(0)
  })
})

describe('close', () => {
  it('ends all that waits, and leaves nothing running', async () => {
    const made = await scene()
    const { client, socket, clock } = made
    const never = outcomeOf(client.submit('order.deliver', { orderId: 'a' }))
    const limited = outcomeOf(client.submit('order.deliver', { orderId: 'b' }))
    socket.take()
    socket.refuse(socket.take(), 1004, 'RATE_LIMITED')
    const views = client.views()
    const waiting = views.next()
    const map = client.map({ orderId: 'a' })
    client.close()
    expect(await never).toMatchObject({ reason: 'CLOSED', outcome: 'unknown' })
    expect(await limited).toMatchObject({ reason: 'CLOSED', outcome: 'not_applied' })
    expect(await waiting).toEqual({ value: undefined, done: true })
    expect(await outcomeOf(map.live)).toMatchObject({ reason: 'CLOSED' })
    expect(await client.closed).toMatchObject({ reason: 'CLOSED' })
    expect(socket.closedWith).toBe(1000)
    expect(clock.pending).toBe(0)
    expect(() => client.events()).toThrow(ClientError)
    client.close()
  })

  it('ends a wait for a server that stops', async () => {
    const made = await scene()
    made.socket.notify('session.shutdown', { drainMs: 5000 })
    made.client.close()
    expect(made.clock.pending).toBe(0)
  })

  it('ends a wait for the next connection', async () => {
    const made = await scene()
    made.socket.hangUp()
    made.client.close()
    expect(made.clock.pending).toBe(0)
    expect(made.client.state).toBe('closed')
  })
})

describe('subscriptions', () => {
  it('are as many as the server allows, and no more', async () => {
    const { client } = await scene()
    const first = client.views()
    client.events()
    client.map()
    expect(() => client.map()).toThrow(/may have 3 subscriptions/)
    await first.return()
    client.map()
  })

  it('that are too many before the server has said so end with the limit, the last ones', async () => {
    const made = new Scene()
    const { client } = made
    const first = [client.map(), client.views(), client.events()]
    const map = client.map()
    const views = client.views()
    const watching = client.events({}, () => {})
    const socket = await made.greet()
    const tooMany = {
      reason: 'TOO_MANY_SUBSCRIPTIONS',
      message: expect.stringContaining('may have 3 subscriptions'),
    }
    expect(await outcomeOf(map.live)).toMatchObject(tooMany)
    expect(await map.ended).toBe(map.error)
    expect(await outcomeOf(views.next())).toMatchObject(tooMany)
    expect(await outcomeOf(watching.ended)).toMatchObject(tooMany)
    expect(client.status.error).toMatchObject(tooMany)
    expect(socket.calls).toHaveLength(first.length)
  })

  it('that are too many for the next server end, and the others go on', async () => {
    const made = await scene()
    const maps = [made.client.map(), made.client.map(), made.client.map()]
    const limits = { ...made.hello.limits, subscriptionsMax: 2 }
    const socket = await made.comeBack(1006, { limits })
    expect(maps.map(({ state }) => state)).toEqual(['catching up', 'catching up', 'closed'])
    expect(socket.calls).toHaveLength(2)
  })

  it('opened in place of one that ended are opened once', async () => {
    const made = new Scene()
    const maps = Array.from({ length: 4 }, () => made.client.map())
    maps.at(-1)?.onChange(() => {
      maps[0]?.close()
      made.client.map({ orderId: 'a' })
    })
    const socket = await made.greet()
    const opened = socket.calls.filter(({ method }) => method === 'views.subscribe')
    expect(opened.map(({ params }) => params)).toEqual([{}, {}, { orderId: 'a' }])
    expect(socket.calls).toHaveLength(3)
  })

  it('are tried again where the server has no time', async () => {
    const { client, socket, clock } = await scene()
    const events = client.events({ from: { epoch: 'e1', eventId: 0 } })
    socket.refuse(socket.take('events.subscribe'), 1004, 'RATE_LIMITED')
    await clock.advance(200)
    socket.answer(socket.take('events.subscribe'), subscribed())
    socket.notify('events.next', { subscription: 1, eventId: 1, previous: 0, events: [event(1)] })
    expect(await events.next()).toMatchObject({ value: { eventId: 1 } })
  })

  it('that are cancelled while the server has no time are cancelled later', async () => {
    const { client, socket, clock } = await scene()
    const map = client.map()
    socket.answer(socket.take(), subscribed(false))
    map.close()
    for (const wait of [200, 400]) {
      socket.refuse(socket.take('subscription.cancel'), 1004, 'RATE_LIMITED')
      expect(socket.calls).toEqual([])
      await clock.advance(wait)
    }
    socket.answer(socket.take('subscription.cancel'), { cancelled: true })
    await clock.advance(limits.backoffMsMax)
    expect(socket.calls).toEqual([])
  })

  it.each(['close', 'hang up'])(
    'that are to be cancelled later are not, after a %s',
    async (how) => {
      const made = await scene()
      const map = made.client.map()
      made.socket.answer(made.socket.take(), subscribed(false))
      map.close()
      made.socket.refuse(made.socket.take('subscription.cancel'), 1004, 'RATE_LIMITED')
      if (how === 'close') made.client.close()
      else made.socket.hangUp()
      expect(made.clock.pending).toBe(how === 'close' ? 0 : 1)
    },
  )

  it('that end while they are being opened are cancelled when they are', async () => {
    const { client, socket } = await scene()
    const events = client.events()
    const opening = socket.take('events.subscribe')
    await events.return()
    socket.answer(opening, subscribed())
    expect(socket.take('subscription.cancel').params).toEqual({ subscription: 1 })
    await settled()
  })
})

const part = { subscription: 1, part: 1, last: true }
const subscribed = (recovered?: boolean, subscription = 1) => ({
  subscription,
  epoch: 'e1',
  ...(recovered !== undefined && { recovered }),
})
