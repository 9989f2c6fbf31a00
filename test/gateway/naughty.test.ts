/**
 * Texts that trip others up, in every place where a client may put a text: refused with a fault that
 * names the place, or taken, and then read back to the character from everywhere, for ever.
 */
import { describe, expect, it } from 'vitest'
import { type Engine, openEngine, orderDomain } from '../../src/index.ts'
import { temporaryFolder } from '../support/folders.ts'
import { connect, type RpcClient } from '../support/rpc.ts'
import { goodParams, replaced, schemas } from './params.ts'
import { expectServesOn, order, serve } from './serve.ts'

const naughty: readonly string[] = [
  // Nothing, and what looks like nothing.
  ...['', ' ', '\t', '\n', '\r\n', '\u0000', 'a\u0000b', '\u007f', '\u0085', '\u00a0', '\u200b'],
  ...['\u2028', '\u2029', '\ufeff', '\ufffd', '\ufffe', '\uffff', '\u00ad', '\u180e', '\u3000'],
  // Halves of characters, and characters in two halves.
  ...[
    '\ud800',
    '\udfff',
    'a\ud83d',
    '\ude00a',
    '\udc00\ud800',
    '😀',
    '👩‍👩‍👧‍👦',
    '🏳️‍🌈',
    '👍🏽',
    '\u{10ffff}',
  ],
  // Combined, decomposed, from right to left, and from top to bottom.
  ...[
    'é',
    'e\u0301',
    'Å',
    'ﬁ',
    'İı',
    'ß',
    'ǆ',
    'Z͑ͫ̓ͪ̂ͫ̽͏̴̙A̴̵̜̰͔L̠ͨͧͩ͘G͑͗̎̅͛́Ǫ̵̹̻̝̳',
    '\u202eabc',
    '\u2066abc\u2069',
    'שלום',
    'مرحبا',
  ],
  ...['ᚠᛇᚻ', '田中さん', '한국어', 'ภาษา', '１２３'],
  // Words that objects, shells, databases and pages know.
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', 'length'],
  ...['null', 'undefined', 'NaN', 'true', 'nil', '[object Object]', '{}', '[]', '0', '-0', '1e400'],
  ...[
    "' OR 1=1; --",
    '"; DROP TABLE orders; --',
    '<script>alert(1)</script>',
    '<!--',
    ']]>',
    '&lt;',
  ],
  ...['$(id)', '`id`', '; rm -rf ~', '../../etc/passwd', 'C:\\nul', '%s%n', '%00', '{{1+1}}', '$1'],
  ...['\u001b[31mred\u001b[0m', '"', "'", '\\', '\\u0000', '"}]}', '/', '~', '~0~1', '|', '*', '#'],
  // As long as may be, one longer, and very long.
  ...[
    'x'.repeat(64),
    'x'.repeat(65),
    '😀'.repeat(64),
    '😀'.repeat(65),
    'x'.repeat(500),
    'x'.repeat(501),
  ],
  ...[`e${'\u0301'.repeat(1000)}`, '😀'.repeat(500), 'x'.repeat(100_000)],
]

/** Texts that cannot stand beside those above. */
const otherParams: readonly (readonly [string, object])[] = [
  ['views.subscribe', { customerId: 'bob' }],
  ['views.subscribe', { status: 'paid' }],
  ['order.list', { sort: 'changed', idPrefix: 'bob' }],
]

/** The paths of all texts in a value, as JSON pointers. */
function textsIn(value: unknown, path = ''): string[] {
  if (typeof value === 'string') return [path]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => textsIn(inner, `${path}/${key}`))
}

const places: (readonly [string, string, object])[] = [
  ...Object.entries(goodParams),
  ...otherParams,
].flatMap(([method, params]) => textsIn(params).map((path) => [method, path, params] as const))

it('puts them into all texts that the schemas know', () => {
  expect(Object.keys(goodParams).sort()).toEqual(Object.keys(schemas).sort())
  for (const [method, schema] of Object.entries(schemas)) {
    const { properties = {} } = schema as { properties?: Record<string, { type?: string }> }
    const known = Object.keys(properties).filter((key) => properties[key]!.type === 'string')
    const tried = places.filter(([name]) => name === method).map(([, path]) => path.slice(1))
    expect(tried, method).toEqual(expect.arrayContaining(known))
  }
})

