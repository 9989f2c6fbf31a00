/** Who may call what: every method with every role, and a customer's token with everything. */
import { describe, expect, it } from 'vitest'
import { configure } from '../../src/config.ts'
import { orderDomain } from '../../src/order/index.ts'
import type { Role } from '../../src/protocol/methods.ts'
import { commandRole, readMethods, readRoles } from '../../src/protocol/methods.ts'
import { systemRuntime } from '../../src/runtime.ts'
import { order } from '../support/sequencer.ts'
import type { FakeSocket } from './fakes.ts'
import { identityOf, wholeGateway } from './whole.ts'

const commands = Object.keys(orderDomain.methods)
const reads = Object.keys(readMethods(configure()))
const roleSets: readonly (readonly Role[])[] = [
  [],
  ['read'],
  ['write'],
  ['read', 'write'],
  ['admin'],
]

/** The role that a method takes, said here anew: a method without a rule is not found. */
const rules: Record<string, Role | null> = {
  'session.hello': null,
  'subscription.ack': null,
  'subscription.cancel': null,
  'order.get': 'read',
  'order.list': 'read',
  'order.counts': 'read',
  'order.history': 'read',
  'order.at': 'read',
  'order.try': 'read',
  'order.path': 'read',
  'events.read': 'read',
  'events.subscribe': 'read',
  'views.subscribe': 'read',
  'order.new': 'write',
  'order.modify': 'write',
  'order.pay': 'write',
  'order.ship': 'write',
  'order.deliver': 'write',
  'order.cancel': 'write',
  'order.refund': 'write',
}

describe('every method', () => {
  it('has a rule', () => {
    expect(Object.keys(rules).sort()).toEqual([...commands, ...reads].sort())
    for (const method of reads) expect(readRoles).toHaveProperty([method], rules[method])
    expect(commandRole).toBe('write')
  })

  it.each(roleSets.map((roles) => [roles.join(' and ') || 'no role', roles] as const))(
    'is answered by its rule to a token with %s',
    async (_, roles) => {
      const engine = await wholeGateway()
      const socket = engine.connect(identityOf({ roles }))
      for (const [method, role] of Object.entries(rules)) {
        const { error } = await engine.call(socket, method, {})
        const may = role === null || roles.includes(role) || roles.includes('admin')
        if (may) expect(error?.code, method).not.toBe(1003)
        else
          expect(error, method).toMatchObject({ code: 1003, data: { reason: 'FORBIDDEN', role } })
      }
      expect(engine.log.head).toBe(0)
    },
  )

  it('is refused before a token has been taken, but for session.hello', async () => {
    const engine = await wholeGateway(
      {},
      { authenticator: { authenticate: async () => undefined } },
    )
    const socket = engine.connect()
    const stranger = await strangerOn(engine)
    for (const method of [...Object.keys(rules), 'no.such.method']) {
      if (method === 'session.hello') continue
      const { error } = await engine.call(stranger, method, order('a'))
      expect(error, method).toMatchObject({ code: 1001, data: { reason: 'UNAUTHENTICATED' } })
    }
    expect((await engine.call(socket, 'order.list')).result).toEqual({ orders: [] })
    expect(engine.log.head).toBe(0)
  })
})

type Whole = Awaited<ReturnType<typeof wholeGateway>>

async function strangerOn(engine: Whole): Promise<FakeSocket> {
  const { FakeSocket: Fake } = await import('./fakes.ts')
  const socket = new Fake()
  socket.isTaking = true
  engine.gateway.connect(socket, undefined)
  return socket
}

/** Ann and Bob have two orders each, of which one under an id that says nothing. */
async function annsAndBobs() {
  const engine = await wholeGateway()
  for (const customerId of ['ann', 'bob']) {
    await engine.submit('order.new', order(`${customerId}:1`, { customerId }))
    await engine.submit('order.new', order(`plain-${customerId}`, { customerId }))
  }
  await engine.submit('order.pay', { orderId: 'bob:1', paymentId: 'p', amount: 5000 })
  const ann = engine.connect(identityOf({ customerId: 'ann' }))
  return {
    ...engine,
    ann,
    ask: (method: string, params: object) => engine.call(ann, method, params),
  }
}

const refusal = ({ error }: { error?: any }) => ({
  refusal: error && { code: error.code, reason: error.data.reason },
})

