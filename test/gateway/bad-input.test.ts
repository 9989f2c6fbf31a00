import { describe, expect, it } from 'vitest'
import type { Engine } from '../../src/index.ts'
import { bob } from '../support/orders.ts'
import { type Answer, connect, type RpcClient } from '../support/rpc.ts'
import { expectServesOn, order, serve } from './serve.ts'

/** A server with Bob's unpaid order in it, which no bad input may change. */
async function servesBob(): Promise<{ engine: Engine; client: RpcClient }> {
  const { engine, client } = await serve()
  await client.call('order.new', bob.new)
  client.messages.length = 0
  return { engine, client }
}

const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
const object = (levels: number) => '{"a":'.repeat(levels) + 1 + '}'.repeat(levels)
const withParams = (method: string, params: string) =>
  `{"jsonrpc":"2.0","id":1,"method":"${method}","params":${params}}`
const line = (quantity: string, unitPrice = '1') =>
  withParams(
    'order.new',
    `{"currency":"USD","lines":[{"sku":"a","quantity":${quantity},"unitPrice":${unitPrice}}]}`,
  )
const pay = (amount: string) =>
  withParams('order.pay', `{"orderId":"bob-1","paymentId":"p","amount":${amount}}`)

const malformed: [string, number, string][] = [
  ['no JSON', -32700, 'hello'],
  ['half a frame', -32700, '{"jsonrpc":"2.0","id":1'],
  ['nothing', -32700, ''],
  ['two values', -32700, '{} {}'],
  ['a single quote', -32700, "{'jsonrpc':'2.0'}"],
  ['NaN', -32700, '{"jsonrpc":"2.0","id":NaN,"method":"order.get"}'],
  ['a byte order mark', -32700, '\ufeff{}'],
  ['null', -32600, 'null'],
  ['a number', -32600, '7'],
  ['a text', -32600, '"order.get"'],
  ['an empty object', -32600, '{}'],
  ['no version', -32600, '{"id":1,"method":"order.get"}'],
  ['another version', -32600, '{"jsonrpc":"1.0","id":1,"method":"order.get"}'],
  ['a version that is a number', -32600, '{"jsonrpc":2.0,"id":1,"method":"order.get"}'],
  ['no method', -32600, '{"jsonrpc":"2.0","id":1}'],
  ['a method that is a number', -32600, '{"jsonrpc":"2.0","id":1,"method":1}'],
  ['params that are a text', -32600, withParams('order.get', '"bob-1"')],
  ['params that are null', -32600, withParams('order.get', 'null')],
  ['an id that is an object', -32600, '{"jsonrpc":"2.0","id":{},"method":"order.get"}'],
  ['an id that is true', -32600, '{"jsonrpc":"2.0","id":true,"method":"order.get"}'],
  ['an id that is endless', -32600, '{"jsonrpc":"2.0","id":1e400,"method":"order.get"}'],
  ['__proto__ for all of it', -32600, '{"__proto__":{"jsonrpc":"2.0","method":"order.list"}}'],
  ['200 levels', -32600, object(200)],
  ['100,000 levels', -32700, '['.repeat(100_000)],
  ['an unknown method', -32601, withParams('order.delete', '{}')],
  ['the method __proto__', -32601, withParams('__proto__', '{}')],
  ['the method constructor', -32601, withParams('constructor', '{}')],
  ['the method toString', -32601, withParams('toString', '{}')],
  ['a very long method', -32601, withParams('m'.repeat(100_000), '{}')],
  ['params that are a list', -32602, withParams('order.get', '["bob-1"]')],
  ['200 levels in params', -32602, withParams('order.get', `{"orderId":${nested(200)}}`)],
  ['100,000 levels in params', -32602, withParams('order.get', `{"orderId":${nested(1e5)}}`)],
  ['100,000 levels for params', -32602, withParams('order.pay', nested(1e5))],
  ['30,000 levels under a key', -32602, withParams('order.new', object(3e4))],
  ['a missing key', -32602, withParams('order.get', '{}')],
  ['an unknown key', -32602, withParams('order.get', '{"orderId":"bob-1","more":1}')],
  ['the key __proto__', -32602, withParams('order.get', '{"orderId":"bob-1","__proto__":{}}')],
  ['__proto__ for a missing key', -32602, withParams('order.get', '{"__proto__":{"orderId":"x"}}')],
  ['an unknown key of a line', -32602, line('1,"colour":"red"')],
  ['__proto__ in a line', -32602, line('1,"__proto__":{"a":1}')],
  ['an unknown key of a command', -32602, withParams('order.deliver', '{"orderId":"a","x":1}')],
  ['a fraction', -32602, line('1.5')],
  ['a quantity of nothing', -32602, line('0')],
  ['a negative quantity', -32602, line('-1')],
  ['a huge quantity', -32602, line('9007199254740992')],
  ['a quantity as a text', -32602, line('"1"')],
  ['an endless price', -32602, line('1', '1e400')],
  ['a negative endless price', -32602, line('1', '-1e400')],
  ['a negative price', -32602, line('1', '-1')],
  ['a fractional payment', -32602, pay('10.01')],
  ['a payment of nothing', -32602, pay('0')],
  ['a negative payment', -32602, pay('-6000')],
  ['an endless payment', -32602, pay('1e400')],
  ['a payment past the safe integers', -32602, pay('9007199254740993')],
  ['a null payment', -32602, pay('null')],
  ['no lines', -32602, withParams('order.new', '{"currency":"USD","lines":[]}')],
  ['a currency that is none', -32602, line('1').replace('USD', 'XXX')],
  ['a fractional version', -32602, pay('1').replace('"amount"', '"expectedVersion":0.5,"amount"')],
  ['a negative eventId', -32602, withParams('events.read', '{"from":-1}')],
  ['an endless eventId', -32602, withParams('events.read', '{"from":1e400}')],
  ['an eventId as a text', -32602, withParams('order.at', '{"orderId":"bob-1","eventId":"1"}')],
  ['an unknown filter', -32602, withParams('views.subscribe', '{"colour":"red"}')],
  ['a subscription of nothing', -32602, withParams('subscription.cancel', '{"subscription":0}')],
]

