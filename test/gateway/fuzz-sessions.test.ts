/** Calls that are good, in the wrong order: on a socket that has yet to say who it is, and on others. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Authenticator } from '../../src/gateway/auth/identity.ts'
import { order, settle } from '../support/sequencer.ts'
import { FakeSocket } from './fakes.ts'
import { identityOf, wholeGateway } from './whole.ts'

type Whole = Awaited<ReturnType<typeof wholeGateway>>
interface Call {
  readonly method: string
  readonly params: object
}
type Step =
  | { readonly does: 'call'; readonly call: Call }
  | { readonly does: 'batch'; readonly calls: readonly Call[] }
  | { readonly does: 'wait' | 'stop' | 'take' | 'load' }

const authenticator: Authenticator = {
  authenticate: async (token) => {
    await settle(1)
    return token === 'good' ? identityOf() : undefined
  },
}

const orderId = fc.constantFrom('a', 'b', 'c')
const cursor = fc.record({
  epoch: fc.constantFrom('this-log', 'this-log', 'this-log', 'another-log', ''),
  eventId: fc.oneof(fc.nat({ max: 20 }), fc.constant(Number.MAX_SAFE_INTEGER)),
})
const subscribing = fc.record({ from: cursor, ack: fc.boolean() }, { requiredKeys: [] })
const subscription = fc.integer({ min: 1, max: 6 })
const callOf = (method: string, params: fc.Arbitrary<object>): fc.Arbitrary<Call> =>
  params.map((given) => ({ method, params: given }))

const call: fc.Arbitrary<Call> = fc.oneof(
  callOf('session.hello', fc.constantFrom({ token: 'good' }, { token: 'good', client: 'x' }, {})),
  callOf('views.subscribe', subscribing),
  callOf('events.subscribe', subscribing),
  callOf('subscription.ack', fc.record({ subscription, eventId: fc.nat({ max: 30 }) })),
  callOf('subscription.cancel', fc.record({ subscription })),
  callOf(
    'order.new',
    orderId.map((id) => order(id)),
  ),
  callOf(
    'order.pay',
    orderId.map((id) => ({ orderId: id, paymentId: 'p', amount: 1 })),
  ),
  callOf(
    'order.cancel',
    orderId.map((id) => ({ orderId: id })),
  ),
  callOf(
    'order.get',
    orderId.map((id) => ({ orderId: id })),
  ),
  callOf(
    'order.history',
    orderId.map((id) => ({ orderId: id })),
  ),
  callOf('order.list', fc.constant({})),
)
const wrongHello: Call = { method: 'session.hello', params: { token: 'wrong' } }
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: call.map((one) => ({ does: 'call' as const, call: one })) },
  {
    weight: 3,
    arbitrary: fc
      .array(call, { minLength: 1, maxLength: 6 })
      .map((calls) => ({ does: 'batch' as const, calls })),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constantFrom('wait' as const, 'stop' as const, 'take' as const, 'load' as const),
    }),
  },
)
const limits = { subscriptionsMax: 3, ackLagMax: 3, snapshotViewsMax: 1, outboxConflateBytes: 500 }

/** Runs the steps on one socket; gives the ids of the calls that must be answered. */
async function run(engine: Whole, socket: FakeSocket, steps: readonly Step[]): Promise<number> {
  let lastId = 0
  let loaded = 0
  const text = ({ method, params }: Call) => ({ jsonrpc: '2.0', id: ++lastId, method, params })
  for (const one of steps) {
    if (one.does === 'call') socket.handlers.text(JSON.stringify(text(one.call)))
    else if (one.does === 'batch') socket.handlers.text(JSON.stringify(one.calls.map(text)))
    else if (one.does === 'stop') socket.isTaking = false
    else if (one.does === 'take') socket.take()
    else if (one.does === 'load') void engine.submit('order.new', order(`load-${++loaded}`))
    else await settle(2)
  }
  socket.isTaking = true
  for (let turn = 0; turn < 30; turn++) {
    socket.take()
    await settle(2)
  }
  return lastId
}

