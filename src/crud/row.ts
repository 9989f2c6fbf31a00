/**
 * One order as an ordinary system keeps it: a row with the latest state, and the rules as questions
 * asked of that row. Pure; each rule gives the row that is to overwrite the old one, or a refusal.
 */
import { orderLinesMax } from '../config.ts'
import type { Refusal } from '../domain.ts'
import type { Reason } from '../errors.ts'
import type { OrderCommands } from '../order/commands.ts'
import type { orderRefusals } from '../order/decide.ts'
import { applyChanges, type Line, totalOf, unknownSku } from '../order/lines.ts'
import type { OrderStatus } from '../order/view.ts'

/** Amounts in minor units of `currency`; times in milliseconds since the Unix epoch. */
export interface OrderRow {
  readonly orderId: string
  readonly customerId: string | null
  readonly currency: string
  readonly lines: readonly Line[]
  readonly status: OrderStatus
  readonly total: number
  readonly paid: number
  readonly refunded: number
  /** Each counts once an order. */
  readonly paymentIds: readonly string[]
  readonly refundIds: readonly string[]
  readonly trackingId: string | null
  readonly cancelReason: string | null
  readonly createdAt: number
  readonly updatedAt: number
}

export type Answer = OrderRow | Refusal

/** What the customer owes in minor units; below zero, what is owed to the customer. */
export function balanceOf(row: OrderRow): number {
  if (row.status === 'refunded') return 0
  if (row.status === 'cancelled') return row.refunded - row.paid
  return row.status === 'completed' ? Math.min(0, owedOn(row)) : owedOn(row)
}

export function placed(
  orderId: string,
  { customerId, currency, lines }: OrderCommands['order.new'],
  now: number,
): Answer {
  const total = totalOf(lines)
  if (total === undefined) return refusal('AMOUNT_OUT_OF_RANGE', orderId, 'has too high a total')
  const row: OrderRow = {
    orderId,
    customerId: customerId ?? null,
    currency,
    lines: lines.map(({ sku, quantity, unitPrice }) => ({ sku, quantity, unitPrice })),
    status: 'created',
    total,
    paid: 0,
    refunded: 0,
    paymentIds: [],
    refundIds: [],
    trackingId: null,
    cancelReason: null,
    createdAt: now,
    updatedAt: now,
  }
  return { ...row, status: paymentStatus(row) }
}

export function modified(row: OrderRow, { lines: changes }: OrderCommands['order.modify']): Answer {
  if (!isUnfulfilled(row)) return notAllowed(row)
  const sku = unknownSku(row.lines, changes)
  if (sku !== undefined) return refusal('LINE_UNKNOWN', row.orderId, `has no line ${sku}`)
  const lines = applyChanges(row.lines, changes)
  if (lines.length === 0) return refusal('NOT_ALLOWED', row.orderId, 'would have no line left')
  if (lines.length > orderLinesMax) {
    return refusal('NOT_ALLOWED', row.orderId, `would have more than ${orderLinesMax} lines`)
  }
  const total = totalOf(lines)
  if (total === undefined) {
    return refusal('AMOUNT_OUT_OF_RANGE', row.orderId, 'would have too high a total')
  }
  const next = { ...row, lines, total }
  return { ...next, status: paymentStatus(next) }
}

export function paid(row: OrderRow, { paymentId, amount }: OrderCommands['order.pay']): Answer {
  if (isClosed(row)) return notAllowed(row)
  if (row.paymentIds.includes(paymentId)) {
    return refusal('PAYMENT_ID_REUSED', row.orderId, `has counted ${paymentId} already`)
  }
  if (amount > owedOn(row)) return refusal('OVERPAYMENT', row.orderId, `is owed ${owedOn(row)}`)
  const sum = row.paid + amount
  if (!Number.isSafeInteger(sum)) {
    return refusal('AMOUNT_OUT_OF_RANGE', row.orderId, 'would have been paid too much in all')
  }
  const next = { ...row, paid: sum, paymentIds: [...row.paymentIds, paymentId] }
  return { ...next, status: paymentStatus(next) }
}

export function shipped(row: OrderRow, { trackingId }: OrderCommands['order.ship']): Answer {
  if (row.status !== 'paid') return notAllowed(row)
  return { ...row, status: 'shipped', trackingId: trackingId ?? null }
}

export function delivered(row: OrderRow): Answer {
  if (row.status !== 'shipped') return notAllowed(row)
  return { ...row, status: closedStatus('completed', row) }
}

export function cancelled(row: OrderRow, { reason }: OrderCommands['order.cancel']): Answer {
  if (!isUnfulfilled(row)) return notAllowed(row)
  return { ...row, status: closedStatus('cancelled', row), cancelReason: reason ?? null }
}

export function refunded(
  row: OrderRow,
  { refundId, amount }: OrderCommands['order.refund'],
): Answer {
  if (row.refundIds.includes(refundId)) {
    return refusal('REFUND_ID_REUSED', row.orderId, `has counted ${refundId} already`)
  }
  const refundable = isClosed(row) ? row.paid - row.refunded : -owedOn(row)
  if (amount > refundable) {
    const because = `can be given back ${Math.max(0, refundable)}`
    return refusal('REFUND_EXCEEDS_PAID', row.orderId, because)
  }
  const next = {
    ...row,
    refunded: row.refunded + amount,
    refundIds: [...row.refundIds, refundId],
  }
  return isClosed(row) ? { ...next, status: closedStatus(row.status, next) } : next
}

export function refusal(
  refused: keyof typeof orderRefusals | Reason,
  orderId: string,
  because: string,
): Refusal {
  return { refused, message: `Order ${orderId} ${because}.`, details: { orderId } }
}

function notAllowed({ orderId, status }: OrderRow): Refusal {
  return refusal('NOT_ALLOWED', orderId, `is ${status}`)
}

function owedOn({ total, paid, refunded }: OrderRow): number {
  return total - paid + refunded
}

function isUnfulfilled({ status }: OrderRow): boolean {
  return status === 'created' || status === 'partiallyPaid' || status === 'paid'
}

function isClosed({ status }: OrderRow): boolean {
  return status === 'completed' || status === 'cancelled' || status === 'refunded'
}

function paymentStatus(row: OrderRow): OrderStatus {
  if (owedOn(row) <= 0) return 'paid'
  return row.paid > row.refunded ? 'partiallyPaid' : 'created'
}

function closedStatus(status: OrderStatus, { paid, refunded }: OrderRow): OrderStatus {
  return paid > 0 && paid === refunded ? 'refunded' : status
}