it('refuses each of them by its place, or takes it', async () => {
  const { engine, client } = await serve()
  for (const [method, path, params] of places) {
    for (const text of naughty) {
      const head = engine.eventId
      client.messages.length = 0
      const { result, error } = await client.call(method, replaced(params, path, text))
      expect(error?.code).not.toBe(-32603)
      if (error?.code === -32602) {
        const paths = error.data.faults.map((fault: any) => fault.path)
        expect(paths, `${method} ${JSON.stringify(text)}`).toEqual([path])
      } else if (error) {
        expect(error.data).toMatchObject({ outcome: 'not_applied' })
      }
      const isRecorded = method in orderDomain.methods && result?.replayed === false
      expect(engine.eventId).toBe(head + (isRecorded ? 1 : 0))
      const { subscription } = result ?? {}
      if (subscription) await client.call('subscription.cancel', { subscription })
    }
  }
  await expectServesOn(engine, engine.eventId)
})

/** What a client reads of an order. */
async function readBack(client: RpcClient, orderId: string) {
  const [view, history] = await Promise.all([
    client.call('order.get', { orderId }),
    client.call('order.history', { orderId }),
  ])
  return { view: view.result, events: history.result.events }
}

/** All events from the start, as a watcher is sent them. */
async function watched(engine: Engine): Promise<any[]> {
  const client = await connect(engine.address)
  const { epoch } = (await client.call('session.hello', {})).result
  await client.call('events.subscribe', { from: { epoch, eventId: 0 } })
  const next = () => client.notifications('events.next')
  await client.find(() => next().at(-1)?.params.eventId === engine.eventId)
  client.socket.close()
  return next().flatMap(({ params }) => params.events)
}

describe('what was taken', () => {
  it('is read back to the character from everywhere, and after a rebuild', async () => {
    const data = temporaryFolder()
    const engine = await openEngine({ data, listen: { port: 0 } })
    const client = await connect(engine.address)
    const given = new Map<string, { sku?: string; trackingId?: string; reason?: string }>()
    for (const [number, text] of naughty.entries()) {
      const orderId = `n-${number}`
      const sku = [{ sku: text, quantity: 1, unitPrice: 1 }]
      const placed = await client.call('order.new', { ...order(orderId), lines: sku })
      const texts: { sku?: string; trackingId?: string; reason?: string } = {}
      if (placed.result) texts.sku = text
      else await client.call('order.new', { ...order(orderId), lines: [{ ...sku[0], sku: 'a' }] })
      await client.call('order.pay', { orderId, paymentId: 'p', amount: 1 })
      const shipped = await client.call('order.ship', { orderId, trackingId: text })
      if (shipped.result) texts.trackingId = text
      else if ((await client.call('order.cancel', { orderId, reason: text })).result) {
        texts.reason = text
      }
      given.set(orderId, texts)
      const other = `r-${number}`
      await client.call('order.new', order(other))
      const cancelled = await client.call('order.cancel', { orderId: other, reason: text })
      given.set(other, cancelled.result ? { reason: text } : {})
    }
    expect([...given.values()].filter(({ sku }) => sku !== undefined).length).toBeGreaterThan(80)

    const before = new Map<string, any>()
    for (const [orderId, { sku, trackingId, reason }] of given) {
      const { view, events } = await readBack(client, orderId)
      before.set(orderId, { view, events })
      const data = Object.assign({}, ...events.map((event: any) => event.data))
      if (sku !== undefined) {
        expect(view.lines[0].sku).toBe(sku)
        expect(events[0].data.lines[0].sku).toBe(sku)
      }
      if (trackingId !== undefined) expect(data.trackingId).toBe(trackingId)
      if (reason !== undefined) expect(data.reason).toBe(reason)
    }
    const events = await watched(engine)
    expect(events).toEqual(
      [...before.values()].flatMap((one) => one.events).sort((a, b) => a.eventId - b.eventId),
    )
    await engine.close()

    const again = await openEngine({ data, listen: { port: 0 } })
    const later = await connect(again.address)
    for (const [orderId, known] of before) expect(await readBack(later, orderId)).toEqual(known)
    expect(await watched(again)).toEqual(events)
    await expectServesOn(again, again.eventId)
    await again.close()
  })
})
