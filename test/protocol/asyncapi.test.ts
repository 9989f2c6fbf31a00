/** The AsyncAPI document: read by AsyncAPI's own parser, and held against what an engine says. */
import { Parser } from '@asyncapi/parser'
import Schema from 'typebox/schema'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Config, defaults } from '../../src/config.ts'
import { type Domain, MemoryLog, openEngine } from '../../src/index.ts'
import { orderDomain } from '../../src/order/index.ts'
import { asyncApiDocument } from '../../src/protocol/asyncapi.ts'
import { readMethods } from '../../src/protocol/methods.ts'
import { bob } from '../support/orders.ts'
import { parcelDomain } from '../support/parcel.ts'
import { connect, type RpcClient } from '../support/rpc.ts'

const domain = orderDomain as unknown as Domain
const url = 'wss://orders.example/ws'
const document: any = asyncApiDocument(domain, defaults, { url })

async function parse(document: object) {
  const { document: parsed, diagnostics } = await new Parser().parse(JSON.stringify(document))
  // 0 is an error and 1 a warning; what comes after is advice.
  const complaints = diagnostics.filter(({ severity }) => severity <= 1)
  return { parsed, complaints: complaints.map(({ path, message }) => [path.join('/'), message]) }
}

describe('the AsyncAPI document', () => {
  it.each([
    ['orders', domain],
    ['another domain', parcelDomain as unknown as Domain],
  ])('is parsed without complaint for %s', async (_, domain) => {
    const { parsed, complaints } = await parse(asyncApiDocument(domain, defaults, { url }))
    expect(complaints).toEqual([])
    expect(parsed?.version()).toBe('3.0.0')
    const names = [...Object.keys(domain.methods), ...Object.keys(readMethods(defaults))]
    const received = parsed?.operations().filterByReceive() ?? []
    expect(received.map((operation) => operation.id()).sort()).toEqual(names.sort())
    for (const operation of received) {
      const replies = operation.reply()?.messages().all() ?? []
      expect(replies.map((message) => message.name())).toEqual([
        `${operation.id()}.result`,
        'error',
      ])
    }
  })

  it('is complained about where a message is missing', async () => {
    const broken = structuredClone(document)
    delete broken.components.messages['order.pay']
    const { complaints } = await parse(broken)
    expect(complaints).not.toEqual([])
  })

  it('has an example of every call and notification, which the schemas take', () => {
    const { messages } = document.components
    const without = Object.keys(messages).filter((name) => !messages[name].examples)
    expect(without.every((name) => name.endsWith('.result'))).toBe(true)
    for (const [name, { examples = [] }] of Object.entries<any>(messages)) {
      for (const { payload } of examples) expect(faults(name, payload)).toEqual([])
    }
  })

  it('names the server where one is known, and none otherwise', () => {
    expect(document.servers).toEqual({ gateway: { host: 'orders.example', protocol: 'wss' } })
    expect(asyncApiDocument(domain, defaults)).not.toHaveProperty('servers')
  })

  it('has the limits of the configuration in it', () => {
    const small: any = asyncApiDocument(domain, { ...defaults, listOrdersMax: 7 })
    const { params } = small.components.messages['order.list'].payload.properties
    expect(params.properties.limit.maximum).toBe(7)
  })
})

const compiled = new Map<string, ReturnType<typeof Schema.Compile>>()

/** What in the message its schema of that name does not take. */
function faults(name: string, message: unknown): unknown[] {
  const { components } = document
  let schema = compiled.get(name)
  if (!schema) {
    expect(Object.keys(components.messages)).toContain(name)
    schema = Schema.Compile({ ...components.messages[name].payload, components })
    compiled.set(name, schema)
  }
  if (schema.Check(message)) return []
  const [, errors] = schema.Errors(message)
  return [{ name, message, errors }]
}

