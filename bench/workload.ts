/**
 * The order workload: what every subject is asked to do, how it is driven, and what must be there
 * afterwards.
 */
import { isDeepStrictEqual } from 'node:util'
import type { OrderCommands, OrderStatus, OrderView } from '../src/order/index.ts'

export type Method = 'order.new' | 'order.modify' | 'order.pay'

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

/**
 * Five at 1000, then six, then 6000 paid: for each of so many orders. Ids are equally long.
 *
 * @param from the number of the first of them
 */
export function planOrders(count: number, from = 0): readonly OrderPlan[] {
  return Array.from({ length: count }, (_, offset) => {
    const index = from + offset
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

/** The same, one after the other, for more of them than are to be held at once. */
export function* eachPlan(count: number): Generator<OrderPlan> {
  const atOnce = 1000
  for (let from = 0; from < count; from += atOnce) {
    yield* planOrders(Math.min(atOnce, count - from), from)
  }
}

type Final = Pick<OrderView, 'customerId' | 'status' | 'lines' | 'total' | 'paid' | 'refunded'>

/** Checks the latest state of an order, a view or a row, against what its three commands lead to. */
export function checkFinal(
  { orderId, customerId }: OrderPlan,
  order: Final | undefined,
  status: OrderStatus = 'paid',
): void {
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
    status,
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

/** Takes a command, and resolves with its answer once that is durable; a refusal is an answer, too. */
export type Submit = (command: Command) => Promise<unknown>

/**
 * A closed loop: so many clients, each with one command in flight, go through the orders; a client
 * takes the next order when the three commands of its last one are answered.
 *
 * It is the same for every subject, and adds as little as it can: what it waits for is the promise
 * that the subject gives, and one function is called for each.
 *
 * @throws {WrongResultError} if a command is refused; and what the subject throws
 */
export function drive(
  plans: readonly OrderPlan[],
  inFlight: number,
  submit: Submit,
): Promise<Driven> {
  const latenciesMs = new Float64Array(plans.length * commandsPerOrder)
  let next = 0
  let answered = 0
  return new Promise((resolve, reject) => {
    const client = () => {
      let plan = plans[next++]
      let step = 0
      let sentAt = 0
      const send = () => {
        sentAt = performance.now()
        try {
          submit(plan!.commands[step]!).then(take, reject)
        } catch (error) {
          reject(error)
        }
      }
      const take = (answer: unknown) => {
        const now = performance.now()
        latenciesMs[answered++] = now - sentAt
        const refusal = refusalOf(answer)
        if (refusal !== undefined) return reject(new WrongResultError(refusal))
        if (answered === latenciesMs.length) return resolve({ elapsedMs: now - began, latenciesMs })
        step++
        if (step === commandsPerOrder) {
          step = 0
          plan = plans[next++]
        }
        if (plan) send()
      }
      if (plan) send()
    }
    const began = performance.now()
    if (plans.length === 0) return resolve({ elapsedMs: 0, latenciesMs })
    for (let count = 0; count < inFlight; count++) client()
  })
}

/**
 * An open loop: commands are sent at a fixed rate whatever is answered, as so many independent
 * clients would. A latency counts from the time at which the command was to be sent, so that one
 * which is sent late because the program was busy counts as late: no coordinated omission.
 *
 * Where a subject does not keep up, so many commands wait for it, and the others are late already.
 *
 * The commands of one order may overlap where answers take longer; a subject takes those of an order in the
 * order in which they come.
 *
 * @param commands such as `inGroups` makes
 * @throws {WrongResultError} if a command is refused; and what the subject throws
 */
export function driveAtRate(
  commands: readonly Command[],
  perSecond: number,
  submit: Submit,
): Promise<Driven> {
  const latenciesMs = new Float64Array(commands.length)
  const msPerCommand = 1000 / perSecond
  let sent = 0
  let answered = 0
  return new Promise((resolve, reject) => {
    const began = performance.now()
    const send = (index: number) => {
      const dueAt = began + index * msPerCommand
      submit(commands[index]!).then((answer) => {
        const now = performance.now()
        latenciesMs[answered++] = now - dueAt
        const refusal = refusalOf(answer)
        if (refusal !== undefined) reject(new WrongResultError(refusal))
        else if (answered === commands.length) resolve({ elapsedMs: now - began, latenciesMs })
      }, reject)
    }
    const turn = () => {
      const sentBefore = sent
      try {
        const due = Math.floor((performance.now() - began) / msPerCommand) + 1
        const end = Math.min(due, commands.length, answered + unansweredMax)
        while (sent < end) send(sent++)
      } catch (error) {
        return reject(error)
      }
      if (sent === commands.length) return
      if (sent === sentBefore) rest()
      setImmediate(turn)
    }
    turn()
  })
}

const restMs = 0.05
const nothing = new Int32Array(new SharedArrayBuffer(4))

/**
 * While no command is due. A timer would be late by up to a millisecond, and turn after turn of the event
 * loop would leave more garbage than the commands do, which is then collected in their time.
 */
function rest(): void {
  Atomics.wait(nothing, 0, 0, restMs)
}

const groupOrders = 1024
/** Commands that are sent and not answered: fewer than what a subject refuses. */
const unansweredMax = 32_768

/**
 * The commands of an open loop: a group's orders are placed, then modified, then paid, so that the commands
 * of an order are `groupOrders` commands apart.
 */
export function inGroups(plans: readonly OrderPlan[]): readonly Command[] {
  const commands: Command[] = []
  for (let start = 0; start < plans.length; start += groupOrders) {
    const group = plans.slice(start, start + groupOrders)
    for (let step = 0; step < commandsPerOrder; step++) {
      for (const plan of group) commands.push(plan.commands[step]!)
    }
  }
  return commands
}

/** The message of an answer that refuses; undefined of any other. */
function refusalOf(answer: unknown): string | undefined {
  if (typeof answer !== 'object' || answer === null || !('refused' in answer)) return undefined
  return String((answer as unknown as { message: unknown }).message)
}
