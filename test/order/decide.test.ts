import { describe, expect, it } from 'vitest'
import type { AnyMachineSnapshot } from 'xstate'
import { orderLinesMax } from '../../src/config.ts'
import { codes } from '../../src/errors.ts'
import type { OrderCommands } from '../../src/order/commands.ts'
import { decide, orderRefusals } from '../../src/order/decide.ts'
import {
  bob,
  cancelled,
  delivered,
  given,
  modified,
  newOrder,
  paid,
  refunded,
  shipped,
} from '../support/orders.ts'

const orderId = 'bob-1'
const max = Number.MAX_SAFE_INTEGER
const openState = (payment: string, fulfilment = 'unfulfilled') => ({
  open: { payment, fulfilment },
})
const refused = (code: string, details: object) => ({
  refused: code,
  message: expect.any(String),
  details,
})

function ask<Name extends keyof OrderCommands>(
  order: AnyMachineSnapshot,
  method: Name,
  params: Omit<OrderCommands[Name], 'orderId'>,
) {
  return decide(order, method, { orderId, ...params })
}

describe('what is recorded', () => {
  it('is an event with attributes of its own for each command', () => {
    const open = given(newOrder())
    const full = given(newOrder(), paid(5000))
    const sent = given(newOrder(), paid(5000), shipped())
    const lines = [{ sku: 'widget', quantity: 6 }]
    expect(decide(given(), 'order.new', bob.new)).toEqual(newOrder())
    expect(ask(open, 'order.modify', { lines })).toEqual(modified(...lines))
    expect(ask(open, 'order.pay', { paymentId: 'p', amount: 1 })).toEqual(paid(1, 'p'))
    expect(ask(full, 'order.ship', {})).toEqual(shipped())
    expect(ask(full, 'order.ship', { trackingId: 'T 1' })).toEqual({
      type: 'OrderShippedEvent',
      data: { trackingId: 'T 1' },
    })
    expect(ask(sent, 'order.deliver', {})).toEqual(delivered())
    expect(ask(open, 'order.cancel', {})).toEqual(cancelled())
    expect(ask(open, 'order.cancel', { reason: 'too late' })).toEqual({
      type: 'OrderCancelledEvent',
      data: { reason: 'too late' },
    })
    const refund = { refundId: 'r', amount: 5000 }
    expect(ask(given(newOrder(), paid(5000), cancelled()), 'order.refund', refund)).toEqual(
      refunded(5000, 'r'),
    )
  })

  it('has null for a customer who was not named', () => {
    const { customerId: _, ...anonymous } = bob.new
    expect(decide(given(), 'order.new', anonymous)).toMatchObject({ data: { customerId: null } })
  })
})

describe('a refusal', () => {
  it('has the code of its own on the wire, none of which the engine has', () => {
    expect(orderRefusals).toEqual({
      OVERPAYMENT: 2006,
      REFUND_EXCEEDS_PAID: 2007,
      LINE_UNKNOWN: 2008,
      AMOUNT_OUT_OF_RANGE: 2009,
      PAYMENT_ID_REUSED: 2010,
      REFUND_ID_REUSED: 2011,
    })
    const own = Object.values<number>(codes)
    for (const code of Object.values(orderRefusals)) expect(own).not.toContain(code)
  })

  it('says in one sentence what was asked, why not, and what is possible', () => {
    expect(ask(given(newOrder()), 'order.ship', {})).toHaveProperty(
      'message',
      'order.ship was refused: the order is open (payment unpaid, fulfilment unfulfilled), and ' +
        'isPaid says no. Possible now: order.modify, order.pay, order.cancel.',
    )
    expect(ask(given(newOrder(), cancelled()), 'order.ship', {})).toHaveProperty(
      'message',
      'order.ship was refused: the order is cancelled. Nothing is possible any more.',
    )
  })
})