describe('what a running engine says', () => {
  async function running(limits: Partial<Config> = {}) {
    const engine = await openEngine({
      log: new MemoryLog({ firstEventId: 2001 }),
      listen: { port: 0 },
      limits,
    })
    onTestFinished(() => engine.close())
    return { engine, client: await connect(engine.address) }
  }

  /** Every call, and every answer to it, must be a message of the document. */
  async function call(client: RpcClient, method: string, params: object = {}) {
    expect(faults(method, { jsonrpc: '2.0', id: 1, method, params })).toEqual([])
    const answer = await client.call(method, params)
    expect(faults(answer.error ? 'error' : `${method}.result`, answer)).toEqual([])
    return answer
  }

  const life: [string, object][] = [
    ['session.hello', { client: 'test' }],
    ['views.subscribe', {}],
    ['views.subscribe', { status: 'created' }],
    ['events.subscribe', {}],
    ['order.new', bob.new],
    ['order.new', { ...bob.new, orderId: 'bob-2' }],
    ['order.modify', bob.modify],
    ['order.pay', { ...bob.pay, commandId: 'c-1' }],
    ['order.pay', { ...bob.pay, commandId: 'c-1' }],
    ['order.cancel', { orderId: 'bob-2', reason: 'no' }],
    ['order.ship', { orderId: 'bob-1', trackingId: 't' }],
    ['order.deliver', { orderId: 'bob-1' }],
    ['order.refund', { orderId: 'bob-1', refundId: 'r-1', amount: 1 }],
    ['order.get', { orderId: 'bob-1' }],
    ['order.list', { limit: 1 }],
    ['order.counts', {}],
    ['order.history', { orderId: 'bob-1' }],
    ['order.at', { orderId: 'bob-1', eventId: 2003 }],
    ['order.try', { method: 'order.ship', params: { orderId: 'bob-1' }, eventId: 2004 }],
    ['order.path', { orderId: 'bob-1' }],
    ['events.read', { from: 2001 }],
    ['subscription.ack', { subscription: 3, eventId: 2001 }],
    ['subscription.cancel', { subscription: 2 }],
  ]

  it('is in its results and events, for every method', async () => {
    const { client } = await running()
    for (const [method, params] of life) {
      const { error } = await call(client, method, params)
      expect({ method, error }).toEqual({ method, error: undefined })
    }
    const called = new Set(life.map(([method]) => method))
    const methods = [...Object.keys(domain.methods), ...Object.keys(readMethods(defaults))]
    expect([...called].sort()).toEqual(methods.sort())
  })

  it('is in its notifications, every kind of them', async () => {
    // Long enough for a client that is busy compiling schemas to answer a ping in.
    const { engine, client } = await running({ heartbeatMs: 1000 })
    for (const [method, params] of life.slice(0, 10)) await call(client, method, params)
    const heard = (method: string) =>
      client.find((message) => 'method' in message && message.method === method)
    await Promise.all(
      ['views.snapshot', 'views.next', 'events.next', 'session.heartbeat'].map(heard),
    )
    await client.find((message: any) => message.params?.gone?.length > 0)
    await client.find((message: any) => message.params?.eventId === 2005)
    const closing = engine.close()
    await client.closed
    await closing
    const said = client.messages.filter((message: any) => 'method' in message) as any[]
    for (const message of said) expect(faults(message.method, message)).toEqual([])
    const sends = Object.entries<any>(document.operations)
      .filter(([, { action }]) => action === 'send')
      .map(([name]) => name)
    expect([...new Set(said.map(({ method }) => method))].sort()).toEqual(sends.sort())
  })

  it('is in its errors', async () => {
    const { client } = await running()
    await call(client, 'order.new', bob.new)
    const calls: [string, object][] = [
      ['order.new', bob.new],
      ['order.get', { orderId: 'nobody' }],
      ['order.pay', { ...bob.pay, amount: 1e9 }],
      ['order.pay', { ...bob.pay, expectedVersion: 7 }],
      ['order.ship', { orderId: 'bob-1' }],
      ['order.refund', { orderId: 'bob-1', refundId: 'r', amount: 1 }],
      ['order.at', { orderId: 'bob-1', eventId: 9999 }],
      ['events.read', { from: 9999 }],
      ['events.subscribe', { from: { epoch: 'another', eventId: 1 } }],
    ]
    for (const [method, params] of calls) {
      const { error } = await call(client, method, params)
      expect({ method, error }).toMatchObject({ error: { code: expect.any(Number) } })
    }
    const bad = [
      { jsonrpc: '2.0', id: 901, method: 'order.nothing', params: {} },
      { jsonrpc: '2.0', id: 902, method: 'order.pay', params: { amount: 0, extra: 1 } },
      { jsonrpc: '1.0', id: 903, method: 'order.get' },
    ]
    for (const frame of bad) {
      client.send(frame)
      const answer = await client.find((message: any) => message.id === frame.id)
      expect(faults('error', answer)).toEqual([])
    }
    client.send('{')
    const answer = await client.find((message: any) => message.id === null)
    expect(faults('error', answer)).toEqual([])
  })
})

describe('the schemas of the document', () => {
  const receipt = { orderId: 'a', version: 1, eventId: 1, recordedAt: 1, replayed: false }
  const result = (result: object) => ({ jsonrpc: '2.0', id: 1, result })
  const error = (error: object) => ({ jsonrpc: '2.0', id: 1, error })
  const data = { reason: 'ORDER_EXISTS', retryable: false, outcome: 'not_applied' }

  it('take what fits', () => {
    expect(faults('order.pay.result', result(receipt))).toEqual([])
    expect(faults('error', error({ code: 2002, message: '', data }))).toEqual([])
  })

  it.each([
    ['a receipt without a version', 'order.pay.result', result({ ...receipt, version: undefined })],
    ['a receipt with more in it', 'order.pay.result', result({ ...receipt, more: 1 })],
    ['a view without its state', 'order.get.result', result({ ...receipt, status: 'paid' })],
    ['an event of no known type', 'events.read.result', result({ events: [{}], head: 1 })],
    ['a code with the reason of another', 'error', error({ code: 2001, message: '', data })],
    ['a refusal without data', 'error', error({ code: 2002, message: '' })],
    [
      'empty gone',
      'views.next',
      {
        jsonrpc: '2.0',
        method: 'views.next',
        params: { subscription: 1, eventId: 1, previous: 0, views: [], gone: [] },
      },
    ],
  ])('do not take %s', (_, name, message) => {
    expect(faults(name, JSON.parse(JSON.stringify(message)))).not.toEqual([])
  })
})
