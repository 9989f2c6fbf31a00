/** Orders in a few words, for tests that speak of events: given these, when that, then this. */
import { Fold } from '../../src/checkpoint/fold.ts'
import type { RecordedEvent } from '../../src/domain.ts'
import type { OrderEvent } from '../../src/order/events.ts'
import { orderMachine } from '../../src/order/machine.ts'

export const newOrder = ({ quantity = 5, unitPrice = 1000, sku = 'widget' } = {}): OrderEvent => ({
  type: 'NewOrderEvent',
  data: { customerId: 'bob', currency: 'USD', lines: [{ sku, quantity, unitPrice }] },
})
export const modified = (...lines: { sku: string; quantity: number; unitPrice?: number }[]) =>
  ({ type: 'ModifyOrderEvent', data: { lines } }) satisfies OrderEvent
export const paid = (amount: number, paymentId = `pay-${amount}`): OrderEvent => ({
  type: 'OrderPaymentEvent',
  data: { paymentId, amount },
})
export const shipped = (): OrderEvent => ({ type: 'OrderShippedEvent', data: { trackingId: null } })
export const delivered = (): OrderEvent => ({ type: 'OrderDeliveredEvent', data: {} })
export const cancelled = (): OrderEvent => ({ type: 'OrderCancelledEvent', data: { reason: null } })
export const refunded = (amount: number, refundId = `refund-${amount}`): OrderEvent => ({
  type: 'OrderRefundedEvent',
  data: { refundId, amount },
})

const fold = new Fold(orderMachine)

/** The state of an order after these events. */
export const given = (...events: readonly OrderEvent[]) =>
  fold.all(events.map((event, index) => recorded({ ...event, eventId: index + 1 })))

/** A whole recorded event around the parts that a test is about. */
export function recorded(parts: Partial<RecordedEvent> = {}): RecordedEvent {
  const eventId = parts.eventId ?? 1
  return {
    eventId,
    type: 'NewOrderEvent',
    orderId: `order-${eventId}`,
    version: 1,
    previousEventId: null,
    recordedAt: 1_795_000_000_000 + eventId,
    by: null,
    commandId: null,
    commandHash: null,
    schema: 1,
    data: newOrder().data,
    ...parts,
  }
}

/** The params of Bob's three commands: five widgets, six instead, and sixty dollars. */
export const bob = {
  new: {
    orderId: 'bob-1',
    customerId: 'bob',
    currency: 'USD',
    lines: [{ sku: 'widget', quantity: 5, unitPrice: 1000 }],
  },
  modify: { orderId: 'bob-1', lines: [{ sku: 'widget', quantity: 6 }] },
  pay: { orderId: 'bob-1', paymentId: 'payment-1', amount: 6000 },
}
