import { expect, it } from 'vitest'
import { AppendUnknownError, StorageFullError } from '../../src/index.ts'
import { systemRuntime } from '../../src/runtime.ts'
import { bob } from '../support/orders.ts'
import type { RpcClient } from '../support/rpc.ts'
import { ScriptedLog } from '../support/scripted-log.ts'
import { notApplied, order, serve } from './serve.ts'

const now = 1_795_000_000_000
const atNow = { runtime: { ...systemRuntime, now: () => now } }

/** Bob's order, bought, changed and paid. */
async function paidOrder(client: RpcClient): Promise<void> {
  await client.call('order.new', bob.new)
  await client.call('order.modify', bob.modify)
  await client.call('order.pay', bob.pay)
}

it('answers every command with a receipt', async () => {
  const { client } = await serve(atNow)
  const steps: [string, object][] = [
    ['order.new', bob.new],
    ['order.modify', bob.modify],
    ['order.pay', bob.pay],
    ['order.ship', { orderId: 'bob-1', trackingId: 'parcel 7' }],
    ['order.deliver', { orderId: 'bob-1' }],
    ['order.refund', { orderId: 'bob-1', refundId: 'refund-1', amount: 1000 }],
  ]
  for (const [index, [method, params]] of steps.entries()) {
    const version = index + 1
    expect(await client.call(method, params)).toStrictEqual({
      jsonrpc: '2.0',
      id: version,
      result: { orderId: 'bob-1', version, eventId: version, recordedAt: now, replayed: false },
    })
  }
  await client.call('order.new', order('another'))
  const { result } = await client.call('order.cancel', { orderId: 'another', reason: 'too late' })
  expect(result).toStrictEqual({
    orderId: 'another',
    version: 2,
    eventId: 8,
    recordedAt: now,
    replayed: false,
  })
})

it('makes an orderId where there is none: of the commandId, or a new one', async () => {
  const { client } = await serve()
  const { orderId: _, ...nameless } = bob.new
  const first = await client.call('order.new', { ...nameless, commandId: 'buy-1' })
  expect(first.result.orderId).toBe('buy-1')
  const second = await client.call('order.new', nameless)
  const third = await client.call('order.new', nameless)
  expect(second.result.orderId).toMatch(/^[A-Za-z0-9_.:-]{1,64}$/)
  expect(third.result.orderId).not.toBe(second.result.orderId)
})

it('gives the first receipt again to a repeated command', async () => {
  const { client, engine } = await serve()
  const first = await client.call('order.new', { ...bob.new, commandId: 'buy-1' })
  await client.call('order.modify', bob.modify)
  const again = await client.call('order.new', { ...bob.new, commandId: 'buy-1' })
  expect(again.result).toStrictEqual({ ...first.result, replayed: true })
  expect(engine.eventId).toBe(2)
})

it('answers ids of every form with the same id', async () => {
  const { client } = await serve()
  for (const id of ['a', '', 0, -1, 1.5, 2 ** 53, 'ü"\\\n']) {
    client.send({ jsonrpc: '2.0', id, method: 'order.get', params: { orderId: 'none' } })
    expect(await client.find((message) => 'id' in message && message.id === id)).toBeDefined()
  }
  client.send({ jsonrpc: '2.0', id: null, method: 'order.get', params: { orderId: 'none' } })
  expect(await client.find((message) => 'id' in message && message.id === null)).toBeDefined()
})

type Refused = [string, number, Record<string, unknown>, string, object]

const unpaid: Refused[] = [
  ['ORDER_NOT_FOUND', 2001, { orderId: 'x' }, 'order.pay', { ...bob.pay, orderId: 'x' }],
  ['ORDER_EXISTS', 2002, { orderId: 'bob-1' }, 'order.new', bob.new],
  [
    'VERSION_CONFLICT',
    2003,
    { currentVersion: 1 },
    'order.pay',
    { ...bob.pay, expectedVersion: 7 },
  ],
  ['NOT_ALLOWED', 2004, { guard: 'isPaid' }, 'order.ship', { orderId: 'bob-1' }],
  ['NOT_ALLOWED', 2004, { guard: undefined }, 'order.deliver', { orderId: 'bob-1' }],
  [
    'COMMAND_ID_REUSED',
    2005,
    { commandId: 'buy-1' },
    'order.modify',
    { ...bob.modify, commandId: 'buy-1' },
  ],
  ['OVERPAYMENT', 2006, { balance: 5000 }, 'order.pay', bob.pay],
  [
    'LINE_UNKNOWN',
    2008,
    { sku: 'gadget' },
    'order.modify',
    { orderId: 'bob-1', lines: [{ sku: 'gadget', quantity: 1 }] },
  ],
  [
    'AMOUNT_OUT_OF_RANGE',
    2009,
    {},
    'order.modify',
    { orderId: 'bob-1', lines: [{ sku: 'widget', quantity: Number.MAX_SAFE_INTEGER }] },
  ],
]

