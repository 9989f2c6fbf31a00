/** What happens in a simulation, and when: made from the seed before it begins. */
import type { OrderStatus } from '../../src/index.ts'
import type { Chance } from '../soak/chance.ts'
import { streamOf } from './world/clock.ts'
import type { Failure } from './world/disk.ts'
import type { Cut } from './world/network.ts'

export interface PlannedCommand {
  readonly method: string
  readonly params: Record<string, any>
  readonly commandId: string
  readonly giveUpAfterMs?: number
  readonly abortAfterMs?: number
}

/** `by` and `at` are numbers of shoppers, counted round. */
export type Action =
  | { readonly does: 'submit'; readonly by: readonly number[]; readonly command: PlannedCommand }
  /** A new order goes along a path of the machine. */
  | { readonly does: 'walk'; readonly by: number; readonly orderId: string; readonly path: number }
  | { readonly does: 'read'; readonly by: number; readonly orderId: string }
  | { readonly does: 'watch'; readonly by: number; readonly filter: Filter }
  | { readonly does: 'watch events'; readonly by: number; readonly orderId?: string }
  | { readonly does: 'cut'; readonly at: number; readonly how: Cut }
  | { readonly does: 'stall'; readonly at: number; readonly ms: number }
  | { readonly does: 'fail'; readonly failure: Failure }
  | { readonly does: 'fill'; readonly ms: number }
  | { readonly does: 'slow'; readonly flushMsMax: number; readonly ms: number }
  | { readonly does: 'kill'; readonly isTold: boolean; readonly when: 'now' | 'writing' }
  | { readonly does: 'stop' }
  | { readonly does: 'skew'; readonly ms: number }

type Filter =
  | { readonly orderId: string }
  | { readonly customerId: string }
  | { readonly status: OrderStatus }

export interface PlannedStep {
  /** In ms from the start. */
  readonly at: number
  readonly action: Action
}

const stepsMax = 48
const customers = ['amy', 'ben']

/** @param paths how many paths there are to walk */
export function planOf(seed: number, paths: number): readonly PlannedStep[] {
  const chance = streamOf(seed, 'plan')
  const count = 8 + chance.below(stepsMax - 8)
  const sent: PlannedCommand[] = []
  const steps: PlannedStep[] = []
  let at = 0
  for (let number = 0; number < count; number++) {
    at += chance.next() ** 4 * 1000
    steps.push({ at, action: actionOf(chance, number, sent, seed + number, paths) })
  }
  return steps
}

function actionOf(
  chance: Chance,
  number: number,
  sent: PlannedCommand[],
  draw: number,
  paths: number,
): Action {
  const one = chance.below(3)
  const other = chance.below(3)
  const orderId = `o-${chance.below(4)}`
  const ms = chance.next() ** 2 * 3000
  const submit = (by: readonly number[], command: PlannedCommand): Action => {
    sent.push(command)
    return { does: 'submit', by, command }
  }
  const die = chance.below(100)
  if (die < 40 || (die < 60 && sent.length === 0)) {
    return submit([one], commandOf(chance, orderId, number))
  }
  if (die < 47) return submit([one, other], commandOf(chance, orderId, number))
  if (die < 53) return { does: 'submit', by: [one], command: chance.of(sent) }
  if (die < 55) {
    const { commandId } = chance.of(sent)
    return {
      does: 'submit',
      by: [one],
      command: { ...commandOf(chance, orderId, number), commandId },
    }
  }
  if (die < 64) return { does: 'walk', by: one, orderId: `w-${number}`, path: draw % paths }
  if (die < 68) return { does: 'read', by: one, orderId }
  if (die < 71) return { does: 'watch', by: one, filter: filterOf(chance, orderId) }
  if (die < 73)
    return chance.below(2) === 0
      ? { does: 'watch events', by: one }
      : { does: 'watch events', by: one, orderId }
  if (die < 82) return { does: 'cut', at: one, how: cutOf(chance) }
  if (die < 86) return { does: 'stall', at: one, ms }
  if (die < 91) return { does: 'fail', failure: chance.of(['before', 'after']) }
  if (die < 93) return { does: 'fill', ms }
  if (die < 95) return { does: 'slow', flushMsMax: 300, ms }
  if (die < 97) {
    const when = chance.of(['now', 'writing', 'writing'] as const)
    return { does: 'kill', isTold: chance.below(2) === 0, when }
  }
  if (die < 99) return { does: 'stop' }
  return { does: 'skew', ms: chance.of([-60_000, -500, 500, 60_000]) }
}

function cutOf(chance: Chance): Cut {
  return chance.of<Cut>(['reset', 'reset', 'reset', 'silence', 'deaf', 'mute'])
}

function filterOf(chance: Chance, orderId: string): Filter {
  return chance.of<Filter>([
    { orderId },
    { customerId: chance.of(customers) },
    { status: chance.of<OrderStatus>(['created', 'partiallyPaid', 'paid', 'cancelled']) },
  ])
}

/** A command as it may come, whether it fits or not. */
function commandOf(chance: Chance, orderId: string, number: number): PlannedCommand {
  const id = `x-${number}`
  const amount = chance.of([1000, 2000, 5000, 6000])
  const customerId = chance.of(customers)
  const lines = [{ sku: 'widget', quantity: 5, unitPrice: 1000 }]
  const quantity = chance.below(7)
  const order = { orderId }
  const place: [string, object] = ['order.new', { ...order, customerId, currency: 'USD', lines }]
  const pay: [string, object] = ['order.pay', { ...order, paymentId: id, amount }]
  const [method, params] = chance.of<[string, object]>([
    ...[place, place, place, pay, pay, pay],
    // Without an orderId, the commandId is the order's.
    ['order.new', { currency: 'EUR', lines }],
    ['order.pay', { ...order, paymentId: 'p-again', amount: 1000 }],
    ['order.modify', { ...order, lines: [{ sku: 'widget', quantity }] }],
    ['order.modify', { ...order, lines: [{ sku: 'gadget', quantity, unitPrice: 1000 }] }],
    ['order.modify', { ...order, lines: [{ sku: 'gizmo', quantity }] }],
    ['order.ship', { ...order, trackingId: id }],
    ['order.deliver', order],
    ['order.cancel', { ...order, reason: 'it rains' }],
    ['order.refund', { ...order, refundId: id, amount }],
  ])
  const expected = chance.below(8) === 0 ? { expectedVersion: chance.below(4) } : {}
  const limit = chance.of([
    ...[{}, {}, {}, {}],
    { giveUpAfterMs: chance.below(2000) },
    { giveUpAfterMs: chance.below(200) },
    { abortAfterMs: chance.below(500) },
  ])
  return { method, params: { ...params, ...expected }, commandId: `c-${number}`, ...limit }
}
