/** The ordinary system and the event-sourced one keep the same orders by the same rules. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OrderTable, openOrderTable } from '../../src/crud/order-table.ts'
import { type Answer, balanceOf } from '../../src/crud/row.ts'
import { type Engine, MemoryLog, openEngine } from '../../src/index.ts'
import type { OrderCommands, OrderMethod } from '../../src/order/index.ts'

/** A command without its orderId, which each test gives it. */
type Step = readonly [OrderMethod, object]

let folder: string
let table: OrderTable
let engine: Engine
let orders = 0

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ordinal-test-'))
  table = openOrderTable(folder)
  engine = await openEngine({ log: new MemoryLog() })
})
afterAll(async () => {
  await table.close()
  await engine.close()
  rmSync(folder, { recursive: true, force: true })
})

const askTable: {
  readonly [Name in OrderMethod]: (params: OrderCommands[Name]) => Promise<Answer>
} = {
  'order.new': (params) => table.create(params),
  'order.modify': (params) => table.modify(params),
  'order.pay': (params) => table.pay(params),
  'order.ship': (params) => table.ship(params),
  'order.deliver': (params) => table.deliver(params),
  'order.cancel': (params) => table.cancel(params),
  'order.refund': (params) => table.refund(params),
}

/** Gives both systems the command, and says how each answered: the code, or `accepted`. */
async function askBoth(orderId: string, [method, rest]: Step) {
  const params = { ...rest, orderId } as never
  const answers = await Promise.all([askTable[method](params), engine.submit(method, params)])
  return answers.map((answer) => ('refused' in answer ? answer.refused : 'accepted'))
}

async function expectAgreement(orderId: string, steps: readonly Step[], overlap: boolean) {
  const asked: Promise<string[]>[] = []
  for (const step of steps) {
    const answers = askBoth(orderId, step)
    asked.push(answers)
    if (!overlap) {
      await answers
      expectSameOrder(orderId)
    }
  }
  for (const [index, [ordinary, evented]] of (await Promise.all(asked)).entries()) {
    expect(ordinary, `answer to step ${index}`).toBe(evented)
  }
  expectSameOrder(orderId)
  return asked
}

function expectSameOrder(orderId: string) {
  const row = table.get(orderId)
  const view = engine.get(orderId)
  const kept = row && {
    customerId: row.customerId,
    currency: row.currency,
    lines: row.lines,
    status: row.status,
    total: row.total,
    paid: row.paid,
    refunded: row.refunded,
    balance: balanceOf(row),
  }
  if (view === undefined) expect(kept).toBeUndefined()
  else expect(view).toMatchObject(kept ?? { orderId: 'the row is missing' })
}

const sku = fc.constantFrom('apple', 'pear')
const quantity = fc.integer({ min: 1, max: 3 })
const unitPrice = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 0, max: 3 }) },
  { weight: 1, arbitrary: fc.constant(Number.MAX_SAFE_INTEGER) },
)
const amount = fc.integer({ min: 1, max: 8 })
const id = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
const lines = <T>(line: fc.Arbitrary<T & { sku: string }>) =>
  fc.uniqueArray(line, { minLength: 1, maxLength: 2, selector: (each) => each.sku })

const newOrder = fc.record(
  {
    customerId: fc.constant('bob'),
    currency: fc.constantFrom('USD', 'JPY'),
    lines: lines(fc.record({ sku, quantity, unitPrice })),
  },
  { requiredKeys: ['currency', 'lines'] },
)
const change = fc.record(
  { sku, quantity: fc.integer({ min: 0, max: 3 }), unitPrice },
  { requiredKeys: ['sku', 'quantity'] },
)
const step = (method: OrderMethod, weight: number, params: fc.Arbitrary<object>) => ({
  weight,
  arbitrary: params.map((made): Step => [method, made]),
})
const laterStep = fc.oneof(
  step('order.new', 1, newOrder),
  step('order.modify', 5, fc.record({ lines: lines(change) })),
  step('order.pay', 8, fc.record({ paymentId: id, amount })),
  step('order.ship', 3, fc.constant({ trackingId: 'parcel-1' })),
  step('order.deliver', 3, fc.constant({})),
  step('order.cancel', 1, fc.constant({ reason: 'changed my mind' })),
  step('order.refund', 5, fc.record({ refundId: id, amount })),
)
const steps = fc
  .tuple(step('order.new', 1, newOrder).arbitrary, fc.array(laterStep, { maxLength: 25 }))
  .map(([first, later]) => [first, ...later])

it('keeps the same orders, and refuses the same commands with the same codes', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (made) => {
      await expectAgreement(`order-${++orders}`, made, false)
    }),
    { numRuns: 50 },
  )
})

