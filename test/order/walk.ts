/** Walks through the states that an order can reach, breadth first, over a set of sample commands. */
import type { AnyMachineSnapshot } from 'xstate'
import type { Refusal } from '../../src/domain.ts'
import type { OrderMethod } from '../../src/order/commands.ts'
import { decide } from '../../src/order/decide.ts'
import type { OrderEvent } from '../../src/order/events.ts'
import { orderMachine } from '../../src/order/machine.ts'
import { Stepper } from '../../src/statechart/stepper.ts'

export interface Sample {
  readonly method: OrderMethod
  readonly params: object
  /** The event that the command stands for, written by hand. */
  readonly event: OrderEvent
}

export interface Step extends Sample {
  readonly from: AnyMachineSnapshot
  readonly outcome: OrderEvent | Refusal
  /** Where the machine went with the event; undefined where it does not take it. */
  readonly to: AnyMachineSnapshot | undefined
}

export const stepper = new Stepper(orderMachine)

/** Equal for snapshots that no command can tell apart. */
export function keyOf({ value, context }: AnyMachineSnapshot): string {
  return JSON.stringify([value, context])
}

/** Every sample and every probe in every state that the samples lead to. */
export function walk(): readonly Step[] {
  const steps: Step[] = []
  const waiting = [stepper.initial()]
  const seen = new Set(waiting.map(keyOf))
  for (const from of waiting) {
    for (const sample of [...samples, ...probes]) {
      const outcome = decide(from, sample.method, sample.params)
      const to = stepper.next(from, sample.event)
      steps.push({ ...sample, from, outcome, to })
      if (!to || probes.includes(sample) || seen.has(keyOf(to))) continue
      seen.add(keyOf(to))
      waiting.push(to)
    }
  }
  return steps
}

const orderId = 'walked-1'
type Change = { readonly sku: string; readonly quantity: number; readonly unitPrice?: number }

function place(quantity: number, unitPrice: number): Sample {
  const lines = [{ sku: 'widget', quantity, unitPrice }]
  return {
    method: 'order.new',
    params: { orderId, currency: 'USD', lines },
    event: { type: 'NewOrderEvent', data: { customerId: null, currency: 'USD', lines } },
  }
}

function modify(...lines: Change[]): Sample {
  return {
    method: 'order.modify',
    params: { orderId, lines },
    event: { type: 'ModifyOrderEvent', data: { lines } },
  }
}

function pay(paymentId: string, amount: number): Sample {
  return {
    method: 'order.pay',
    params: { orderId, paymentId, amount },
    event: { type: 'OrderPaymentEvent', data: { paymentId, amount } },
  }
}

function refund(refundId: string, amount: number): Sample {
  return {
    method: 'order.refund',
    params: { orderId, refundId, amount },
    event: { type: 'OrderRefundedEvent', data: { refundId, amount } },
  }
}

const manyLines = Array.from({ length: 100 }, (_, index) => ({
  sku: `new-${index}`,
  quantity: 1,
  unitPrice: 1,
}))

/** Enough to come to every state. The ids are few, so that the walk ends. */
const samples: readonly Sample[] = [
  place(2, 5),
  place(1, 0),
  modify({ sku: 'widget', quantity: 1 }),
  modify({ sku: 'widget', quantity: 2, unitPrice: 5 }),
  modify({ sku: 'widget', quantity: 1, unitPrice: 0 }),
  modify({ sku: 'widget', quantity: 0 }),
  modify({ sku: 'gadget', quantity: 1, unitPrice: 5 }),
  modify({ sku: 'gadget', quantity: 0 }),
  pay('payment-1', 5),
  pay('payment-2', 10),
  refund('refund-1', 5),
  refund('refund-2', 10),
  {
    method: 'order.ship',
    params: { orderId },
    event: { type: 'OrderShippedEvent', data: { trackingId: null } },
  },
  {
    method: 'order.deliver',
    params: { orderId },
    event: { type: 'OrderDeliveredEvent', data: {} },
  },
  {
    method: 'order.cancel',
    params: { orderId },
    event: { type: 'OrderCancelledEvent', data: { reason: null } },
  },
]

/** What else is asked in each state: to meet every guard, and to see which methods it takes. */
const probes: readonly Sample[] = [
  place(2, Number.MAX_SAFE_INTEGER),
  modify({ sku: 'gizmo', quantity: 1 }),
  modify({ sku: 'gizmo', quantity: 0, unitPrice: 5 }),
  modify({ sku: 'widget', quantity: 2, unitPrice: Number.MAX_SAFE_INTEGER }),
  modify(...manyLines),
  pay('payment-3', 1_000_000),
  pay('payment-4', 1),
  refund('refund-3', 1_000_000),
  refund('refund-4', 1),
]