describe("a customer's token", () => {
  it.each([
    ['order.get', {}],
    ['order.history', {}],
    ['order.at', { eventId: 5 }],
    ['order.modify', { lines: [{ sku: 'widget', quantity: 1 }] }],
    ['order.pay', { paymentId: 'q', amount: 1 }],
    ['order.ship', {}],
    ['order.deliver', {}],
    ['order.cancel', {}],
    ['order.refund', { refundId: 'r', amount: 1 }],
    ['order.cancel', { commandId: 'c', expectedVersion: 9 }],
  ])(
    "is told by %s of somebody else's order just what it is told of none",
    async (method, more) => {
      const { ask, log } = await annsAndBobs()
      const answers = []
      for (const orderId of ['bob:1', 'plain-bob', 'bob:9', 'nobody']) {
        const { error } = await ask(method, { orderId, ...more })
        answers.push(JSON.stringify(error).replaceAll(orderId, 'ID'))
      }
      expect(new Set(answers).size).toBe(1)
      expect(JSON.parse(answers[0]!)).toMatchObject({ code: 2001 })
      expect(log.head).toBe(5)
    },
  )

  it('does with its own orders what it may, whatever their ids', async () => {
    const { ask } = await annsAndBobs()
    for (const orderId of ['ann:1', 'plain-ann']) {
      expect((await ask('order.get', { orderId })).result).toMatchObject({ customerId: 'ann' })
      expect((await ask('order.cancel', { orderId })).result).toMatchObject({ version: 2 })
      expect((await ask('order.history', { orderId })).result.events).toHaveLength(2)
    }
  })

  it('places orders under its own prefix only, refused before anything is looked up', async () => {
    const { ask, view } = await annsAndBobs()
    const nameless = { currency: 'USD', lines: order('').lines }
    const forbidden = { refusal: { code: 1003, reason: 'FORBIDDEN' } }
    for (const orderId of ['bob:1', 'plain-bob', 'new-1', 'ann', 'bob:9']) {
      expect(refusal(await ask('order.new', order(orderId)))).toEqual(forbidden)
    }
    expect(refusal(await ask('order.new', { ...nameless, commandId: 'c-1' }))).toEqual(forbidden)
    expect(refusal(await ask('order.new', order('ann:2', { customerId: 'bob' })))).toEqual(
      forbidden,
    )
    expect((await ask('order.new', order('ann:2'))).result).toMatchObject({ orderId: 'ann:2' })
    expect(view.get('ann:2')).toMatchObject({ customerId: 'ann' })
    const { result: made } = await ask('order.new', nameless)
    expect(made.orderId).toMatch(/^ann:.{36}$/)
    const again = await ask('order.new', { ...nameless, commandId: 'ann:c-1' })
    expect(again.result).toMatchObject({ orderId: 'ann:c-1' })
  })

  it('lists its own orders only', async () => {
    const { ask } = await annsAndBobs()
    const ids = async (params: object) =>
      (await ask('order.list', params)).result.orders.map((view: any) => view.orderId)
    expect(await ids({})).toEqual(['ann:1', 'plain-ann'])
    expect(await ids({ customerId: 'ann' })).toEqual(['ann:1', 'plain-ann'])
    expect(await ids({ status: 'paid' })).toEqual([])
    expect(await ids({ after: 'ann:1' })).toEqual(['plain-ann'])
    expect(await ids({ after: 'bob:1' })).toEqual([])
    expect(await ids({ after: 'nobody' })).toEqual([])
    expect(refusal(await ask('order.list', { customerId: 'bob' }))).toEqual({
      refusal: { code: 1003, reason: 'FORBIDDEN' },
    })
  })

  it('reads its own events only', async () => {
    const { ask } = await annsAndBobs()
    const { result } = await ask('events.read', { from: 1 })
    expect(result.events.map((event: any) => event.orderId)).toEqual(['ann:1', 'plain-ann'])
    expect(result.head).toBe(5)
  })

  it('goes on where a call has looked through enough events', async () => {
    const { ask } = await annsAndBobs()
    const seen: string[] = []
    let from = 1
    for (;;) {
      const { result } = await ask('events.read', { from, limit: 1 })
      seen.push(...result.events.map((event: any) => event.orderId))
      if (result.next === undefined) break
      expect(result.next).toBeGreaterThan(from)
      from = result.next
    }
    expect(seen).toEqual(['ann:1', 'plain-ann'])
  })

  it('watches its own orders and events only, whatever it asks for', async () => {
    const { ask, ann, submit, call } = await annsAndBobs()
    expect(refusal(await ask('views.subscribe', { customerId: 'bob' }))).toEqual({
      refusal: { code: 1003, reason: 'FORBIDDEN' },
    })
    for (const filter of [{}, { status: 'created' }, { orderId: 'bob:1' }, { customerId: 'ann' }]) {
      expect((await ask('views.subscribe', filter)).result).toMatchObject({ recovered: false })
      const from = { epoch: 'this-log', eventId: 0 }
      expect((await ask('views.subscribe', { ...filter, from })).result.recovered).toBe(true)
    }
    for (const filter of [{}, { orderId: 'bob:1' }, { types: ['OrderPaymentEvent'] }]) {
      await ask('events.subscribe', { ...filter, from: { epoch: 'this-log', eventId: 0 } })
    }
    await submit('order.ship', { orderId: 'bob:1' })
    await submit('order.cancel', { orderId: 'plain-bob' })
    await submit('order.cancel', { orderId: 'ann:1' })
    await call(ann, 'order.list')
    const told = ann.sent.filter(({ method }) => method)
    expect(told.length).toBeGreaterThan(0)
    expect(JSON.stringify(told)).not.toContain('bob')
    expect(JSON.stringify(told)).toContain('ann:1')
  })
})

