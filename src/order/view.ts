/** What clients see of an order, derived from its snapshot. */
import type { AnyMachineSnapshot, StateValue } from 'xstate'
import type { Standing, View } from '../domain.ts'
import { shareNumbers } from '../numbers.ts'
import type { OrderMethod } from './commands.ts'
import type { OrderEvent } from './events.ts'
import type { Line } from './lines.ts'
import { type OrderContext, unplaced } from './machine.ts'

/** An order as clients see it. Amounts are integers in minor units of `currency`, an ISO 4217 code. */
export interface OrderView extends View {
  readonly status: OrderStatus
  /** Whose order it is; null where it was placed for nobody in particular. */
  readonly customerId: string | null
  readonly currency: string
  readonly lines: readonly Line[]
  /** What its lines cost. */
  readonly total: number
  /** What was paid so far, refunds not taken off. */
  readonly paid: number
  readonly refunded: number
  /** What the customer owes, or, below zero, is owed. */
  readonly balance: number
  /** The commands that it would accept now, with some params. */
  readonly can: readonly OrderMethod[]
}

/** One word for people; `refunded`: it has ended, something was paid, and all of it was refunded. */
export type OrderStatus =
  | 'created'
  | 'partiallyPaid'
  | 'paid'
  | 'shipped'
  | 'completed'
  | 'cancelled'
  | 'refunded'

export function viewOf(snapshot: AnyMachineSnapshot, standing: Standing): OrderView {
  const state: StateValue = snapshot.value
  const context: OrderContext = snapshot.context
  return made(standing, state, context, statusOf(state, context), methodsNow(snapshot))
}

function made(
  standing: Standing,
  state: StateValue,
  context: OrderContext,
  status: OrderStatus,
  can: readonly OrderMethod[],
): OrderView {
  return {
    orderId: standing.orderId,
    eventId: standing.eventId,
    version: standing.version,
    state,
    status,
    customerId: context.customerId,
    currency: context.currency,
    lines: context.lines,
    total: context.total,
    paid: context.paid,
    refunded: context.refunded,
    balance: balanceOf(state, context),
    createdAt: standing.createdAt,
    updatedAt: standing.updatedAt,
    can,
  }
}

shareNumbers((time) => {
  const standing = { orderId: '', eventId: 0, version: 0, createdAt: time, updatedAt: time }
  return made(standing, 'unplaced', unplaced, 'created', [])
})

/** What the customer owes in minor units; below zero, what is owed to the customer. */
export function balanceOf(state: StateValue, { total, paid, refunded }: OrderContext): number {
  if (state === 'cancelled') return refunded - paid
  const owed = total - paid + refunded
  return state === 'completed' ? Math.min(0, owed) : owed
}

/** What may be given back now, in minor units. */
export function refundableOf(state: StateValue, context: OrderContext): number {
  if (state === 'completed') return context.paid - context.refunded
  return Math.max(0, -balanceOf(state, context))
}

export function statusOf(state: StateValue, { paid, refunded }: OrderContext): OrderStatus {
  if (state === 'completed' || state === 'cancelled') {
    return paid > 0 && paid === refunded ? 'refunded' : state
  }
  const open = typeof state === 'object' ? state['open'] : undefined
  if (typeof open !== 'object') return 'created'
  if (open['fulfilment'] === 'shipped') return 'shipped'
  const payment = open['payment']
  return payment === 'paid' || payment === 'partiallyPaid' ? payment : 'created'
}

/**
 * An event of each kind that the machine takes whenever it would take any of that kind. The ids are
 * empty, which no real one is, so that they are always new.
 */
function probes({ lines }: OrderContext): readonly (readonly [OrderMethod, OrderEvent])[] {
  return [
    ['order.new', { type: 'NewOrderEvent', data: { customerId: null, currency: '', lines: [] } }],
    ['order.modify', { type: 'ModifyOrderEvent', data: { lines: lines.slice(0, 1) } }],
    ['order.pay', { type: 'OrderPaymentEvent', data: { paymentId: '', amount: 1 } }],
    ['order.ship', { type: 'OrderShippedEvent', data: { trackingId: null } }],
    ['order.deliver', { type: 'OrderDeliveredEvent', data: {} }],
    ['order.cancel', { type: 'OrderCancelledEvent', data: { reason: null } }],
    ['order.refund', { type: 'OrderRefundedEvent', data: { refundId: '', amount: 1 } }],
  ]
}

/** Asks the machine itself, once for each case that it can tell apart; see `caseOf`. */
export function methodsNow(snapshot: AnyMachineSnapshot): readonly OrderMethod[] {
  const { value, context } = snapshot
  const open = typeof value === 'object' ? value['open'] : undefined
  const fulfilment = String(typeof open === 'object' ? open['fulfilment'] : value)
  const cases = methodsByCase.get(fulfilment) ?? []
  const place = caseOf(context)
  const known = cases[place]
  if (known !== undefined) return known
  const methods = Object.freeze(askMachine(snapshot))
  cases[place] = methods
  methodsByCase.set(fulfilment, cases)
  return methods
}

export function askMachine(snapshot: AnyMachineSnapshot): readonly OrderMethod[] {
  return probes(snapshot.context)
    .filter(([, event]) => snapshot.can(event))
    .map(([method]) => method)
}

/** By the state of fulfilment, then by case. */
const methodsByCase = new Map<string, (readonly OrderMethod[])[]>()

/**
 * What the answer depends on besides the state: whether something is owed either way, whether
 * something paid is left, and whether one more payment can be counted. Numbered from 0 to 11.
 */
function caseOf({ total, paid, refunded }: OrderContext): number {
  const owed = Math.sign(total - paid + refunded) + 1
  const left = paid > refunded ? 1 : 0
  const room = paid < Number.MAX_SAFE_INTEGER ? 1 : 0
  return owed * 4 + left * 2 + room
}
