/** The form of the commands, as bad input meets it: given as JSON text, as it comes over the wire. */
import { describe, expect, it } from 'vitest'
import { orderLinesMax, reasonCharsMax, textCharsMax } from '../../src/config.ts'
import { InvalidParamsError } from '../../src/errors.ts'
import { orderMethods } from '../../src/order/commands.ts'
import { orderEvents } from '../../src/order/events.ts'
import { orderDomain } from '../../src/order/index.ts'
import { CommandForms } from '../../src/protocol/commands.ts'
import { systemRuntime } from '../../src/runtime.ts'
import { bob } from '../support/orders.ts'

const forms = new CommandForms(orderDomain, systemRuntime)

/** Where params given as JSON text have faults; an empty list where all is well. */
function faultsOf(method: string, json: string): readonly string[] {
  try {
    forms.prepare(method, JSON.parse(json))
    return []
  } catch (error) {
    if (error instanceof InvalidParamsError) return pathsOf(error)
    throw error
  }
}

/** Each path once: 0.5 is both no integer and less than 1. */
const pathsOf = ({ faults }: InvalidParamsError) => [...new Set(faults.map(({ path }) => path))]

const placing = (line: string) => `{"currency":"USD","lines":[${line}]}`
const paying = (amount: string) => `{"orderId":"o","paymentId":"p","amount":${amount}}`
const refunding = (amount: string) => `{"orderId":"o","refundId":"r","amount":${amount}}`
const changing = (lines: string) => `{"orderId":"o","lines":[${lines}]}`

it('takes the commands of Bob', () => {
  expect(faultsOf('order.new', JSON.stringify(bob.new))).toEqual([])
  expect(faultsOf('order.modify', JSON.stringify(bob.modify))).toEqual([])
  expect(faultsOf('order.pay', JSON.stringify(bob.pay))).toEqual([])
})

it('has an event with a form for each command', () => {
  for (const { records } of Object.values(orderMethods)) expect(orderEvents).toHaveProperty(records)
  expect(Object.keys(orderEvents)).toHaveLength(Object.keys(orderMethods).length)
})

const notAmounts = [
  '0',
  '-0',
  '-1',
  '0.5',
  '1.0000001',
  '9007199254740992',
  '1e16',
  '1e400',
  '-1e400',
  '"1"',
  'null',
  'true',
  '[1]',
  '{}',
]

describe('an amount', () => {
  it.each(notAmounts)('is not %s, in a payment and in a refund', (amount) => {
    expect(faultsOf('order.pay', paying(amount))).toEqual(['/amount'])
    expect(faultsOf('order.refund', refunding(amount))).toEqual(['/amount'])
  })

  it.each(['1', '1e3', '1.0', '9007199254740991'])('may be %s', (amount) => {
    expect(faultsOf('order.pay', paying(amount))).toEqual([])
    expect(faultsOf('order.refund', refunding(amount))).toEqual([])
  })
})

describe('a line', () => {
  it.each(notAmounts)('does not have the quantity %s when it is new', (quantity) => {
    const line = `{"sku":"a","quantity":${quantity},"unitPrice":1}`
    expect(faultsOf('order.new', placing(line))).toEqual(['/lines/0/quantity'])
  })

  it.each(notAmounts.slice(2))('does not have the price %s', (price) => {
    const line = `{"sku":"a","quantity":1,"unitPrice":${price}}`
    expect(faultsOf('order.new', placing(line))).toEqual(['/lines/0/unitPrice'])
    expect(faultsOf('order.modify', changing(line))).toEqual(['/lines/0/unitPrice'])
  })

  it.each(notAmounts.slice(2))('does not have the quantity %s when it is changed', (quantity) => {
    const line = `{"sku":"a","quantity":${quantity}}`
    expect(faultsOf('order.modify', changing(line))).toEqual(['/lines/0/quantity'])
  })

  it('may cost nothing, and may be changed to quantity 0', () => {
    expect(faultsOf('order.new', placing('{"sku":"a","quantity":1,"unitPrice":0}'))).toEqual([])
    expect(faultsOf('order.modify', changing('{"sku":"a","quantity":0}'))).toEqual([])
  })

  it('has a sku that is not empty and not too long', () => {
    const line = (sku: string) => JSON.stringify({ sku, quantity: 1, unitPrice: 1 })
    expect(faultsOf('order.new', placing(line('')))).toEqual(['/lines/0/sku'])
    expect(faultsOf('order.new', placing(line('x'.repeat(textCharsMax + 1))))).toEqual([
      '/lines/0/sku',
    ])
    expect(faultsOf('order.new', placing(line('x'.repeat(textCharsMax))))).toEqual([])
  })

  it('has no other keys', () => {
    for (const key of ['total', '__proto__', 'constructor']) {
      const line = `{"sku":"a","quantity":1,"unitPrice":1,"${key}":{}}`
      expect(faultsOf('order.new', placing(line))).toEqual([`/lines/0/${key}`])
      expect(faultsOf('order.modify', changing(line))).toEqual([`/lines/0/${key}`])
    }
  })
})