it.each(malformed)('answers %s with %i, and serves on', async (_, code, frame) => {
  const { engine, client } = await servesBob()
  client.send(frame)
  const answer = await client.find<Answer>((message) => 'error' in message)
  expect(answer.error).toMatchObject({ code, message: expect.any(String) })
  if (code === -32602) {
    expect(answer.error?.data).toMatchObject({
      reason: 'INVALID_PARAMS',
      retryable: false,
      outcome: 'not_applied',
    })
    expect(answer.error?.data.faults.length).toBeGreaterThan(0)
  }
  expect(client.messages).toHaveLength(1)
  expect(engine.eventId).toBe(1)
  expect(await client.call('order.get', { orderId: 'bob-1' })).toMatchObject({
    result: { version: 1, status: 'created' },
  })
  await expectServesOn(engine, 1)
})

it('answers deep nesting as a batch of what is no call', async () => {
  for (const levels of [200, 100_000]) {
    const { engine, client } = await servesBob()
    client.send(nested(levels))
    const [answer] = await client.find<Answer[]>(Array.isArray)
    expect(answer).toMatchObject({ id: null, error: { code: -32600 } })
    await expectServesOn(engine, 1)
  }
})

it('says where each fault is', async () => {
  const { client } = await servesBob()
  const { error } = await client.call('order.new', {
    currency: 'USD',
    more: 1,
    'a/b~c': 1,
    lines: [{ sku: 'a', quantity: 1.5 }],
  })
  const paths = error?.data.faults.map((fault: any) => fault.path)
  for (const path of ['/more', '/a~1b~0c', '/lines/0/quantity', '/lines/0/unitPrice']) {
    expect(paths).toContain(path)
  }
})

describe('ids', () => {
  const bad = ['', ' ', 'a b', 'a/b', 'ü', 'a\n', '\u0000', 'a'.repeat(65), '\ud800', '💥', 'a*']
  const places: [string, string, object][] = [
    ['order.get', 'orderId', {}],
    ['order.history', 'orderId', {}],
    ['order.at', 'orderId', { eventId: 1 }],
    ['order.list', 'after', {}],
    ['order.list', 'customerId', {}],
    ['views.subscribe', 'orderId', {}],
    ['order.new', 'orderId', order('x')],
    ['order.new', 'customerId', order('x')],
    ['order.new', 'commandId', order('x')],
    ['order.pay', 'paymentId', bob.pay],
    ['order.refund', 'refundId', { orderId: 'bob-1', amount: 1 }],
    ['order.cancel', 'orderId', {}],
  ]

  it.each(places)('refuses those of no good form: %s, %s', async (method, key, params) => {
    const { engine, client } = await servesBob()
    for (const id of [...bad, 1, null, [], {}, true]) {
      const { error } = await client.call(method, { ...params, [key]: id })
      expect(error).toMatchObject({ code: -32602 })
      expect(error?.data.faults.map((fault: any) => fault.path)).toContain(`/${key}`)
    }
    await expectServesOn(engine, 1)
  })

  it('takes those of 64 characters, and of words that objects know', async () => {
    const { client } = await serve()
    for (const orderId of ['a'.repeat(64), 'A-Z_a.z:0', '__proto__', 'constructor', 'toString']) {
      const [customerId] = orderId.split(':')
      const placed = await client.call('order.new', { ...order(orderId), customerId })
      expect(placed.result?.orderId).toBe(orderId)
      expect((await client.call('order.get', { orderId })).result?.version).toBe(1)
      expect((await client.call('order.history', { orderId })).result?.events).toHaveLength(1)
    }
  })
})

it('closes a socket with 1009 whose frame is over the limit, and serves on', async () => {
  const { engine, client } = await servesBob()
  const other = await connect(engine.address)
  const text = (bytes: number) => {
    const frame = withParams('order.get', '{"orderId":""}')
    return frame.replace('""', `"${'x'.repeat(bytes - frame.length)}"`)
  }
  other.send(text(256 * 1024))
  expect(await other.find((message) => 'error' in message)).toMatchObject({
    error: { code: -32602 },
  })
  client.send(text(256 * 1024 + 1))
  expect(await client.closed).toMatchObject({ code: 1009 })
  await expectServesOn(engine, 1)
})

it('closes a socket with 4000 that sends a binary frame, and takes nothing more from it', async () => {
  const { engine, client } = await servesBob()
  client.send({ jsonrpc: '2.0', id: 'before', method: 'order.get', params: { orderId: 'bob-1' } })
  await client.find((message) => 'id' in message && message.id === 'before')
  client.socket.send(Buffer.from('{"jsonrpc":"2.0","id":1,"method":"order.list"}'))
  client.send({ jsonrpc: '2.0', id: 'after', method: 'order.new', params: order('never') })
  expect(await client.closed).toEqual({ code: 4000, reason: 'frames must be text' })
  expect(client.messages).toHaveLength(1)
  await expectServesOn(engine, 1)
})

it('closes a socket with 1007 whose text is not UTF-8', async () => {
  const { engine, client } = await servesBob()
  client.socket.send(Buffer.from([0x22, 0xff, 0xfe, 0x22]), { binary: false })
  expect(await client.closed).toMatchObject({ code: 1007 })
  await expectServesOn(engine, 1)
})
