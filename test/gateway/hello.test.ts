import { describe, expect, it } from 'vitest'
import type { Authenticator, Identity } from '../../src/gateway/auth/identity.ts'
import { systemRuntime } from '../../src/runtime.ts'
import { settle } from '../support/sequencer.ts'
import { FakeSocket, HandTimers } from './fakes.ts'
import { identityOf, wholeGateway } from './whole.ts'

const reader = identityOf({ subject: 'reader', roles: ['read'] })
const known: Record<string, Identity> = {
  'the-token-of-reader': reader,
  'a-later-one-of-reader': { ...reader, expiresAt: 9_000_000 },
  'the-token-of-another': identityOf({ subject: 'another' }),
}
const authenticator: Authenticator = { authenticate: async (token) => known[token] }

async function asking(now = () => 0) {
  const timers = new HandTimers({ now })
  const { runtime } = timers
  const engine = await wholeGateway({}, { authenticator, runtime })
  const arrive = (identity?: Identity) => {
    const socket = new FakeSocket()
    socket.isTaking = true
    engine.gateway.connect(socket, identity)
    return socket
  }
  return { ...engine, timers, arrive }
}

describe('session.hello', () => {
  it('tells what the server is, and what the token may do', async () => {
    const engine = await asking()
    const socket = engine.arrive()
    const { result } = await engine.call(socket, 'session.hello', {
      token: 'the-token-of-reader',
      client: 'a test',
    })
    expect(result).toEqual({
      epoch: 'this-log',
      eventId: 0,
      limits: {
        frameBytesMax: 262144,
        batchCallsMax: 1000,
        callsPerSecondMax: 50000,
        subscriptionsMax: 100,
        listOrdersMax: 1000,
        readEventsMax: 1000,
        ackLagMax: 10000,
      },
      heartbeatMs: 15000,
      roles: ['read'],
      customerId: null,
    })
    expect((await engine.call(socket, 'order.list')).result).toEqual({ orders: [] })
  })

  it('needs no token where none are asked for', async () => {
    const engine = await wholeGateway()
    const { result } = await engine.call(engine.connect(), 'session.hello')
    expect(result).toMatchObject({ roles: ['read', 'write', 'admin'], customerId: null })
  })

  it('lets calls that come right behind it wait for what becomes of it', async () => {
    const engine = await asking()
    const socket = engine.arrive()
    socket.call('hello', 'session.hello', { token: 'the-token-of-reader' })
    socket.call('list', 'order.list')
    socket.call('new', 'order.new', {})
    await settle(10)
    expect(socket.sent.map(({ id }) => id)).toEqual(['hello', 'new', 'list'])
    expect(socket.sent.find(({ id }) => id === 'list').result).toEqual({ orders: [] })
    expect(socket.sent.find(({ id }) => id === 'new').error.code).toBe(1003)
  })

  it('closes the socket of a wrong token, after the answer', async () => {
    const engine = await asking()
    const socket = engine.arrive()
    const { error } = await engine.call(socket, 'session.hello', { token: 'no such token' })
    expect(error).toMatchObject({ code: 1001 })
    expect(JSON.stringify(socket.sent)).not.toContain('no such token')
    await settle()
    expect(socket.closedWith).toBe(4001)
  })

  it('asks for a token where there has to be one', async () => {
    const engine = await asking()
    const { error } = await engine.call(engine.arrive(), 'session.hello')
    expect(error).toMatchObject({ code: 1001 })
  })

  it('takes no token of somebody else on the same socket', async () => {
    const engine = await asking()
    const socket = engine.arrive(reader)
    const { error } = await engine.call(socket, 'session.hello', { token: 'the-token-of-another' })
    expect(error).toMatchObject({ code: 1003 })
    expect((await engine.call(socket, 'order.ship', { orderId: 'a' })).error.code).toBe(1003)
  })
})