/** A good client beside is served; when all have gone, nothing is left of them. */
async function expectWell(engine: Whole, socket: FakeSocket): Promise<void> {
  const good = engine.connect(identityOf())
  await engine.call(good, 'views.subscribe', { orderId: 'good' })
  const { result } = await engine.call(good, 'order.new', order('good'))
  expect(result).toMatchObject({ eventId: engine.log.head, version: 1 })
  await settle()
  expect(good.sent.at(-1).params.views).toMatchObject([{ orderId: 'good' }])
  socket.terminate()
  good.terminate()
  expect(engine.gateway.counters()).toMatchObject({
    sockets: 0,
    subscriptions: 0,
    outboxBytes: 0,
    slowestLag: 0,
  })
}

const steps = fc.array(step, { minLength: 5, maxLength: 60 })

it('answers each call once, before it knows who calls and after, and goes on', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      const faults: unknown[] = []
      const observer = { fault: (error: unknown) => faults.push(error) }
      const engine = await wholeGateway(limits, { authenticator, observer })
      const socket = new FakeSocket()
      socket.isTaking = true
      engine.gateway.connect(socket, undefined)
      const calls = await run(engine, socket, given)
      const answers = socket.sent.flat().filter((message) => 'id' in message)
      expect(answers.map(({ id }) => id).sort((a, b) => a - b)).toEqual(
        Array.from({ length: calls }, (_, index) => index + 1),
      )
      for (const { error } of answers) expect(error?.code).not.toBe(-32603)
      const receipts = answers.filter(({ result }) => result?.replayed === false)
      const load = given.filter(({ does }) => does === 'load').length
      expect(engine.log.head).toBe(receipts.length + load)
      expect(socket.closedWith).toBeUndefined()
      expect(faults).toEqual([])
      await expectWell(engine, socket)
    }),
    { numRuns: 150 },
  )
}, 60_000)

it('takes nothing after a wrong token, wherever it comes', async () => {
  await fc.assert(
    fc.asyncProperty(steps, steps, fc.boolean(), async (before, after, isKnown) => {
      const engine = await wholeGateway(limits, { authenticator })
      const socket = new FakeSocket()
      socket.isTaking = true
      engine.gateway.connect(socket, isKnown ? identityOf() : undefined)
      await run(engine, socket, before)
      await run(engine, socket, [{ does: 'call', call: wrongHello }])
      expect(socket.closedWith).toBe(4001)
      const sent = socket.sent.length
      const { head } = engine.log
      await run(
        engine,
        socket,
        after.filter(({ does }) => does !== 'load'),
      )
      expect(socket.sent).toHaveLength(sent)
      expect(engine.log.head).toBe(head)
      await expectWell(engine, socket)
    }),
    { numRuns: 50 },
  )
}, 60_000)

it('answers every call before a token with 1001, and records nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 30 }), async (calls) => {
      const engine = await wholeGateway(limits, { authenticator })
      const socket = new FakeSocket()
      socket.isTaking = true
      engine.gateway.connect(socket, undefined)
      const strangers = calls.filter(({ method }) => method !== 'session.hello')
      await run(
        engine,
        socket,
        strangers.map((one) => ({ does: 'call', call: one })),
      )
      expect(socket.sent.map(({ error }) => error?.code)).toEqual(strangers.map(() => 1001))
      expect(engine.log.head).toBe(0)
      expect(engine.gateway.counters().subscriptions).toBe(0)
      await expectWell(engine, socket)
    }),
    { numRuns: 50 },
  )
}, 60_000)

it('knows a cursor from the future, and from another epoch, while the head moves', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(cursor, { minLength: 5, maxLength: 20 }), async (cursors) => {
      const engine = await wholeGateway()
      const socket = engine.connect()
      for (const [number, from] of cursors.entries()) {
        void engine.submit('order.new', order(`o-${number}`))
        const { eventId: least } = engine.view
        const views = await engine.call(socket, 'views.subscribe', { from })
        const events = await engine.call(socket, 'events.subscribe', { from })
        const { eventId: most } = engine.view
        const isOurs = from.epoch === 'this-log'
        if (!isOurs) {
          expect(views.result).toMatchObject({ recovered: false, reason: 'another epoch' })
          expect(events.error).toMatchObject({ code: 3002 })
        } else if (from.eventId <= least) {
          expect(views.result).toMatchObject({ recovered: true })
          expect(events.result).toMatchObject({ epoch: 'this-log' })
        } else if (from.eventId > most) {
          expect(views.result).toMatchObject({ recovered: false, reason: 'ahead of the head' })
          expect(events.error).toMatchObject({ code: 3001 })
        }
      }
      await settle(20)
      await expectWell(engine, socket)
    }),
    { numRuns: 50 },
  )
}, 60_000)