it.each(unpaid)('refuses with %s (%i)', async (reason, code, details, method, params) => {
  const { client, engine } = await serve()
  await client.call('order.new', { ...bob.new, commandId: 'buy-1' })
  const { error } = await client.call(method, params)
  expect(error).toMatchObject({ code, message: expect.any(String), data: notApplied(reason) })
  for (const [key, value] of Object.entries(details)) expect(error?.data[key]).toEqual(value)
  expect(engine.eventId).toBe(1)
})

it('says of what is not allowed the state, and what can be done now', async () => {
  const { client } = await serve()
  await client.call('order.new', bob.new)
  const { error } = await client.call('order.deliver', { orderId: 'bob-1' })
  expect(error?.data).toStrictEqual({
    reason: 'NOT_ALLOWED',
    retryable: false,
    outcome: 'not_applied',
    state: { open: { payment: 'unpaid', fulfilment: 'unfulfilled' } },
    can: ['order.modify', 'order.pay', 'order.cancel'],
  })
})

it('refuses a reused paymentId, a reused refundId, and more back than was paid', async () => {
  const { client, engine } = await serve()
  await paidOrder(client)
  await client.call('order.modify', { orderId: 'bob-1', lines: [{ sku: 'widget', quantity: 8 }] })
  const again = await client.call('order.pay', { ...bob.pay, amount: 1 })
  expect(again.error).toMatchObject({ code: 2010, data: notApplied('PAYMENT_ID_REUSED') })
  await client.call('order.cancel', { orderId: 'bob-1' })
  const refund = { orderId: 'bob-1', refundId: 'refund-1', amount: 1000 }
  await client.call('order.refund', refund)
  const reused = await client.call('order.refund', refund)
  expect(reused.error).toMatchObject({ code: 2011, data: notApplied('REFUND_ID_REUSED') })
  const over = await client.call('order.refund', { ...refund, refundId: 'r-2', amount: 5001 })
  expect(over.error).toMatchObject({ code: 2007, data: notApplied('REFUND_EXCEEDS_PAID') })
  expect(engine.eventId).toBe(6)
})

it('answers OVERLOADED when the inbox is full, and takes the command later', async () => {
  const { client, engine } = await serve({ limits: { inboxCommandsMax: 1 } })
  const call = (id: number) => ({
    jsonrpc: '2.0',
    id,
    method: 'order.new',
    params: order(`order-${id}`),
  })
  client.send([call(1), call(2)])
  const answers = await client.find<any[]>(Array.isArray)
  const refused = answers.find(({ error }) => error)
  expect(refused?.error).toMatchObject({ code: 1005, data: notApplied('OVERLOADED', true) })
  expect(engine.eventId).toBe(1)
  expect(await client.call('order.new', order(`order-${refused?.id}`))).toHaveProperty('result')
})

it('answers STORAGE_FULL when there is no room, and serves on', async () => {
  const log = new ScriptedLog()
  const { client } = await serve({ log })
  const answer = client.call('order.new', bob.new)
  const held = await log.next()
  held.fail(new StorageFullError('the test'))
  expect((await answer).error).toMatchObject({ code: 1006, data: notApplied('STORAGE_FULL', true) })
  const again = client.call('order.new', bob.new)
  ;(await log.next()).land()
  expect((await again).result.eventId).toBe(1)
})

it('says that an outcome is unknown, and STOPPING to what comes after', async () => {
  const log = new ScriptedLog()
  const { client } = await serve({ log })
  const answer = client.call('order.new', bob.new)
  const held = await log.next()
  held.fail(new AppendUnknownError(new Error('the disk is gone')))
  expect((await answer).error).toMatchObject({
    code: 1007,
    data: { reason: 'STOPPING', retryable: true, outcome: 'unknown' },
  })
  const { error } = await client.call('order.new', bob.new)
  expect(error).toMatchObject({ code: 1007, data: notApplied('STOPPING', true) })
  expect((await client.call('order.list', {})).result).toEqual({ orders: [] })
})

it('does not execute a call that cannot be answered', async () => {
  const { client, engine } = await serve()
  client.send({ jsonrpc: '2.0', method: 'order.new', params: bob.new })
  client.send({ jsonrpc: '2.0', method: 'no.such.method' })
  expect(await client.call('order.get', { orderId: 'bob-1' })).toHaveProperty('error.code', 2001)
  expect(engine.eventId).toBe(0)
  expect(client.messages).toHaveLength(1)
})

it('lets a client go on from another socket', async () => {
  const { client, engine } = await serve()
  await paidOrder(client)
  client.socket.close()
  await client.closed
  expect(engine.get('bob-1')).toMatchObject({ status: 'paid', version: 3 })
})
