/** What may be asked of an order: the commands, as schemas that are types and JSON Schema at once. */
import { type Static, Type } from 'typebox'
import { idPattern, orderLinesMax, reasonCharsMax, textCharsMax } from '../config.ts'
import type { Method, ParamFault } from '../domain.ts'
import { currencyCodes } from './currencies.ts'

const closed = { additionalProperties: false }

export const Id = Type.String({ pattern: idPattern })
export const ShortText = Type.String({ minLength: 1, maxLength: textCharsMax })
export const Currency = Type.Enum(currencyCodes as string[], { description: 'ISO 4217' })

const amountMax = Number.MAX_SAFE_INTEGER
/** A price or total: an integer in the minor unit of the order's currency. */
export const Price = Type.Integer({ minimum: 0, maximum: amountMax })
/** What is paid or refunded: an integer in the minor unit, and never nothing. */
export const Amount = Type.Integer({ minimum: 1, maximum: amountMax })
export const Quantity = Type.Integer({ minimum: 1, maximum: amountMax })

export const Line = Type.Object({ sku: ShortText, quantity: Quantity, unitPrice: Price }, closed)

/** How one line is to be: quantity 0 removes it, and a new sku needs its unitPrice. */
export const LineChange = Type.Object(
  {
    sku: ShortText,
    quantity: Type.Integer({ minimum: 0, maximum: amountMax }),
    unitPrice: Type.Optional(Price),
  },
  closed,
)

const lines = { minItems: 1, maxItems: orderLinesMax }

/** Of params, with an example for the protocol's document. */
const params = <T extends Type.TProperties>(properties: T, example: object) =>
  Type.Object(properties, { ...closed, examples: [example] })

const orderId = 'bob-1'

const NewOrder = params(
  {
    orderId: Type.Optional(Id),
    customerId: Type.Optional(Id),
    currency: Currency,
    lines: Type.Array(Line, lines),
  },
  { orderId, currency: 'USD', lines: [{ sku: 'widget', quantity: 5, unitPrice: 1000 }] },
)
const ModifyOrder = params(
  { orderId: Id, lines: Type.Array(LineChange, lines) },
  { orderId, lines: [{ sku: 'widget', quantity: 6 }] },
)
const PayOrder = params(
  { orderId: Id, paymentId: Id, amount: Amount },
  { orderId, paymentId: 'p-1', amount: 6000 },
)
const ShipOrder = params(
  { orderId: Id, trackingId: Type.Optional(ShortText) },
  { orderId, trackingId: 't-1' },
)
const DeliverOrder = params({ orderId: Id }, { orderId })
const CancelOrder = params(
  { orderId: Id, reason: Type.Optional(Type.String({ maxLength: reasonCharsMax })) },
  { orderId, reason: 'changed my mind' },
)
const RefundOrder = params(
  { orderId: Id, refundId: Id, amount: Amount },
  { orderId, refundId: 'r-1', amount: 1000 },
)

/**
 * The commands of an order, with their params. Amounts are integers in the minor unit of the order's
 * `currency`, an ISO 4217 code: 1000 in USD is ten dollars. Ids match `[A-Za-z0-9_.:-]{1,64}`.
 */
export type OrderCommands = {
  'order.new': Static<typeof NewOrder>
  'order.modify': Static<typeof ModifyOrder>
  'order.pay': Static<typeof PayOrder>
  'order.ship': Static<typeof ShipOrder>
  'order.deliver': Static<typeof DeliverOrder>
  'order.cancel': Static<typeof CancelOrder>
  'order.refund': Static<typeof RefundOrder>
}
export type OrderMethod = keyof OrderCommands

export const orderMethods: { readonly [Name in OrderMethod]: Method } = {
  'order.new': {
    title: 'Places an order.',
    params: NewOrder,
    records: 'NewOrderEvent',
    creates: true,
    check: eachSkuOnce,
  },
  'order.modify': {
    title: 'Changes the lines of an order that is not shipped. Quantity 0 removes a line.',
    params: ModifyOrder,
    records: 'ModifyOrderEvent',
    creates: false,
    check: eachSkuOnce,
  },
  'order.pay': {
    title: 'Pays a part or all of what is owed.',
    params: PayOrder,
    records: 'OrderPaymentEvent',
    creates: false,
  },
  'order.ship': {
    title: 'Ships an order that is paid.',
    params: ShipOrder,
    records: 'OrderShippedEvent',
    creates: false,
  },
  'order.deliver': {
    title: 'Delivers a shipped order, which completes it.',
    params: DeliverOrder,
    records: 'OrderDeliveredEvent',
    creates: false,
  },
  'order.cancel': {
    title: 'Cancels an order that is not shipped. What was paid is then owed back.',
    params: CancelOrder,
    records: 'OrderCancelledEvent',
    creates: false,
  },
  'order.refund': {
    title: 'Gives money back: what is owed to the customer, or what was paid once it is completed.',
    params: RefundOrder,
    records: 'OrderRefundedEvent',
    creates: false,
  },
}

const noFaults: readonly ParamFault[] = []

function eachSkuOnce(params: { lines: readonly { sku: string }[] }): readonly ParamFault[] {
  if (params.lines.length < 2) return noFaults
  const seen = new Set<string>()
  const faults: ParamFault[] = []
  for (const [index, { sku }] of params.lines.entries()) {
    if (seen.has(sku)) {
      faults.push({ path: `/lines/${index}/sku`, message: 'is named by an earlier line already' })
    }
    seen.add(sku)
  }
  return faults
}