it('keeps the same orders when all commands overlap', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (made) => {
      await expectAgreement(`order-${++orders}`, made, true)
    }),
    { numRuns: 200 },
  )
})

describe('each rule', () => {
  const max = Number.MAX_SAFE_INTEGER
  const line = (quantity = 6, unitPrice = 10, sku = 'apple') => ({ sku, quantity, unitPrice })
  const placed: Step = ['order.new', { currency: 'USD', lines: [line()] }]
  const modify = (...changes: object[]): Step => ['order.modify', { lines: changes }]
  const pay = (amount: number, paymentId = `pay-${amount}`): Step => [
    'order.pay',
    { paymentId, amount },
  ]
  const refund = (amount: number, refundId = `refund-${amount}`): Step => [
    'order.refund',
    { refundId, amount },
  ]
  const ship: Step = ['order.ship', {}]
  const deliver: Step = ['order.deliver', {}]
  const cancel: Step = ['order.cancel', {}]
  const hundred = Array.from({ length: 100 }, (_, index) => line(1, 1, `sku-${index}`))
  const free: Step = ['order.new', { currency: 'USD', lines: [line(1, 0)] }]

  const rules: readonly (readonly [string, readonly Step[], string])[] = [
    [
      'a total past the safe integers',
      [['order.new', { currency: 'USD', lines: [line(2, max)] }]],
      'AMOUNT_OUT_OF_RANGE',
    ],
    ['an order that is there', [placed, placed], 'ORDER_EXISTS'],
    ['an order that is not there', [deliver], 'ORDER_NOT_FOUND'],
    ['a line that is not there', [placed, modify({ sku: 'plum', quantity: 1 })], 'LINE_UNKNOWN'],
    ['a change to no line', [placed, modify({ sku: 'apple', quantity: 0 })], 'NOT_ALLOWED'],
    [
      'more than 100 lines',
      [['order.new', { currency: 'USD', lines: hundred }], modify(line())],
      'NOT_ALLOWED',
    ],
    [
      'a changed total past the safe integers',
      [placed, modify(line(2, max))],
      'AMOUNT_OUT_OF_RANGE',
    ],
    ['a change to a shipped order', [placed, pay(60), ship, modify(line())], 'NOT_ALLOWED'],
    ['a payment over the balance', [placed, pay(61)], 'OVERPAYMENT'],
    ['a payment counted before', [placed, pay(10), pay(10)], 'PAYMENT_ID_REUSED'],
    ['a payment of a cancelled order', [placed, cancel, pay(10)], 'NOT_ALLOWED'],
    [
      'payments past the safe integers',
      [
        ['order.new', { currency: 'USD', lines: [line(1, max)] }],
        pay(max),
        modify(line(1, 0)),
        refund(max),
        modify(line(1, 1)),
        pay(1),
      ],
      'AMOUNT_OUT_OF_RANGE',
    ],
    ['shipping before it is paid', [placed, pay(59), ship], 'NOT_ALLOWED'],
    ['shipping twice', [placed, pay(60), ship, ship], 'NOT_ALLOWED'],
    ['delivering before it is shipped', [placed, pay(60), deliver], 'NOT_ALLOWED'],
    ['cancelling a shipped order', [placed, pay(60), ship, cancel], 'NOT_ALLOWED'],
    ['a refund where nothing is owed back', [placed, pay(60), refund(1)], 'REFUND_EXCEEDS_PAID'],
    [
      'a refund counted before',
      [placed, pay(60), cancel, refund(10), refund(10)],
      'REFUND_ID_REUSED',
    ],
    [
      'a refund over what was paid',
      [placed, pay(60), cancel, refund(40), refund(21)],
      'REFUND_EXCEEDS_PAID',
    ],
    ['a refund of an overpaid order', [placed, pay(60), modify(line(5)), refund(10)], 'accepted'],
    [
      'a payment after a refund',
      [placed, pay(60), modify(line(5)), refund(10), modify(line(6)), pay(10, 'x')],
      'accepted',
    ],
    ['a refund after completion', [placed, pay(60), ship, deliver, refund(60)], 'accepted'],
    [
      'a part of a refund after completion',
      [placed, pay(60), ship, deliver, refund(20)],
      'accepted',
    ],
    ['shipping what is free', [free, ship], 'accepted'],
    [
      'delivering what was refunded',
      [placed, pay(60), modify(line(6, 0)), refund(60), ship, deliver],
      'accepted',
    ],
    [
      'cancelling what was refunded',
      [placed, pay(60), modify(line(6, 0)), refund(60), cancel],
      'accepted',
    ],
  ]

  it.each(rules)('is the same for %s', async (_, made, last) => {
    const answers = await expectAgreement(`order-${++orders}`, made, false)
    expect((await answers.at(-1))?.[0]).toBe(last)
  })
})