describe('a socket without a token', () => {
  it('is closed with 4008 when its time is over', async () => {
    const { arrive, timers } = await asking()
    const socket = arrive()
    timers.fire(10_000)
    expect(socket.closedWith).toBe(4008)
  })

  it('is not when it has said hello', async () => {
    const engine = await asking()
    const socket = engine.arrive()
    await engine.call(socket, 'session.hello', { token: 'the-token-of-reader' })
    engine.timers.fire(10_000)
    expect(socket.closedWith).toBeUndefined()
  })
})

describe('a token that comes to its end', () => {
  it('closes the open socket with 4001', async () => {
    let now = 0
    const { arrive, timers } = await asking(() => now)
    const socket = arrive({ ...reader, expiresAt: 60_000 })
    now = 60_000
    timers.fire(60_000)
    expect(socket.closedWith).toBe(4001)
  })

  it('waits however long that is', async () => {
    let now = 0
    const { arrive, timers } = await asking(() => now)
    const days = 24 * 3600 * 1000
    const socket = arrive({ ...reader, expiresAt: 30 * days })
    now = 2 ** 31 - 1
    timers.fire(now)
    expect(socket.closedWith).toBeUndefined()
    now = 30 * days
    timers.fire(30 * days - (2 ** 31 - 1))
    expect(socket.closedWith).toBe(4001)
  })

  it('is prolonged by a later token of the same subject', async () => {
    let now = 0
    const engine = await asking(() => now)
    const socket = engine.arrive({ ...reader, expiresAt: 60_000 })
    const { result } = await engine.call(socket, 'session.hello', {
      token: 'a-later-one-of-reader',
    })
    expect(result.roles).toEqual(['read'])
    now = 60_000
    engine.timers.fire(60_000)
    expect(socket.closedWith).toBeUndefined()
    now = 9_000_000
    engine.timers.fire(9_000_000)
    expect(socket.closedWith).toBe(4001)
  })
})

describe('what the session is told by itself', () => {
  it('is the head, each heartbeat', async () => {
    const { arrive, timers } = await asking()
    const socket = arrive(reader)
    timers.fire(15_000)
    await settle()
    expect(socket.pings).toBe(1)
    expect(socket.sent).toEqual([
      {
        jsonrpc: '2.0',
        method: 'session.heartbeat',
        params: { epoch: 'this-log', eventId: 0 },
      },
    ])
  })

  it('is that the server stops', async () => {
    const { arrive, gateway } = await asking()
    const socket = arrive(reader)
    socket.saysGoodbye = true
    gateway.announceStop()
    await gateway.close()
    expect(socket.sent).toEqual([
      { jsonrpc: '2.0', method: 'session.shutdown', params: { drainMs: 5000 } },
    ])
    expect(socket.closedWith).toBe(4200)
  })
})

describe('the rate limit of a socket', () => {
  it('refuses the calls that are too many, and says when to go on', async () => {
    let now = 0
    const runtime = { ...systemRuntime, elapsed: () => now }
    const engine = await wholeGateway({ callsPerSecondMax: 10 }, { runtime })
    const socket = engine.connect()
    for (let id = 1; id <= 12; id++) socket.call(id, 'order.list')
    await settle(40)
    const codes = () =>
      socket.sent.toSorted((a, b) => a.id - b.id).map(({ error }) => error?.code ?? 'answered')
    expect(codes()).toEqual([...Array(10).fill('answered'), 1004, 1004])
    expect(socket.sent.find(({ id }) => id === 11).error.data).toMatchObject({
      reason: 'RATE_LIMITED',
      retryable: true,
      outcome: 'not_applied',
      retryAfterMs: 100,
    })
    now = 100
    expect((await engine.call(socket, 'order.list')).result).toEqual({ orders: [] })
    expect((await engine.call(socket, 'order.list')).error.code).toBe(1004)
  })

  it('is another one on another socket', async () => {
    const runtime = { ...systemRuntime, elapsed: () => 0 }
    const engine = await wholeGateway({ callsPerSecondMax: 1 }, { runtime })
    const [one, other] = [engine.connect(), engine.connect()]
    await engine.call(one, 'order.list')
    expect((await engine.call(one, 'order.list')).error.code).toBe(1004)
    expect((await engine.call(other, 'order.list')).result).toEqual({ orders: [] })
  })
})