describe('the lines', () => {
  const lines = (count: number) =>
    Array.from({ length: count }, (_, n) => `{"sku":"s${n}","quantity":1,"unitPrice":1}`).join()

  it(`are from 1 to ${orderLinesMax}`, () => {
    for (const [count, faults] of [
      [0, ['/lines']],
      [1, []],
      [orderLinesMax, []],
      [orderLinesMax + 1, ['/lines']],
    ] as const) {
      expect(faultsOf('order.new', placing(lines(count)))).toEqual(faults)
      expect(faultsOf('order.modify', changing(lines(count)))).toEqual(faults)
    }
  })

  it('name each sku once', () => {
    const twice = `${lines(2)},${lines(2)}`
    expect(faultsOf('order.new', placing(twice))).toEqual(['/lines/2/sku', '/lines/3/sku'])
    expect(faultsOf('order.modify', changing(twice))).toEqual(['/lines/2/sku', '/lines/3/sku'])
  })
})

describe('a currency', () => {
  const placed = (currency: string) =>
    faultsOf('order.new', JSON.stringify({ ...bob.new, currency }))

  it('is one of ISO 4217 that people are paid in', () => {
    for (const code of ['USD', 'JPY', 'KWD', 'XOF']) expect(placed(code)).toEqual([])
    for (const code of ['XAU', 'XXX', 'XTS', 'usd', 'USDT', '', 'ZZZ', 'toString']) {
      expect(placed(code)).toEqual(['/currency'])
    }
  })
})

describe('an id', () => {
  const odd = ['', ' ', 'a b', 'é', 'a/b', 'a\n', '\u0000', '🙂', 'x'.repeat(65), 1, null, {}, []]

  it.each(odd)('is not %j', (id) => {
    const ids = { orderId: id, paymentId: id, commandId: id, amount: 1 }
    expect([...faultsOf('order.pay', JSON.stringify(ids))].sort()).toEqual([
      '/commandId',
      '/orderId',
      '/paymentId',
    ])
    expect(faultsOf('order.new', JSON.stringify({ ...bob.new, customerId: id }))).toEqual([
      '/customerId',
    ])
  })

  it.each(['a', 'A-z_0.9:x', '__proto__', 'constructor', 'x'.repeat(64)])('may be %s', (id) => {
    const ids = { orderId: id, paymentId: id, commandId: id, amount: 1 }
    expect(faultsOf('order.pay', JSON.stringify(ids))).toEqual([])
  })
})

describe('the texts', () => {
  it('have their bounds', () => {
    const tracked = (trackingId: string) =>
      faultsOf('order.ship', JSON.stringify({ orderId: 'o', trackingId }))
    expect(tracked('')).toEqual(['/trackingId'])
    expect(tracked('x'.repeat(textCharsMax))).toEqual([])
    expect(tracked('x'.repeat(textCharsMax + 1))).toEqual(['/trackingId'])
    const because = (reason: string) =>
      faultsOf('order.cancel', JSON.stringify({ orderId: 'o', reason }))
    expect(because('')).toEqual([])
    expect(because('x'.repeat(reasonCharsMax))).toEqual([])
    expect(because('x'.repeat(reasonCharsMax + 1))).toEqual(['/reason'])
  })
})
