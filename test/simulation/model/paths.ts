/** Ways through the order's machine, worked out by XState from the machine itself. */
import { type AnyMachineSnapshot, type AnyStateNode, createActor } from 'xstate'
import { getShortestPaths } from 'xstate/graph'
import type { OrderEvent } from '../../../src/order/events.ts'
import { type OrderContext, orderMachine } from '../../../src/order/machine.ts'

export interface PathStep {
  readonly method: string
  /** Without the orderId. */
  readonly params: Record<string, unknown>
  /** The edges of the machine that it takes. */
  readonly edges: readonly string[]
}

const lines = [{ sku: 'widget', quantity: 2, unitPrice: 5 }]
const free = [{ sku: 'widget', quantity: 1, unitPrice: 0 }]
const place = (placed: typeof lines): OrderEvent => ({
  type: 'NewOrderEvent',
  data: { customerId: null, currency: 'USD', lines: placed },
})
const change = (quantity: number, unitPrice: number): OrderEvent => ({
  type: 'ModifyOrderEvent',
  data: { lines: [{ sku: 'widget', quantity, unitPrice }] },
})

/** What could happen next: enough to come everywhere, and with ids that are always new. */
function eventsAt({ context }: AnyMachineSnapshot): OrderEvent[] {
  const { total, paid, refunded, paymentIds, refundIds }: OrderContext = context
  const paymentId = `p-${paymentIds.length + 1}`
  const refundId = `r-${refundIds.length + 1}`
  const owed = total - paid + refunded
  const amounts = (...some: number[]) => [...new Set(some)].filter((amount) => amount > 0)
  return [
    ...[place(lines), place(free), change(2, 5), change(1, 5), change(1, 0)],
    ...amounts(1, owed).map((amount): OrderEvent => {
      return { type: 'OrderPaymentEvent', data: { paymentId, amount } }
    }),
    ...amounts(1, -owed, paid - refunded).map((amount): OrderEvent => {
      return { type: 'OrderRefundedEvent', data: { refundId, amount } }
    }),
    { type: 'OrderShippedEvent', data: { trackingId: null } },
    { type: 'OrderDeliveredEvent', data: {} },
    { type: 'OrderCancelledEvent', data: { reason: null } },
  ]
}

/** The same for states that need not be told apart, so that there are few. */
function keyOf({ value, context }: AnyMachineSnapshot): string {
  const { total, paid, refunded }: OrderContext = context
  const owed = Math.sign(total - paid + refunded)
  return JSON.stringify([value, total, owed, paid > refunded, refunded > 0])
}

/** Every edge of the machine by name: those of events, and those that are taken by themselves. */
export function edgesOf(node: AnyStateNode = orderMachine.root): string[] {
  const own = [...node.transitions.values(), node.always ?? []].flat()
  return [...own.map(nameOf), ...Object.values(node.states).flatMap(edgesOf)]
}

function nameOf(edge: {
  readonly source: AnyStateNode
  readonly eventType: string
  readonly target?: readonly AnyStateNode[] | undefined
}): string {
  const targets = edge.target?.map(({ id }) => id).join(', ') ?? 'itself'
  return `${edge.source.id} ${edge.eventType || 'always'} -> ${targets}`
}

/**
 * Paths that begin with no order, one for each edge: the shortest to where it leaves from, and the
 * event that takes it. One that is the beginning of another is left out.
 */
export function coveringPaths(): readonly (readonly PathStep[])[] {
  const events = eventsAt as never
  const filterEvents = (snapshot: AnyMachineSnapshot, event: OrderEvent) => snapshot.can(event)
  const reached = getShortestPaths(orderMachine as never, {
    ...{ events, filterEvents: filterEvents as never, serializeState: keyOf as never },
  }) as unknown as readonly {
    readonly state: AnyMachineSnapshot
    readonly steps: readonly { readonly event: OrderEvent }[]
  }[]
  const uncovered = new Set(edgesOf())
  const paths: PathStep[][] = []
  for (const { state, steps } of [...reached].sort((a, b) => a.steps.length - b.steps.length)) {
    // The first step is the start itself.
    const path = steps.slice(1).map(({ event }) => event)
    for (const event of eventsAt(state)) {
      if (!state.can(event)) continue
      const taken = taking([...path, event])
      const isNew = taken.at(-1)!.edges.filter((edge) => uncovered.delete(edge)).length > 0
      if (isNew) paths.push(taken)
    }
  }
  if (uncovered.size > 0) throw new Error(`No path takes ${[...uncovered].join('; ')}.`)
  return paths.filter((path) => !paths.some((other) => other !== path && begins(path, other)))
}

function begins(path: readonly PathStep[], other: readonly PathStep[]): boolean {
  const same = (step: PathStep, index: number) =>
    JSON.stringify(step) === JSON.stringify(other[index])
  return path.length <= other.length && path.every(same)
}

/** Sends the events to an actor of XState's own, and looks on. */
function taking(events: readonly OrderEvent[]): PathStep[] {
  let edges: string[] = []
  const actor = createActor(orderMachine, {
    inspect: (inspection) => {
      if (inspection.type === '@xstate.microstep') {
        edges.push(...inspection._transitions.map((edge) => nameOf(edge as never)))
      }
    },
  }).start()
  return events.map((event) => {
    edges = []
    actor.send(event)
    return { ...commandOf(event), edges }
  })
}

const methods: Readonly<Record<OrderEvent['type'], string>> = {
  NewOrderEvent: 'order.new',
  ModifyOrderEvent: 'order.modify',
  OrderPaymentEvent: 'order.pay',
  OrderShippedEvent: 'order.ship',
  OrderDeliveredEvent: 'order.deliver',
  OrderCancelledEvent: 'order.cancel',
  OrderRefundedEvent: 'order.refund',
}

/** The command that leads to an event: nulls stand for what was not given. */
function commandOf({ type, data }: OrderEvent) {
  const given = Object.entries(data).filter(([, value]) => value !== null)
  return { method: methods[type], params: Object.fromEntries(given) }
}