describe('NOT_ALLOWED', () => {
  it('names no guard where the state has no such transition', () => {
    expect(ask(given(newOrder()), 'order.deliver', {})).toEqual(
      refused('NOT_ALLOWED', {
        state: openState('unpaid'),
        can: ['order.modify', 'order.pay', 'order.cancel'],
      }),
    )
    expect(ask(given(newOrder(), cancelled()), 'order.cancel', {})).toEqual(
      refused('NOT_ALLOWED', { state: 'cancelled', can: [] }),
    )
  })

  it('names the guard that refuses to ship what is not paid', () => {
    expect(ask(given(newOrder(), paid(1)), 'order.ship', {})).toEqual(
      refused('NOT_ALLOWED', {
        state: openState('partiallyPaid'),
        guard: 'isPaid',
        can: ['order.modify', 'order.pay', 'order.cancel'],
      }),
    )
  })

  it('names the guard that keeps the last line, and the one that bounds their number', () => {
    const order = given(newOrder())
    const can = ['order.modify', 'order.pay', 'order.cancel']
    const state = openState('unpaid')
    expect(ask(order, 'order.modify', { lines: [{ sku: 'widget', quantity: 0 }] })).toEqual(
      refused('NOT_ALLOWED', { state, guard: 'aLineIsLeft', can }),
    )
    const lines = Array.from({ length: orderLinesMax }, (_, index) => ({
      sku: `new-${index}`,
      quantity: 1,
      unitPrice: 1,
    }))
    expect(ask(order, 'order.modify', { lines })).toEqual(
      refused('NOT_ALLOWED', { state, guard: 'linesAreNotTooMany', can }),
    )
  })
})

describe('OVERPAYMENT', () => {
  it('refuses a payment over the balance, and says the balance', () => {
    const order = given(newOrder({ quantity: 6, unitPrice: 1000 }), paid(4000))
    expect(ask(order, 'order.pay', { paymentId: 'p', amount: 2001 })).toEqual(
      refused('OVERPAYMENT', {
        state: openState('partiallyPaid'),
        guard: 'paymentIsWithinBalance',
        can: ['order.modify', 'order.pay', 'order.cancel'],
        balance: 2000,
      }),
    )
  })

  it('refuses any payment where nothing is owed, or the customer is owed', () => {
    const full = given(newOrder(), paid(5000))
    const over = given(newOrder(), paid(5000), modified({ sku: 'widget', quantity: 4 }))
    const payment = { paymentId: 'p', amount: 1 }
    expect(ask(full, 'order.pay', payment)).toMatchObject(
      refused('OVERPAYMENT', expect.objectContaining({ balance: 0 })),
    )
    expect(ask(over, 'order.pay', payment)).toMatchObject(
      refused('OVERPAYMENT', expect.objectContaining({ balance: -1000 })),
    )
  })
})

describe('REFUND_EXCEEDS_PAID', () => {
  it('refuses a refund over what the customer is owed while the order is open', () => {
    const order = given(newOrder(), paid(5000), modified({ sku: 'widget', quantity: 4 }))
    expect(ask(order, 'order.refund', { refundId: 'r', amount: 1001 })).toEqual(
      refused('REFUND_EXCEEDS_PAID', {
        state: openState('paid'),
        guard: 'refundIsWithinOverpaid',
        can: ['order.modify', 'order.ship', 'order.cancel', 'order.refund'],
        refundable: 1000,
      }),
    )
    expect(ask(given(newOrder()), 'order.refund', { refundId: 'r', amount: 1 })).toMatchObject(
      refused('REFUND_EXCEEDS_PAID', expect.objectContaining({ refundable: 0 })),
    )
  })

  it('refuses a refund over what is left of what was paid once the order is closed', () => {
    const completed = given(newOrder(), paid(5000), shipped(), delivered(), refunded(2000))
    const refund = { refundId: 'r', amount: 3001 }
    const details = { guard: 'refundIsWithinPaid', can: ['order.refund'], refundable: 3000 }
    expect(ask(completed, 'order.refund', refund)).toEqual(
      refused('REFUND_EXCEEDS_PAID', { state: 'completed', ...details }),
    )
    expect(ask(given(newOrder(), paid(3000), cancelled()), 'order.refund', refund)).toEqual(
      refused('REFUND_EXCEEDS_PAID', { state: 'cancelled', ...details }),
    )
  })
})

