/** The stepper beside XState's own actors: the same events, the same state. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  assign,
  createActor,
  type EventObject,
  raise,
  setup,
} from 'xstate'
import { orderMachine } from '../../src/order/machine.ts'
import { Stepper } from '../../src/statechart/stepper.ts'
import {
  cancelled,
  delivered,
  given,
  modified,
  newOrder,
  paid,
  refunded,
  shipped,
} from '../support/orders.ts'
import { parcelDomain } from '../support/parcel.ts'

const seen = ({ value, context, status }: AnyMachineSnapshot) => ({ value, context, status })

/** Tells both the same events, and holds the one to the other after each. */
function expectAlike(machine: AnyStateMachine, events: readonly EventObject[]): void {
  const stepper = new Stepper(machine)
  const actor = createActor(machine)
  actor.start()
  let snapshot = stepper.initial()
  expect(seen(snapshot)).toEqual(seen(actor.getSnapshot()))
  for (const event of events) {
    const taken = actor.getSnapshot().can(event)
    actor.send(event)
    const next = stepper.next(snapshot, event)
    expect(next !== undefined).toBe(taken)
    snapshot = next ?? snapshot
    expect(seen(snapshot)).toEqual(seen(actor.getSnapshot()))
  }
  actor.stop()
}

const orderEvent: fc.Arbitrary<EventObject> = fc.oneof(
  fc.constantFrom<EventObject>(newOrder(), shipped(), delivered(), cancelled(), {
    type: 'UnheardEvent',
  }),
  fc
    .record({ quantity: fc.nat(3), unitPrice: fc.constantFrom(0, 5, 10) })
    .map((change) => modified({ sku: 'widget', ...change })),
  fc.tuple(fc.constantFrom(5, 10, 15), fc.uuid()).map(([amount, id]) => paid(amount, id)),
  fc.tuple(fc.constantFrom(5, 10, 15), fc.uuid()).map(([amount, id]) => refunded(amount, id)),
)
const parcelEvent: fc.Arbitrary<EventObject> = fc.constantFrom(
  { type: 'ParcelSent', data: { to: 'Bob' } },
  { type: 'ParcelWeighed', data: { grams: 100 } },
  { type: 'ParcelWeighed', data: {} },
  { type: 'ParcelArrived', data: {} },
  { type: 'ParcelLost', data: {} },
)

describe('the stepper', () => {
  it('goes the way of an actor with any events of an order', () => {
    const histories = fc.array(orderEvent, { maxLength: 20 })
    fc.assert(
      fc.property(histories, (events) => {
        expectAlike(orderMachine, [newOrder({ quantity: 2, unitPrice: 5 }), ...events])
      }),
    )
  })

  it('goes the way of an actor with any events of a parcel', () => {
    const histories = fc.array(parcelEvent, { maxLength: 20 })
    fc.assert(fc.property(histories, (events) => expectAlike(parcelDomain.machine, events)))
  })

  it('goes the way of an actor through events that the machine raises itself', () => {
    const machine = setup({
      types: { context: {} as { count: number } },
      actions: { more: assign({ count: ({ context }) => context.count + 1 }) },
    }).createMachine({
      context: { count: 0 },
      initial: 'idle',
      states: {
        idle: { on: { go: { target: 'busy', actions: [raise({ type: 'on' }), 'more'] } } },
        busy: { on: { on: { target: 'done', actions: 'more' } } },
        done: {},
      },
    })
    expectAlike(machine, [{ type: 'on' }, { type: 'go' }, { type: 'go' }])
  })

  it('leaves the snapshot that it was given as it was', () => {
    const stepper = new Stepper(orderMachine)
    const order = given(newOrder())
    const before = JSON.stringify(seen(order))
    expect(stepper.next(order, paid(5000))?.value).not.toEqual(order.value)
    expect(JSON.stringify(seen(order))).toBe(before)
  })

  it('tells an event that changes nothing from one that is not taken', () => {
    const actions = { effect: () => {} }
    const on = { nothing: { actions: 'effect' }, forbidden: {} } as const
    const machine = setup({ actions }).createMachine({ on })
    const stepper = new Stepper(machine)
    const initial = stepper.initial()
    expect(stepper.next(initial, { type: 'nothing' })).toBeDefined()
    expect(stepper.next(initial, { type: 'forbidden' })).toBeUndefined()
    expect(stepper.next(initial, { type: 'other' })).toBeUndefined()
  })

  it('throws what a guard throws', () => {
    const fault = new Error('the guard is broken')
    const machine = setup({
      guards: {
        broken: () => {
          throw fault
        },
      },
    }).createMachine({ on: { go: { guard: 'broken' } } })
    const stepper = new Stepper(machine)
    const go = () => stepper.next(stepper.initial(), { type: 'go' })
    expect(go).toThrow('the guard is broken')
  })

  it('throws what an action throws', () => {
    const machine = setup({
      actions: {
        broken: assign(() => {
          throw new Error('the action is broken')
        }),
      },
    }).createMachine({ on: { go: { actions: 'broken' } } })
    const stepper = new Stepper(machine)
    const go = () => stepper.next(stepper.initial(), { type: 'go' })
    expect(go).toThrow('the action is broken')
  })

  it('throws the error that an event brings from an actor that nobody listens to', () => {
    const error = new Error('the actor is broken')
    const event = { type: 'xstate.error.actor.child', error }
    const stepper = new Stepper(orderMachine)
    expect(() => stepper.next(stepper.initial(), event)).toThrow(error)
  })

  it('does not run actions other than assign', () => {
    let ran = 0
    const machine = setup({
      actions: {
        effect: () => {
          ran++
        },
      },
    }).createMachine({ entry: 'effect', on: { go: { actions: 'effect' } } })
    const stepper = new Stepper(machine)
    stepper.next(stepper.initial(), { type: 'go' })
    expect(ran).toBe(0)
  })
})
