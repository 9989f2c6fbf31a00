/** What may be recorded of an order: the events, each with attributes of its own. */
import { type Static, Type } from 'typebox'
import { reasonCharsMax } from '../config.ts'
import type { EventForm } from '../domain.ts'
import { Amount, Currency, Id, Line, LineChange, ShortText } from './commands.ts'

const closed = { additionalProperties: false }
const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])

const NewOrder = Type.Object(
  { customerId: orNull(Id), currency: Currency, lines: Type.Array(Line) },
  closed,
)
const ModifyOrder = Type.Object({ lines: Type.Array(LineChange) }, closed)
const OrderPayment = Type.Object({ paymentId: Id, amount: Amount }, closed)
const OrderShipped = Type.Object({ trackingId: orNull(ShortText) }, closed)
const OrderDelivered = Type.Object({}, closed)
const OrderCancelled = Type.Object(
  { reason: orNull(Type.String({ maxLength: reasonCharsMax })) },
  closed,
)
const OrderRefunded = Type.Object({ refundId: Id, amount: Amount }, closed)

/** What the order's machine hears. */
export type OrderEvent =
  | { readonly type: 'NewOrderEvent'; readonly data: Static<typeof NewOrder> }
  | { readonly type: 'ModifyOrderEvent'; readonly data: Static<typeof ModifyOrder> }
  | { readonly type: 'OrderPaymentEvent'; readonly data: Static<typeof OrderPayment> }
  | { readonly type: 'OrderShippedEvent'; readonly data: Static<typeof OrderShipped> }
  | { readonly type: 'OrderDeliveredEvent'; readonly data: Static<typeof OrderDelivered> }
  | { readonly type: 'OrderCancelledEvent'; readonly data: Static<typeof OrderCancelled> }
  | { readonly type: 'OrderRefundedEvent'; readonly data: Static<typeof OrderRefunded> }

export const orderEvents: Readonly<Record<OrderEvent['type'], EventForm>> = {
  NewOrderEvent: { schema: 1, data: NewOrder },
  ModifyOrderEvent: { schema: 1, data: ModifyOrder },
  OrderPaymentEvent: { schema: 1, data: OrderPayment },
  OrderShippedEvent: { schema: 1, data: OrderShipped },
  OrderDeliveredEvent: { schema: 1, data: OrderDelivered },
  OrderCancelledEvent: { schema: 1, data: OrderCancelled },
  OrderRefundedEvent: { schema: 1, data: OrderRefunded },
}