/** Params with which each method asks of an order, or of all. */
const asks = (orderId: string): readonly (readonly [string, object])[] => {
  const from = { epoch: 'this-log', eventId: 0 }
  return [
    ['session.hello', {}],
    ['order.get', { orderId }],
    ['order.list', {}],
    ['order.list', { after: orderId }],
    ['order.list', { status: 'created' }],
    ['order.history', { orderId }],
    ['order.at', { orderId, eventId: 2 }],
    ['events.read', { from: 1 }],
    ['events.read', { from: 1, limit: 1 }],
    ['events.subscribe', { orderId, from }],
    ['events.subscribe', { from }],
    ['views.subscribe', { orderId }],
    ['views.subscribe', { from }],
    ['views.subscribe', {}],
    ['order.path', { orderId }],
    ['order.counts', {}],
    ['order.try', { method: 'order.cancel', params: { orderId } }],
    ['order.try', { method: 'order.cancel', params: { orderId }, eventId: 2 }],
    ['order.try', { method: 'order.new', params: order(orderId) }],
    ['order.list', { sort: 'changed', before: 3, idPrefix: orderId }],
    ['order.modify', { orderId, lines: [{ sku: 'widget', quantity: 1 }] }],
    ['order.pay', { orderId, paymentId: 'p', amount: 1 }],
    ['order.ship', { orderId }],
    ['order.deliver', { orderId }],
    ['order.cancel', { orderId, commandId: 'c', expectedVersion: 9 }],
    ['order.refund', { orderId, refundId: 'r', amount: 1 }],
    ['subscription.ack', { subscription: 1, eventId: 1 }],
    ['subscription.cancel', { subscription: 1 }],
    ['order.new', order(orderId)],
    ['order.new', { ...order(orderId), expectedVersion: 0 }],
    ['order.new', { currency: 'USD', lines: order('').lines, commandId: orderId }],
  ]
}

/** All that a socket of Bob's is sent, where Alice's order has this id, and he asks for that one. */
async function heard(placed: string, asked: string): Promise<string> {
  const runtime = { ...systemRuntime, now: () => 1_795_000_000_000 }
  const { connect, call } = await wholeGateway({}, { runtime })
  const admin = connect(identityOf({ roles: ['admin'] }))
  const { result: isPlaced } = await call(
    admin,
    'order.new',
    order(placed, { customerId: 'alice' }),
  )
  await call(admin, 'order.new', order('plain-bob', { customerId: 'bob' }))
  await call(admin, 'order.pay', { orderId: placed, paymentId: 'p', amount: 1 })
  const bob = connect(identityOf({ customerId: 'bob' }))
  for (const [method, params] of asks(asked)) await call(bob, method, params)
  if (isPlaced) await call(admin, 'order.pay', { orderId: placed, paymentId: 'q', amount: 1 })
  await call(bob, 'order.list')
  return bob.sent.map((message) => JSON.stringify(message)).join('\n')
}

describe("where there is somebody else's order, and where there is none", () => {
  it.each(['alice:9', 'plain-9', 'bob:9', 'bob', 'bob:a:b'])(
    "a customer's token is sent the same bytes by every method: %s",
    async (orderId) => {
      const there = await heard(orderId, orderId)
      // As many events, and another id.
      const none = await heard(orderId.replace(/.$/, '8'), orderId)
      expect(there).toBe(none)
      expect(there).not.toContain('alice"')
    },
  )

  it('every method is asked', () => {
    expect([...new Set(asks('x').map(([method]) => method))].sort()).toEqual(
      Object.keys(rules).sort(),
    )
  })
})

it.each([
  ['bob:9', { customerId: 'alice' }, '/orderId'],
  ['bob:9', {}, '/orderId'],
  ['bob:x:9', { customerId: 'bob:x' }, '/orderId'],
  [undefined, { commandId: 'bob:9', customerId: 'alice' }, '/commandId'],
])(
  'nobody may place an order under an id of another customer than its own: %j %j',
  async (orderId, more, path) => {
    const { connect, call, log } = await wholeGateway()
    const admin = connect(identityOf({ roles: ['admin'] }))
    const { error } = await call(admin, 'order.new', { ...order(orderId as never), ...more })
    expect(error).toMatchObject({ code: -32602, data: { faults: [{ path }] } })
    expect(error.message).toMatch(/colon, before which the order's customerId must stand/)
    expect(log.head).toBe(0)
    const own = await call(admin, 'order.new', order('bob:x:9', { customerId: 'bob' }))
    expect(own.result).toMatchObject({ orderId: 'bob:x:9' })
  },
)
