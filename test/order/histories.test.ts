/** What holds for every history that an order can have, tried on random ones. */
import { deepStrictEqual } from 'node:assert/strict'
import fc from 'fast-check'
import { Compile } from 'typebox/compile'
import { expect, it } from 'vitest'
import type { AnyMachineSnapshot } from 'xstate'
import { type OrderMethod, orderMethods } from '../../src/order/commands.ts'
import { decide } from '../../src/order/decide.ts'
import { type OrderEvent, orderEvents } from '../../src/order/events.ts'
import { askMachine, balanceOf, methodsNow, viewOf } from '../../src/order/view.ts'
import { compileCheck } from '../../src/protocol/params.ts'
import { keyOf, stepper } from './walk.ts'

const max = Number.MAX_SAFE_INTEGER
const orderId = fc.constant('random-1')
const sku = fc.constantFrom('a', 'b', '__proto__')
const id = fc.constantFrom('i1', 'i2', 'i3', 'i4', 'i5', 'i6')
const price = fc.constantFrom(0, -0, 1, 1, 5, 5, max - 1, max)
const amount = fc.constantFrom(1, 1, 2, 5, 5, 10, max - 1, max)
const quantity = fc.constantFrom(1, 1, 1, 2, max)
const text = fc.oneof(fc.string({ minLength: 1, maxLength: 20 }), fc.constant('\ud800'))
const optional = { requiredKeys: [] as [] }

const newLine = fc.record({ sku, quantity, unitPrice: price })
const lineChange = fc.record(
  { sku, quantity: fc.oneof(quantity, fc.constantFrom(0, -0)), unitPrice: price },
  { requiredKeys: ['sku', 'quantity'] },
)
const each = { minLength: 1, maxLength: 3, selector: (line: { sku: string }) => line.sku }

const placing = fc.record(
  {
    orderId,
    customerId: id,
    currency: fc.constantFrom('USD', 'JPY'),
    lines: fc.uniqueArray(newLine, each),
  },
  { requiredKeys: ['currency', 'lines'] },
)
const paramsOf = {
  'order.new': placing,
  'order.modify': fc.record({ orderId, lines: fc.uniqueArray(lineChange, each) }),
  'order.pay': fc.record({ orderId, paymentId: id, amount }),
  'order.ship': fc.tuple(orderId, fc.record({ trackingId: text }, optional)).map(merged),
  'order.deliver': fc.record({ orderId }),
  'order.cancel': fc.tuple(orderId, fc.record({ reason: text }, optional)).map(merged),
  'order.refund': fc.record({ orderId, refundId: id, amount }),
} satisfies Record<OrderMethod, fc.Arbitrary<object>>

function merged<T extends object>([orderId, more]: [string, T]): T & { orderId: string } {
  return { orderId, ...more }
}

type Asked = readonly [OrderMethod, object]
const asking = (method: OrderMethod): fc.Arbitrary<Asked> =>
  fc.tuple(fc.constant(method), paramsOf[method])
// Paying and changing come oftener, so that more orders come to be paid, shipped and completed.
const asked = fc.oneof(
  ...(Object.keys(paramsOf) as OrderMethod[]).map(asking),
  ...(['order.pay', 'order.pay', 'order.modify', 'order.refund'] as const).map(asking),
)
const history = fc
  .tuple(asking('order.new'), fc.array(asked, { maxLength: 25 }))
  .map(([first, rest]) => [first, ...rest])

/** Decides each command of a history, and hears what it leads to. */
function live(
  commands: readonly Asked[],
  visit: (snapshot: AnyMachineSnapshot, event: OrderEvent | undefined, asked: Asked) => void,
): void {
  let snapshot = stepper.initial()
  for (const asked of commands) {
    const outcome = decide(snapshot, ...asked)
    if ('refused' in outcome) {
      visit(snapshot, undefined, asked)
      continue
    }
    const next = stepper.next(snapshot, outcome)
    if (!next) throw new Error(`The machine does not take ${JSON.stringify(outcome)}.`)
    snapshot = next
    visit(snapshot, outcome, asked)
  }
}

