import { describe, expect, it } from 'vitest'
import type { OrderEvent } from '../../src/order/events.ts'
import { balanceOf, refundableOf, viewOf } from '../../src/order/view.ts'
import {
  cancelled,
  delivered,
  given,
  modified,
  newOrder,
  paid,
  refunded,
  shipped,
} from '../support/orders.ts'

const standing = { orderId: 'bob-1', eventId: 2003, version: 3, createdAt: 1, updatedAt: 3 }
const view = (...events: readonly OrderEvent[]) => viewOf(given(...events), standing)
const fewer = modified({ sku: 'widget', quantity: 3 })
const free = modified({ sku: 'widget', quantity: 5, unitPrice: 0 })

it('shows all of an order', () => {
  expect(view(newOrder(), modified({ sku: 'widget', quantity: 6 }), paid(6000))).toEqual({
    orderId: 'bob-1',
    eventId: 2003,
    version: 3,
    state: { open: { payment: 'paid', fulfilment: 'unfulfilled' } },
    status: 'paid',
    customerId: 'bob',
    currency: 'USD',
    lines: [{ sku: 'widget', quantity: 6, unitPrice: 1000 }],
    total: 6000,
    paid: 6000,
    refunded: 0,
    balance: 0,
    createdAt: 1,
    updatedAt: 3,
    can: ['order.modify', 'order.ship', 'order.cancel'],
  })
})

const statuses: readonly (readonly [string, readonly OrderEvent[]])[] = [
  ['created', [newOrder()]],
  ['created', [newOrder(), paid(5000), free, refunded(5000), fewerAt(1000)]],
  ['partiallyPaid', [newOrder(), paid(1)]],
  ['paid', [newOrder(), paid(5000)]],
  ['paid', [newOrder(), paid(5000), fewer]],
  ['paid', [newOrder({ unitPrice: 0 })]],
  ['paid', [newOrder(), paid(5000), free, refunded(5000)]],
  ['shipped', [newOrder(), paid(5000), shipped()]],
  ['shipped', [newOrder(), paid(5000), fewer, shipped(), refunded(2000)]],
  ['completed', [newOrder(), paid(5000), shipped(), delivered()]],
  ['completed', [newOrder(), paid(5000), shipped(), delivered(), refunded(4999)]],
  ['completed', [newOrder({ unitPrice: 0 }), shipped(), delivered()]],
  ['cancelled', [newOrder(), cancelled()]],
  ['cancelled', [newOrder(), paid(5000), cancelled()]],
  ['cancelled', [newOrder(), paid(5000), cancelled(), refunded(4999)]],
  ['refunded', [newOrder(), paid(5000), cancelled(), refunded(5000)]],
  ['refunded', [newOrder(), paid(5000), shipped(), delivered(), refunded(5000)]],
  ['refunded', [newOrder(), paid(5000), shipped(), delivered(), refunded(1), refunded(4999)]],
]

function fewerAt(unitPrice: number): OrderEvent {
  return modified({ sku: 'widget', quantity: 1, unitPrice })
}

describe('the status', () => {
  it.each(statuses)('is %s after %j', (status, events) => {
    expect(view(...events).status).toBe(status)
  })
})

const balances: readonly (readonly [number, readonly OrderEvent[]])[] = [
  [5000, [newOrder()]],
  [3000, [newOrder(), paid(2000)]],
  [0, [newOrder(), paid(5000)]],
  [-2000, [newOrder(), paid(5000), fewer]],
  [-500, [newOrder(), paid(5000), fewer, refunded(1500)]],
  [0, [newOrder(), paid(5000), fewer, refunded(2000)]],
  [-2000, [newOrder(), paid(5000), fewer, shipped()]],
  [-2000, [newOrder(), paid(5000), fewer, shipped(), delivered()]],
  [0, [newOrder(), paid(5000), fewer, shipped(), delivered(), refunded(2000)]],
  [0, [newOrder(), paid(5000), shipped(), delivered()]],
  [0, [newOrder(), paid(5000), shipped(), delivered(), refunded(5000)]],
  [0, [newOrder(), cancelled()]],
  [-2000, [newOrder(), paid(2000), cancelled()]],
  [-500, [newOrder(), paid(2000), cancelled(), refunded(1500)]],
  [0, [newOrder(), paid(2000), cancelled(), refunded(2000)]],
]

describe('the balance', () => {
  // toBe tells minus zero from zero, which would not survive JSON.
  it.each(balances)('is %d after %j', (balance, events) => {
    expect(view(...events).balance).toBe(balance)
  })

  it('agrees with what may be refunded: below zero while open or cancelled', () => {
    for (const [balance, events] of balances) {
      const { value, context } = given(...events)
      expect(balanceOf(value, context)).toBe(balance)
      if (value === 'completed') continue
      expect(refundableOf(value, context)).toBe(balance < 0 ? -balance : 0)
    }
  })
})

const possible: readonly (readonly [readonly string[], readonly OrderEvent[]])[] = [
  [['order.new'], []],
  [['order.modify', 'order.pay', 'order.cancel'], [newOrder()]],
  [
    ['order.modify', 'order.pay', 'order.cancel'],
    [newOrder(), paid(1)],
  ],
  [
    ['order.modify', 'order.ship', 'order.cancel'],
    [newOrder(), paid(5000)],
  ],
  [
    ['order.modify', 'order.ship', 'order.cancel', 'order.refund'],
    [newOrder(), paid(5000), fewer],
  ],
  [['order.deliver'], [newOrder(), paid(5000), shipped()]],
  [
    ['order.deliver', 'order.refund'],
    [newOrder(), paid(5000), fewer, shipped()],
  ],
  [['order.refund'], [newOrder(), paid(5000), shipped(), delivered()]],
  [[], [newOrder(), paid(5000), shipped(), delivered(), refunded(5000)]],
  [[], [newOrder(), cancelled()]],
  [['order.refund'], [newOrder(), paid(1), cancelled()]],
]

describe('can', () => {
  it.each(possible)('is %j after %j', (can, events) => {
    expect(view(...events).can).toEqual(can)
  })
})
