/**
 * The order workload: what every subject is asked to do, how it is driven, and what must be there
 * afterwards.
 */
import { isDeepStrictEqual } from 'node:util'
import type { OrderCommands, OrderView } from '../src/order/index.ts'

type Method = 'order.new' | 'order.modify' | 'order.pay'

export type Command = {
  readonly [Name in Method]: { readonly method: Name; readonly params: OrderCommands[Name] }
}[Method]

/** The commands of one order, which are sent one after the other. */
export interface OrderPlan {
  readonly orderId: string
  readonly customerId: string
  readonly commands: readonly Command[]
}

export const commandsPerOrder = 3
const customers = 1000

/** Five at 1000, then six, then 6000 paid: for each of so many orders. Ids are equally long. */
export function planOrders(count: number): readonly OrderPlan[] {
  return Array.from({ length: count }, (_, index) => {
    const orderId = `order-${String(index).padStart(8, '0')}`
    const customerId = `customer-${String(index % customers).padStart(4, '0')}`
    const sku = 'widget'
    const commands: Command[] = [
      {
        method: 'order.new',
        params: {
          orderId,
          customerId,
          currency: 'USD',
          lines: [{ sku, quantity: 5, unitPrice: 1000 }],
        },
      },
      { method: 'order.modify', params: { orderId, lines: [{ sku, quantity: 6 }] } },
      { method: 'order.pay', params: { orderId, paymentId: 'payment-1', amount: 6000 } },
    ]
    return { orderId, customerId, commands }
  })
}

type Final = Pick<OrderView, 'customerId' | 'status' | 'lines' | 'total' | 'paid' | 'refunded'>

/** Checks the latest state of an order, a view or a row, against what its three commands lead to. */
export function checkFinal({ orderId, customerId }: OrderPlan, order: Final | undefined): void {
  const found = order && {
    customerId: order.customerId,
    status: order.status,
    lines: order.lines,
    total: order.total,
    paid: order.paid,
    refunded: order.refunded,
  }
  expect(orderId, found, {
    customerId,
    status: 'paid',
    lines: [{ sku: 'widget', quantity: 6, unitPrice: 1000 }],
    total: 6000,
    paid: 6000,
    refunded: 0,
  })
}

/** A subject did not do what it was measured for, so that its figures mean nothing. */
export class WrongResultError extends Error {
  override readonly name = 'WrongResultError'
}

/** @throws {WrongResultError} naming `what`, if it is not as expected */
export function expect(what: string, found: unknown, expected: unknown): void {
  if (isDeepStrictEqual(found, expected)) return
  throw new WrongResultError(
    `${what} is ${JSON.stringify(found)}, and must be ${JSON.stringify(expected)}.`,
  )
}

export interface Driven {
  readonly elapsedMs: number
  /** How long each command waited for its answer, in the order of the answers. */
  readonly latenciesMs: Float64Array
}

/**
 * A closed loop: so many clients, each with one command in flight, go through the orders; a client
 * takes the next order when the three commands of its last one are answered.
 */
export async function drive(
  plans: readonly OrderPlan[],
  inFlight: number,
  submit: (command: Command) => Promise<void>,
): Promise<Driven> {
  const latenciesMs = new Float64Array(plans.length * commandsPerOrder)
  let next = 0
  let answered = 0
  const client = async () => {
    for (let plan = plans[next++]; plan; plan = plans[next++]) {
      for (const command of plan.commands) {
        const sent = performance.now()
        await submit(command)
        latenciesMs[answered++] = performance.now() - sent
      }
    }
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: inFlight }, client))
  return { elapsedMs: performance.now() - began, latenciesMs }
}
