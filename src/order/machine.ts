/**
 * The life of one order. It hears facts: an event that it does not take is one that is never
 * recorded, so that what is legal is said here and nowhere else.
 *
 * `unplaced` has heard nothing yet. `open` has two regions side by side; the payment region follows
 * what was paid against the total after every event that touches either. No state is final: after
 * completion or cancellation a refund may still come.
 */
import { and, assign, setup } from 'xstate'
import { orderLinesMax } from '../config.ts'
import type { OrderEvent } from './events.ts'
import { applyChanges, type Line, totalOf, unknownSku } from './lines.ts'

/** Amounts in minor units of `currency`. */
export interface OrderContext {
  readonly customerId: string | null
  readonly currency: string
  readonly lines: readonly Line[]
  readonly total: number
  readonly paid: number
  readonly refunded: number
  /** Each counts once an order. */
  readonly paymentIds: readonly string[]
  readonly refundIds: readonly string[]
}

/** Of an order that has heard nothing. */
export const unplaced: OrderContext = {
  customerId: null,
  currency: '',
  lines: [],
  total: 0,
  paid: 0,
  refunded: 0,
  paymentIds: [],
  refundIds: [],
}

type Heard<Type extends OrderEvent['type']> = {
  context: OrderContext
  event: Extract<OrderEvent, { type: Type }>
}
type Anything = { context: OrderContext; event: OrderEvent }

/** A guard or an assigner of one event type; the machine calls it for no other. */
function on<Type extends OrderEvent['type'], Result>(
  type: Type,
  answer: (heard: Heard<Type>) => Result,
): (anything: Anything) => Result {
  return (anything) => {
    if (anything.event.type !== type) throw new TypeError(`${anything.event.type}, not ${type}`)
    return answer(anything as Heard<Type>)
  }
}

/** Most orders have one of them; a list that is made longer leaves room for sixteen more. */
const withOneMore = (ids: readonly string[], id: string): readonly string[] =>
  ids.length === 0 ? [id] : [...ids, id]

const owed = ({ total, paid, refunded }: OrderContext) => total - paid + refunded

export const orderMachine = setup({
  types: { context: {} as OrderContext, events: {} as OrderEvent },
  guards: {
    totalIsSafe: on('NewOrderEvent', ({ event }) => totalOf(event.data.lines) !== undefined),
    linesAreKnown: on(
      'ModifyOrderEvent',
      ({ context, event }) => unknownSku(context.lines, event.data.lines) === undefined,
    ),
    aLineIsLeft: on(
      'ModifyOrderEvent',
      ({ context, event }) => applyChanges(context.lines, event.data.lines).length > 0,
    ),
    linesAreNotTooMany: on(
      'ModifyOrderEvent',
      ({ context, event }) => applyChanges(context.lines, event.data.lines).length <= orderLinesMax,
    ),
    changedTotalIsSafe: on(
      'ModifyOrderEvent',
      ({ context, event }) => totalOf(applyChanges(context.lines, event.data.lines)) !== undefined,
    ),
    paymentIdIsNew: on(
      'OrderPaymentEvent',
      ({ context, event }) => !context.paymentIds.includes(event.data.paymentId),
    ),
    paymentIsWithinBalance: on(
      'OrderPaymentEvent',
      ({ context, event }) => event.data.amount <= owed(context),
    ),
    paidIsSafe: on('OrderPaymentEvent', ({ context, event }) =>
      Number.isSafeInteger(context.paid + event.data.amount),
    ),
    refundIdIsNew: on(
      'OrderRefundedEvent',
      ({ context, event }) => !context.refundIds.includes(event.data.refundId),
    ),
    refundIsWithinOverpaid: on(
      'OrderRefundedEvent',
      ({ context, event }) => event.data.amount <= -owed(context),
    ),
    refundIsWithinPaid: on(
      'OrderRefundedEvent',
      ({ context, event }) => event.data.amount <= context.paid - context.refunded,
    ),
    isPaid: ({ context }) => owed(context) <= 0,
    isPartlyPaid: ({ context }) => owed(context) > 0 && context.paid > context.refunded,
    isUnpaid: ({ context }) => owed(context) > 0 && context.paid === context.refunded,
  },
  actions: {
    place: assign(
      on('NewOrderEvent', ({ event: { data } }) => ({
        customerId: data.customerId,
        currency: data.currency,
        lines: data.lines,
        total: totalOf(data.lines) ?? Number.NaN,
      })),
    ),
    modify: assign(
      on('ModifyOrderEvent', ({ context, event }) => {
        const lines = applyChanges(context.lines, event.data.lines)
        return { lines, total: totalOf(lines) ?? Number.NaN }
      }),
    ),
    pay: assign(
      on('OrderPaymentEvent', ({ context, event: { data } }) => ({
        paid: context.paid + data.amount,
        paymentIds: withOneMore(context.paymentIds, data.paymentId),
      })),
    ),
    refund: assign(
      on('OrderRefundedEvent', ({ context, event: { data } }) => ({
        refunded: context.refunded + data.amount,
        refundIds: withOneMore(context.refundIds, data.refundId),
      })),
    ),
  },
}).createMachine({
  id: 'order',
  context: unplaced,
  initial: 'unplaced',
  states: {
    unplaced: {
      on: { NewOrderEvent: { guard: 'totalIsSafe', actions: 'place', target: 'open' } },
    },
    open: {
      type: 'parallel',
      states: {
        payment: {
          initial: 'unpaid',
          on: {
            OrderPaymentEvent: {
              guard: and(['paymentIdIsNew', 'paymentIsWithinBalance', 'paidIsSafe']),
              actions: 'pay',
            },
            OrderRefundedEvent: {
              guard: and(['refundIdIsNew', 'refundIsWithinOverpaid']),
              actions: 'refund',
            },
          },
          states: {
            unpaid: {
              always: [
                { guard: 'isPaid', target: 'paid' },
                { guard: 'isPartlyPaid', target: 'partiallyPaid' },
              ],
            },
            // Not to unpaid: money goes back only once more is paid than the order costs.
            partiallyPaid: { always: { guard: 'isPaid', target: 'paid' } },
            paid: {
              always: [
                { guard: 'isPartlyPaid', target: 'partiallyPaid' },
                { guard: 'isUnpaid', target: 'unpaid' },
              ],
            },
          },
        },
        fulfilment: {
          initial: 'unfulfilled',
          states: {
            unfulfilled: {
              on: {
                ModifyOrderEvent: {
                  guard: and([
                    'linesAreKnown',
                    'aLineIsLeft',
                    'linesAreNotTooMany',
                    'changedTotalIsSafe',
                  ]),
                  actions: 'modify',
                },
                OrderShippedEvent: { guard: 'isPaid', target: 'shipped' },
                OrderCancelledEvent: { target: '#order.cancelled' },
              },
            },
            shipped: { on: { OrderDeliveredEvent: { target: 'delivered' } } },
            delivered: { always: { target: '#order.completed' } },
          },
        },
      },
    },
    completed: {
      on: {
        OrderRefundedEvent: {
          guard: and(['refundIdIsNew', 'refundIsWithinPaid']),
          actions: 'refund',
        },
      },
    },
    cancelled: {
      on: {
        OrderRefundedEvent: {
          guard: and(['refundIdIsNew', 'refundIsWithinPaid']),
          actions: 'refund',
        },
      },
    },
  },
})
