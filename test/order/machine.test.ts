/** The life of an order, sentence by sentence. */
import { describe, expect, it } from 'vitest'
import { orderLinesMax } from '../../src/config.ts'
import type { OrderEvent } from '../../src/order/events.ts'
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

const takes = (past: readonly OrderEvent[], event: OrderEvent) => given(...past).can(event)
const payment = (...past: readonly OrderEvent[]) => given(...past).value.open.payment
const fulfilment = (...past: readonly OrderEvent[]) => given(...past).value.open.fulfilment

describe('an order', () => {
  it('is started by NewOrderEvent, and by nothing else', () => {
    expect(given().value).toBe('unplaced')
    expect(given(newOrder()).value).toEqual({
      open: { payment: 'unpaid', fulfilment: 'unfulfilled' },
    })
    const others = [modified(), paid(1), shipped(), delivered(), cancelled(), refunded(1)]
    for (const other of others) expect(takes([], other)).toBe(false)
  })

  it('is placed once', () => {
    expect(takes([newOrder()], newOrder())).toBe(false)
  })

  it('knows what it was placed with', () => {
    expect(given(newOrder({ quantity: 5, unitPrice: 1000 })).context).toEqual({
      customerId: 'bob',
      currency: 'USD',
      lines: [{ sku: 'widget', quantity: 5, unitPrice: 1000 }],
      total: 5000,
      paid: 0,
      refunded: 0,
      paymentIds: [],
      refundIds: [],
    })
  })

  it('goes the way of Bob: five, six, paid', () => {
    const order = given(newOrder(), modified({ sku: 'widget', quantity: 6 }), paid(6000))
    expect(order.value).toEqual({ open: { payment: 'paid', fulfilment: 'unfulfilled' } })
    expect(order.context).toMatchObject({ total: 6000, paid: 6000 })
  })
})

describe('payment follows paid - refunded against the total', () => {
  const order = newOrder({ quantity: 5, unitPrice: 1000 })

  it('is unpaid, partially paid, and paid', () => {
    expect(payment(order)).toBe('unpaid')
    expect(payment(order, paid(1))).toBe('partiallyPaid')
    expect(payment(order, paid(1), paid(4999))).toBe('paid')
    expect(payment(order, paid(5000))).toBe('paid')
  })

  it('is paid where the total is 0', () => {
    expect(payment(newOrder({ unitPrice: 0 }))).toBe('paid')
    expect(payment(order, modified({ sku: 'widget', quantity: 5, unitPrice: 0 }))).toBe('paid')
  })

  it('turns from paid into partially paid when the order grows', () => {
    expect(payment(order, paid(5000), modified({ sku: 'widget', quantity: 6 }))).toBe(
      'partiallyPaid',
    )
  })

  it('turns from partially paid into paid when the order shrinks', () => {
    expect(payment(order, paid(4000), modified({ sku: 'widget', quantity: 4 }))).toBe('paid')
    expect(payment(order, paid(4000), modified({ sku: 'widget', quantity: 3 }))).toBe('paid')
  })

  it('turns from paid into unpaid when all was refunded and the order grows again', () => {
    const free = modified({ sku: 'widget', quantity: 5, unitPrice: 0 })
    const dear = modified({ sku: 'widget', quantity: 5, unitPrice: 1000 })
    expect(payment(order, paid(5000), free, refunded(5000))).toBe('paid')
    expect(payment(order, paid(5000), free, refunded(5000), dear)).toBe('unpaid')
    expect(payment(order, paid(5000), free, refunded(4999), dear)).toBe('partiallyPaid')
  })

  it('takes payments up to the balance', () => {
    expect(takes([order], paid(5000))).toBe(true)
    expect(takes([order], paid(5001))).toBe(false)
    expect(takes([order, paid(2000)], paid(3001))).toBe(false)
    expect(takes([order, paid(5000)], paid(1))).toBe(false)
  })

  it('counts a paymentId once, and a refundId once', () => {
    expect(takes([order, paid(1, 'same')], paid(1, 'same'))).toBe(false)
    expect(takes([order, paid(1, 'same')], paid(1, 'other'))).toBe(true)
    const cancelledOrder = [order, paid(5000), cancelled(), refunded(1, 'same')]
    expect(takes(cancelledOrder, refunded(1, 'same'))).toBe(false)
    expect(takes(cancelledOrder, refunded(1, 'other'))).toBe(true)
  })

  it('lets a refund have the id of a payment', () => {
    expect(takes([order, paid(5000, 'same'), cancelled()], refunded(5000, 'same'))).toBe(true)
  })
})

