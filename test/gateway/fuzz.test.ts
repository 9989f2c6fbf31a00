import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Engine, orderDomain } from '../../src/index.ts'
import { bob } from '../support/orders.ts'
import { connect, type RpcClient } from '../support/rpc.ts'
import { expectServesOn, listening, serve } from './serve.ts'

const methods = [
  ...Object.keys(orderDomain.methods),
  ...['order.get', 'order.list', 'order.history', 'order.at', 'events.read'],
  ...['views.subscribe', 'events.subscribe', 'subscription.ack', 'subscription.cancel'],
  ...['session.hello', '__proto__', ''],
]

/** Values that come near to what a call may be, and values that are nowhere near. */
const near = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>('bob-1', 'bob', 'USD', 1, 0, -1, 1.5, 2 ** 53, null, true, '', [], {}),
)
const line = fc.record({ sku: near, quantity: near, unitPrice: near }, { requiredKeys: [] })
const params = fc.oneof(
  near,
  fc.record(
    {
      orderId: near,
      customerId: near,
      currency: near,
      lines: fc.oneof(near, fc.array(line, { maxLength: 3 })),
      amount: near,
      paymentId: near,
      eventId: near,
      from: near,
      limit: near,
      commandId: near,
      expectedVersion: near,
      subscription: near,
      token: near,
      client: near,
      types: near,
      ack: near,
      status: near,
      ['__proto__']: near,
    },
    { requiredKeys: [] },
  ),
)
const call = fc.record(
  {
    jsonrpc: fc.oneof({ weight: 9, arbitrary: fc.constant('2.0') }, near),
    id: fc.oneof({ weight: 9, arbitrary: fc.integer() }, near),
    method: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...methods) }, near),
    params,
  },
  { requiredKeys: [] },
)
const frame = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.json({ maxDepth: 8 }),
  near.map((value) => JSON.stringify(value)),
  call.map((value) => JSON.stringify(value)),
  fc.array(call, { maxLength: 5 }).map((value) => JSON.stringify(value)),
)

/** How many answers a frame must get: one each for what is no notification. */
function answersTo(text: string): number {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 1
  }
  if (!Array.isArray(value) || value.length === 0) return isNotification(value) ? 0 : 1
  return value.filter((part) => !isNotification(part)).length
}

/** A call in every way but that it has no id. */
function isNotification(value: any): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const { jsonrpc, id, method, params: given } = value
  const hasParams = given === undefined || (typeof given === 'object' && given !== null)
  return jsonrpc === '2.0' && typeof method === 'string' && id === undefined && hasParams
}

/** Sends the frame, and gives what it is answered: as much as it must be, and what is too much. */
async function answersOf(client: RpcClient, text: string): Promise<any[]> {
  client.messages.length = 0
  const answers = () => client.messages.filter((one) => !('method' in one)).flat() as any[]
  client.send(text)
  if (answersTo(text) > 0) await client.find(() => answers().length >= answersTo(text))
  client.send({ jsonrpc: '2.0', id: 'the last', method: 'order.get', params: { orderId: 'none' } })
  await client.find(() => answers().some(({ id }) => id === 'the last'))
  return answers().filter(({ id }) => id !== 'the last')
}

async function expectWellAnswered(engine: Engine, client: RpcClient, text: string): Promise<void> {
  const head = engine.eventId
  const answers = await answersOf(client, text)
  expect(answers).toHaveLength(answersTo(text))
  for (const answer of answers) {
    expect(answer.jsonrpc).toBe('2.0')
    expect('result' in answer).not.toBe('error' in answer)
    if (answer.error) expect(answer.error).toMatchObject({ code: expect.any(Number) })
    // What breaks inside is nobody's fault but ours.
    expect(answer.error?.code).not.toBe(-32603)
  }
  const receipts = answers.filter(({ result }) => result?.replayed === false)
  expect(engine.eventId).toBe(head + receipts.length)
}

it('answers whatever is sent, and records only what it gives a receipt for', async () => {
  const { engine, client } = await serve()
  await client.call('order.new', bob.new)
  await fc.assert(
    fc.asyncProperty(frame, (text) => expectWellAnswered(engine, client, text)),
    { numRuns: 1500, timeout: 5000 },
  )
  await expectServesOn(engine, engine.eventId)
}, 60_000)

it('takes a valid command in any company', async () => {
  const engine = await listening()
  const client = await connect(engine.address)
  let number = 0
  await fc.assert(
    fc.asyncProperty(fc.array(call, { maxLength: 4 }), async (company) => {
      const orderId = `valid-${++number}`
      const valid = {
        jsonrpc: '2.0',
        id: orderId,
        method: 'order.new',
        params: { ...bob.new, orderId },
      }
      const place = number % (company.length + 1)
      const batch = [...company.slice(0, place), valid, ...company.slice(place)]
      const answers = await answersOf(client, JSON.stringify(batch))
      const answer = answers.find(({ id, result }) => id === orderId && result)
      expect(answer?.result).toMatchObject({ orderId, version: 1 })
    }),
    { numRuns: 200, timeout: 5000 },
  )
}, 60_000)
