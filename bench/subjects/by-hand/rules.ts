/**
 * The life of an order as a team would write it by hand: a plain `decide`, a plain `evolve`, no
 * machine, no actors. It knows the three commands of the workload, and not the other four.
 */

import { orderLinesMax } from '../../../src/config.ts'
import type { OrderStatus } from '../../../src/order/index.ts'
import type { Command } from '../../workload.ts'

export interface Line {
  readonly sku: string
  readonly quantity: number
  readonly unitPrice: number
}

/** An order as it is, which is also what clients are shown. */
export interface Order {
  readonly orderId: string
  readonly eventId: number
  readonly version: number
  readonly status: OrderStatus
  readonly customerId: string | null
  readonly currency: string
  readonly lines: readonly Line[]
  readonly total: number
  readonly paid: number
  readonly refunded: number
  readonly paymentIds: readonly string[]
  readonly createdAt: number
  readonly updatedAt: number
}

export type Fact =
  | {
      readonly type: 'NewOrderEvent'
      readonly data: {
        readonly customerId: string | null
        readonly currency: string
        readonly lines: readonly Line[]
      }
    }
  | {
      readonly type: 'ModifyOrderEvent'
      readonly data: { readonly lines: readonly (Partial<Line> & Omit<Line, 'unitPrice'>)[] }
    }
  | {
      readonly type: 'OrderPaymentEvent'
      readonly data: { readonly paymentId: string; readonly amount: number }
    }

/** A fact that was recorded. Its JSON is what is kept. */
export type Event = Fact & {
  readonly eventId: number
  readonly orderId: string
  readonly version: number
  readonly recordedAt: number
}

export interface Refusal {
  readonly refused: string
  readonly message: string
}

/** The fact that a command leads to, or why it leads to none. The form of its params is right. */
export function decide(order: Order | undefined, command: Command): Fact | Refusal {
  const { method, params } = command
  if (method === 'order.new') {
    if (order) return refuse('ORDER_EXISTS', 'is there already')
    const { customerId = null, currency } = params
    const lines = params.lines.map(({ sku, quantity, unitPrice }) => ({ sku, quantity, unitPrice }))
    const total = totalOf(lines)
    if (!Number.isSafeInteger(total)) return refuse('AMOUNT_OUT_OF_RANGE', 'has too high a total')
    return { type: 'NewOrderEvent', data: { customerId, currency, lines } }
  }
  if (!order) return refuse('ORDER_NOT_FOUND', 'is not there')
  if (method === 'order.modify') return decideModify(order, params.lines)
  const { paymentId, amount } = params
  if (order.paymentIds.includes(paymentId)) {
    return refuse('PAYMENT_ID_REUSED', 'has counted it already')
  }
  const owed = order.total - order.paid + order.refunded
  if (amount > owed) return refuse('OVERPAYMENT', `is owed ${owed}`)
  if (!Number.isSafeInteger(order.paid + amount)) {
    return refuse('AMOUNT_OUT_OF_RANGE', 'would have been paid too much in all')
  }
  return { type: 'OrderPaymentEvent', data: { paymentId, amount } }
}

type Change = Extract<Fact, { type: 'ModifyOrderEvent' }>['data']['lines'][number]

function decideModify(order: Order, asked: readonly Change[]): Fact | Refusal {
  const changes: Change[] = []
  for (const { sku, quantity, unitPrice } of asked) {
    const known = order.lines.some((line) => line.sku === sku)
    if (!known && (unitPrice === undefined || quantity === 0)) {
      return refuse('LINE_UNKNOWN', `has no line ${sku}`)
    }
    changes.push(unitPrice === undefined ? { sku, quantity } : { sku, quantity, unitPrice })
  }
  const lines = changed(order.lines, changes)
  if (lines.length === 0) return refuse('NOT_ALLOWED', 'would have no line left')
  if (lines.length > orderLinesMax) return refuse('NOT_ALLOWED', 'would have too many lines')
  if (!Number.isSafeInteger(totalOf(lines))) {
    return refuse('AMOUNT_OUT_OF_RANGE', 'would have too high a total')
  }
  return { type: 'ModifyOrderEvent', data: { lines: changes } }
}

/** The order after one more event. */
export function evolve(order: Order | undefined, event: Event): Order {
  const { orderId, eventId, version, recordedAt } = event
  if (event.type === 'NewOrderEvent') {
    const { customerId, currency, lines } = event.data
    const total = totalOf(lines)
    return {
      orderId,
      eventId,
      version,
      status: total > 0 ? 'created' : 'paid',
      customerId,
      currency,
      lines,
      total,
      paid: 0,
      refunded: 0,
      paymentIds: [],
      createdAt: recordedAt,
      updatedAt: recordedAt,
    }
  }
  const { customerId, currency, refunded, createdAt } = order!
  let { lines, total, paid, paymentIds } = order!
  if (event.type === 'ModifyOrderEvent') {
    lines = changed(lines, event.data.lines)
    total = totalOf(lines)
  } else {
    paid += event.data.amount
    paymentIds = [...paymentIds, event.data.paymentId]
  }
  return {
    orderId,
    eventId,
    version,
    status: statusOf(total - paid + refunded, paid - refunded),
    customerId,
    currency,
    lines,
    total,
    paid,
    refunded,
    paymentIds,
    createdAt,
    updatedAt: recordedAt,
  }
}

function changed(lines: readonly Line[], changes: readonly Change[]): readonly Line[] {
  const next = lines.slice()
  for (const { sku, quantity, unitPrice } of changes) {
    const place = next.findIndex((line) => line.sku === sku)
    if (quantity === 0) next.splice(place, 1)
    else if (place < 0) next.push({ sku, quantity, unitPrice: unitPrice ?? 0 })
    else next[place] = { sku, quantity, unitPrice: unitPrice ?? next[place]!.unitPrice }
  }
  return next
}

function totalOf(lines: readonly Line[]): number {
  let total = 0
  for (const { quantity, unitPrice } of lines) total += quantity * unitPrice
  return total
}

function statusOf(owed: number, kept: number): OrderStatus {
  if (owed <= 0) return 'paid'
  return kept > 0 ? 'partiallyPaid' : 'created'
}

function refuse(refused: string, message: string): Refusal {
  return { refused, message: `The order ${message}.` }
}
