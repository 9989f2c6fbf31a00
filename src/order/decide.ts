/** (snapshot, command) to the event it leads to, or to the reason why it leads to none. */
import type { AnyMachineSnapshot } from 'xstate'
import type { Refusal } from '../domain.ts'
import { describeState } from '../statechart/state-value.ts'
import { guardThatRefused } from '../statechart/verdict.ts'
import type { OrderCommands, OrderMethod } from './commands.ts'
import type { OrderEvent } from './events.ts'
import { unknownSku } from './lines.ts'
import { balanceOf, methodsNow, refundableOf } from './view.ts'

/** The order's own refusals, by the number they have on the wire. */
export const orderRefusals = {
  OVERPAYMENT: 2006,
  REFUND_EXCEEDS_PAID: 2007,
  LINE_UNKNOWN: 2008,
  AMOUNT_OUT_OF_RANGE: 2009,
  PAYMENT_ID_REUSED: 2010,
  REFUND_ID_REUSED: 2011,
} as const

/**
 * The event that the command leads to, which the machine takes in this state; or a refusal with the
 * state, the guard that said no where it was one, and the methods that are possible now.
 */
export function decide(
  snapshot: AnyMachineSnapshot,
  method: string,
  params: object,
): OrderEvent | Refusal {
  const event = candidates[method as OrderMethod](params as never)
  return snapshot.can(event) ? event : refuse(snapshot, method, event)
}

/** JSON has a minus zero, which does not survive being written; adding zero takes the sign off. */
const plain = (amount: number) => amount + 0

const candidates: {
  readonly [Name in OrderMethod]: (params: OrderCommands[Name]) => OrderEvent
} = {
  'order.new': ({ customerId = null, currency, lines }) => ({
    type: 'NewOrderEvent',
    data: {
      customerId,
      currency,
      lines: lines.map(({ sku, quantity, unitPrice }) => ({
        sku,
        quantity,
        unitPrice: plain(unitPrice),
      })),
    },
  }),
  'order.modify': ({ lines }) => ({
    type: 'ModifyOrderEvent',
    data: {
      lines: lines.map(({ sku, quantity, unitPrice }) => ({
        sku,
        quantity: plain(quantity),
        ...(unitPrice === undefined ? {} : { unitPrice: plain(unitPrice) }),
      })),
    },
  }),
  'order.pay': ({ paymentId, amount }) => ({
    type: 'OrderPaymentEvent',
    data: { paymentId, amount },
  }),
  'order.ship': ({ trackingId = null }) => ({ type: 'OrderShippedEvent', data: { trackingId } }),
  'order.deliver': () => ({ type: 'OrderDeliveredEvent', data: {} }),
  'order.cancel': ({ reason = null }) => ({ type: 'OrderCancelledEvent', data: { reason } }),
  'order.refund': ({ refundId, amount }) => ({
    type: 'OrderRefundedEvent',
    data: { refundId, amount },
  }),
}

interface Why {
  readonly refused: keyof typeof orderRefusals | 'NOT_ALLOWED'
  readonly because: string
  readonly details?: Readonly<Record<string, unknown>>
}

function refuse(snapshot: AnyMachineSnapshot, method: string, event: OrderEvent): Refusal {
  const guard = guardThatRefused(snapshot, event)
  const can = methodsNow(snapshot)
  const { refused, because, details } = why(snapshot, guard, event)
  const now = can.length > 0 ? `Possible now: ${can.join(', ')}.` : 'Nothing is possible any more.'
  return {
    refused,
    message: `${method} was refused: ${because}. ${now}`,
    details: { state: snapshot.value, ...(guard === undefined ? {} : { guard }), can, ...details },
  }
}

function why(snapshot: AnyMachineSnapshot, guard: string | undefined, event: OrderEvent): Why {
  const { value, context } = snapshot
  switch (guard) {
    case 'paymentIsWithinBalance': {
      const balance = balanceOf(value, context)
      return { refused: 'OVERPAYMENT', because: `${balance} is owed`, details: { balance } }
    }
    case 'refundIsWithinOverpaid':
    case 'refundIsWithinPaid': {
      const refundable = refundableOf(value, context)
      const because = `${refundable} can be given back`
      return { refused: 'REFUND_EXCEEDS_PAID', because, details: { refundable } }
    }
    case 'linesAreKnown': {
      const changes = event.type === 'ModifyOrderEvent' ? event.data.lines : []
      const sku = unknownSku(context.lines, changes)
      const because = `the order has no line ${JSON.stringify(sku)}, and a new one needs a unitPrice and a quantity`
      return { refused: 'LINE_UNKNOWN', because, details: { sku } }
    }
    case 'totalIsSafe':
    case 'changedTotalIsSafe':
    case 'paidIsSafe': {
      const because = `the amounts would add up to more than ${Number.MAX_SAFE_INTEGER}`
      return { refused: 'AMOUNT_OUT_OF_RANGE', because }
    }
    case 'paymentIdIsNew':
      return { refused: 'PAYMENT_ID_REUSED', because: 'its paymentId has been counted already' }
    case 'refundIdIsNew':
      return { refused: 'REFUND_ID_REUSED', because: 'its refundId has been counted already' }
    case undefined:
      return { refused: 'NOT_ALLOWED', because: `the order is ${describeState(value)}` }
    default: {
      const because = `the order is ${describeState(value)}, and ${guard} says no`
      return { refused: 'NOT_ALLOWED', because }
    }
  }
}