function forAll(visit: Parameters<typeof live>[1]): void {
  fc.assert(
    fc.property(history, (commands) => live(commands, visit)),
    { numRuns: 200 },
  )
}

it('tries commands that have the form they need', () => {
  const checks = new Map(
    Object.entries(orderMethods).map(([name, { params }]) => [name, compileCheck(params)]),
  )
  forAll((_snapshot, _event, [method, params]) => {
    expect(checks.get(method)?.(params)).toEqual([])
  })
})

it('says in `can` what the machine says, asked at that very moment', () => {
  forAll((snapshot) => expect(methodsNow(snapshot)).toEqual(askMachine(snapshot)))
})

it('decides events that have the form of their type', () => {
  const forms = new Map(
    Object.entries(orderEvents).map(([type, { data }]) => [type, Compile(data)]),
  )
  forAll((_snapshot, event) => {
    if (event) expect([...(forms.get(event.type)?.Errors(event.data) ?? ['none'])]).toEqual([])
  })
})

it('decides events that JSON gives back just as they were, zeros and their signs included', () => {
  forAll((_snapshot, event) => {
    if (event) deepStrictEqual(JSON.parse(JSON.stringify(event)), event)
  })
})

it('decides the same from params that went through JSON', () => {
  forAll((snapshot, _event, [method, params]) => {
    const again = decide(snapshot, method, JSON.parse(JSON.stringify(params)))
    deepStrictEqual(again, decide(snapshot, method, params))
  })
})

it('comes to the same state from events that went through JSON', () => {
  fc.assert(
    fc.property(history, (commands) => {
      const states: string[] = []
      let kept = stepper.initial()
      live(commands, (snapshot, event) => {
        if (!event) return
        kept = stepper.next(kept, JSON.parse(JSON.stringify(event))) ?? kept
        states.push(keyOf(snapshot))
        expect(keyOf(kept)).toBe(states.at(-1))
      })
    }),
  )
})

it('keeps all amounts within the safe integers, and refunds within payments', () => {
  const standing = { orderId: 'random-1', eventId: 1, version: 1, createdAt: 0, updatedAt: 0 }
  forAll((snapshot, event) => {
    if (!event) return
    const view = viewOf(snapshot, standing)
    for (const number of [view.total, view.paid, view.refunded, view.balance]) {
      expect(Number.isSafeInteger(number) && !Object.is(number, -0)).toBe(true)
    }
    expect(view.refunded).toBeLessThanOrEqual(view.paid)
    expect(view.lines.length).toBeGreaterThan(0)
    expect(view.balance).toBe(balanceOf(view.state, snapshot.context))
  })
})

it('has a payment region that follows the money', () => {
  forAll((snapshot, event) => {
    if (!event || typeof snapshot.value !== 'object') return
    const { total, paid, refunded } = snapshot.context
    const owed = total - paid + refunded
    const followed = owed <= 0 ? 'paid' : paid > refunded ? 'partiallyPaid' : 'unpaid'
    expect(snapshot.value).toMatchObject({ open: { payment: followed } })
  })
})

it('comes to every status within these histories', () => {
  const seen = new Set<string>()
  const standing = { orderId: 'random-1', eventId: 1, version: 1, createdAt: 0, updatedAt: 0 }
  const commands = fc.sample(history, { numRuns: 1000, seed: 1 })
  for (const some of commands) {
    live(some, (snapshot, event) => {
      if (event) seen.add(viewOf(snapshot, standing).status)
    })
  }
  expect([...seen].sort()).toEqual([
    'cancelled',
    'completed',
    'created',
    'paid',
    'partiallyPaid',
    'refunded',
    'shipped',
  ])
})