describe('LINE_UNKNOWN', () => {
  const order = given(newOrder())
  const unknown = refused('LINE_UNKNOWN', {
    state: openState('unpaid'),
    guard: 'linesAreKnown',
    can: ['order.modify', 'order.pay', 'order.cancel'],
    sku: 'gadget',
  })

  it('refuses a new sku without a unitPrice', () => {
    expect(ask(order, 'order.modify', { lines: [{ sku: 'gadget', quantity: 1 }] })).toEqual(unknown)
  })

  it('refuses to remove a line that is not there', () => {
    for (const more of [{}, { unitPrice: 5 }]) {
      const lines = [
        { sku: 'widget', quantity: 1 },
        { sku: 'gadget', quantity: 0, ...more },
      ]
      expect(ask(order, 'order.modify', { lines })).toEqual(unknown)
    }
  })
})

describe('AMOUNT_OUT_OF_RANGE', () => {
  it('refuses a product and a sum past the safe integers in a new order', () => {
    const details = { state: 'unplaced', guard: 'totalIsSafe', can: ['order.new'] }
    const tooMuch = refused('AMOUNT_OUT_OF_RANGE', details)
    const product = [{ sku: 'a', quantity: 2, unitPrice: max }]
    const sum = [
      { sku: 'a', quantity: 1, unitPrice: max },
      { sku: 'b', quantity: 1, unitPrice: 1 },
    ]
    for (const lines of [product, sum]) {
      expect(decide(given(), 'order.new', { currency: 'USD', lines })).toEqual(tooMuch)
    }
    const most = { currency: 'USD', lines: [{ sku: 'a', quantity: 1, unitPrice: max }] }
    expect(decide(given(), 'order.new', most)).toMatchObject({ type: 'NewOrderEvent' })
  })

  it('refuses a change to a total past the safe integers', () => {
    const lines = [{ sku: 'widget', quantity: max }]
    expect(ask(given(newOrder()), 'order.modify', { lines })).toEqual(
      refused('AMOUNT_OUT_OF_RANGE', {
        state: openState('unpaid'),
        guard: 'changedTotalIsSafe',
        can: ['order.modify', 'order.pay', 'order.cancel'],
      }),
    )
  })

  it('refuses a payment with which all payments ever would be past the safe integers', () => {
    const order = given(
      newOrder({ quantity: 1, unitPrice: max }),
      paid(max, 'p1'),
      modified({ sku: 'widget', quantity: 1, unitPrice: 0 }),
      refunded(max),
      modified({ sku: 'widget', quantity: 1, unitPrice: 1 }),
    )
    expect(ask(order, 'order.pay', { paymentId: 'p2', amount: 1 })).toEqual(
      refused('AMOUNT_OUT_OF_RANGE', {
        state: openState('unpaid'),
        guard: 'paidIsSafe',
        can: ['order.modify', 'order.cancel'],
      }),
    )
  })
})

describe('an id that has been counted', () => {
  it('is refused for a second payment, also where it is over the balance', () => {
    const order = given(newOrder(), paid(1000, 'p'))
    for (const amount of [1, 5000]) {
      expect(ask(order, 'order.pay', { paymentId: 'p', amount })).toEqual(
        refused('PAYMENT_ID_REUSED', {
          state: openState('partiallyPaid'),
          guard: 'paymentIdIsNew',
          can: ['order.modify', 'order.pay', 'order.cancel'],
        }),
      )
    }
  })

  it('is refused for a second refund, whether the order is open or closed', () => {
    const refund = { refundId: 'r', amount: 1 }
    const shrunk = [newOrder(), paid(5000), modified({ sku: 'widget', quantity: 4 })]
    const reused = (state: unknown, can: string[]) =>
      refused('REFUND_ID_REUSED', { state, guard: 'refundIdIsNew', can })
    expect(ask(given(...shrunk, refunded(1, 'r')), 'order.refund', refund)).toEqual(
      reused(openState('paid'), ['order.modify', 'order.ship', 'order.cancel', 'order.refund']),
    )
    const completed = given(...shrunk, shipped(), delivered(), refunded(1, 'r'))
    expect(ask(completed, 'order.refund', refund)).toEqual(reused('completed', ['order.refund']))
    expect(ask(given(...shrunk, cancelled(), refunded(1, 'r')), 'order.refund', refund)).toEqual(
      reused('cancelled', ['order.refund']),
    )
  })
})