describe('ModifyOrderEvent', () => {
  const order = newOrder({ quantity: 5, unitPrice: 1000 })
  const change = modified({ sku: 'widget', quantity: 6 })

  it('is taken while unfulfilled, and not after', () => {
    expect(takes([order], change)).toBe(true)
    expect(takes([order, paid(5000)], change)).toBe(true)
    expect(takes([order, paid(5000), shipped()], change)).toBe(false)
    expect(takes([order, paid(5000), shipped(), delivered()], change)).toBe(false)
    expect(takes([order, cancelled()], change)).toBe(false)
  })

  it('never leaves an order without lines', () => {
    const none = modified({ sku: 'widget', quantity: 0 })
    expect(takes([order], none)).toBe(false)
    const two = modified({ sku: 'gadget', quantity: 1, unitPrice: 5 })
    expect(takes([order, two], none)).toBe(true)
    expect(takes([order, two, none], modified({ sku: 'gadget', quantity: 0 }))).toBe(false)
  })

  it('removes the last line where it brings another', () => {
    const swap = modified(
      { sku: 'widget', quantity: 0 },
      { sku: 'gadget', quantity: 1, unitPrice: 5 },
    )
    expect(given(order, swap).context.lines).toEqual([{ sku: 'gadget', quantity: 1, unitPrice: 5 }])
  })

  it('needs a unitPrice for a new sku', () => {
    expect(takes([order], modified({ sku: 'gadget', quantity: 1 }))).toBe(false)
    expect(takes([order], modified({ sku: 'gadget', quantity: 1, unitPrice: 0 }))).toBe(true)
  })

  it(`never leads to more than ${orderLinesMax} lines`, () => {
    const lines = (count: number) =>
      Array.from({ length: count }, (_, n) => ({ sku: `new-${n}`, quantity: 1, unitPrice: 1 }))
    expect(takes([order], modified(...lines(orderLinesMax - 1)))).toBe(true)
    expect(takes([order], modified(...lines(orderLinesMax)))).toBe(false)
  })
})

describe('fulfilment', () => {
  const order = newOrder({ quantity: 5, unitPrice: 1000 })

  it('ships what is paid', () => {
    expect(takes([order], shipped())).toBe(false)
    expect(takes([order, paid(4999)], shipped())).toBe(false)
    expect(fulfilment(order, paid(5000), shipped())).toBe('shipped')
    expect(takes([order, paid(5000), shipped()], shipped())).toBe(false)
    expect(fulfilment(newOrder({ unitPrice: 0 }), shipped())).toBe('shipped')
  })

  it('delivers what is shipped, which completes the order', () => {
    expect(takes([order, paid(5000)], delivered())).toBe(false)
    expect(given(order, paid(5000), shipped(), delivered()).value).toBe('completed')
    expect(takes([order, paid(5000), shipped(), delivered()], delivered())).toBe(false)
  })

  it('can be cancelled until it is shipped, and once', () => {
    expect(given(order, cancelled()).value).toBe('cancelled')
    expect(given(order, paid(1), cancelled()).value).toBe('cancelled')
    expect(given(order, paid(5000), cancelled()).value).toBe('cancelled')
    expect(takes([order, cancelled()], cancelled())).toBe(false)
    expect(takes([order, paid(5000), shipped()], cancelled())).toBe(false)
    expect(takes([order, paid(5000), shipped(), delivered()], cancelled())).toBe(false)
  })
})

describe('OrderRefundedEvent', () => {
  const order = newOrder({ quantity: 5, unitPrice: 1000 })
  const shrunk = [order, paid(5000), modified({ sku: 'widget', quantity: 3 })]

  it('is not taken while the customer owes, or nobody does', () => {
    expect(takes([order], refunded(1))).toBe(false)
    expect(takes([order, paid(4999)], refunded(1))).toBe(false)
    expect(takes([order, paid(5000)], refunded(1))).toBe(false)
  })

  it('is taken while the balance is below zero, up to it', () => {
    expect(takes(shrunk, refunded(2000))).toBe(true)
    expect(takes(shrunk, refunded(2001))).toBe(false)
    expect(takes([...shrunk, refunded(1500)], refunded(501))).toBe(false)
    expect(takes([...shrunk, refunded(1500)], refunded(500))).toBe(true)
    expect(takes([...shrunk, shipped()], refunded(2000))).toBe(true)
  })

  it('leaves a shipped order shipped and paid', () => {
    expect(given(...shrunk, shipped(), refunded(2000)).value).toEqual({
      open: { payment: 'paid', fulfilment: 'shipped' },
    })
  })

  it('gives back what was paid for a cancelled order', () => {
    expect(takes([order, paid(4000), cancelled()], refunded(4000))).toBe(true)
    expect(takes([order, paid(4000), cancelled()], refunded(4001))).toBe(false)
    expect(takes([order, cancelled()], refunded(1))).toBe(false)
  })

  it('is taken after completion, up to paid - refunded', () => {
    const completed = [order, paid(5000), shipped(), delivered()]
    expect(takes(completed, refunded(5000))).toBe(true)
    expect(takes(completed, refunded(5001))).toBe(false)
    expect(takes([...completed, refunded(4000)], refunded(1000))).toBe(true)
    expect(takes([...completed, refunded(4000)], refunded(1001))).toBe(false)
  })
})

it('comes to the same state from the same events, always', () => {
  const events = [newOrder(), paid(3000), modified({ sku: 'widget', quantity: 2 }), refunded(1000)]
  const { value, context } = given(...events)
  for (let time = 0; time < 3; time++) expect(given(...events)).toMatchObject({ value, context })
})
