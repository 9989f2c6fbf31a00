import { describe, expect, it } from 'vitest'
import { assign, createMachine, type InspectionEvent, setup } from 'xstate'
import { Fold } from '../../src/checkpoint/fold.ts'
import { orderMachine } from '../../src/order/machine.ts'
import { ActorSystem } from '../../src/sequencer/actor-system.ts'
import { newOrder, paid, recorded, shipped } from '../support/orders.ts'

const placed = recorded({ eventId: 1, ...newOrder() })

describe('the actor of an order that was let go', () => {
  it('is given to the next one, under its id and as new', () => {
    const system = new ActorSystem(orderMachine, undefined)
    const first = system.start('a')
    first.hear(placed)
    system.stop(first)
    const second = system.start('b')
    expect(second).toBe(first)
    expect(second.actor.id).toBe('b')
    const fresh = new ActorSystem(orderMachine, undefined).start('b')
    expect(second.snapshot).toEqual(fresh.snapshot)
    second.hear(placed)
    fresh.hear(placed)
    expect(second.snapshot).toEqual(fresh.snapshot)
  })

  it('is given to one that wakes, in the state that it is in', () => {
    const system = new ActorSystem(orderMachine, undefined)
    const first = system.start('a')
    first.hear(placed)
    system.stop(first)
    const past = new Fold(orderMachine).all([placed, recorded({ eventId: 2, ...paid(5000) })])
    const second = system.start('b', past)
    expect(second).toBe(first)
    expect(second.snapshot).toBe(past)
    const after = second.hear(recorded({ eventId: 3, ...shipped() }))
    expect(after).toMatchObject({ value: { open: { payment: 'paid', fulfilment: 'shipped' } } })
    expect(second.actor.getSnapshot()).toBe(after)
  })

  it('does not take what the state of its new order does not', () => {
    const system = new ActorSystem(orderMachine, undefined)
    const first = system.start('a')
    first.hear(placed)
    expect(first.hear(placed)).toBeUndefined()
    system.stop(first)
    // The actor's own state would take it.
    expect(system.start('b').hear(recorded({ eventId: 2, ...paid(5000) }))).toBeUndefined()
  })

  it('is not given on where it has ended by itself', () => {
    const ending = createMachine({
      initial: 'open',
      states: { open: { on: { end: 'closed' } }, closed: { type: 'final' } },
    })
    const system = new ActorSystem(ending, undefined)
    const first = system.start('a')
    first.hear({ type: 'end' })
    system.stop(first)
    const second = system.start('b')
    expect(second.actor).not.toBe(first.actor)
    expect(second.snapshot).toMatchObject({ value: 'open', status: 'active' })
    // Nor one that was ended when it woke.
    const woken = system.start('a', first.snapshot)
    system.stop(woken)
    expect(system.start('c').hear({ type: 'end' })).toMatchObject({ value: 'closed' })
  })

  it('begins anew on a machine that XState interprets, too', () => {
    const counting = setup({ types: { context: {} as { count: number } } }).createMachine({
      context: { count: 0 },
      initial: 'open',
      states: { open: { after: { 1000000: 'late' } }, late: {} },
      on: { add: { actions: assign({ count: ({ context }) => context.count + 1 }) } },
    })
    const system = new ActorSystem(counting, undefined)
    const first = system.start('a')
    first.hear({ type: 'add' })
    expect(first.snapshot.context).toEqual({ count: 1 })
    system.stop(first)
    const second = system.start('b')
    expect(second.snapshot.context).toEqual({ count: 0 })
    second.hear({ type: 'add' })
    expect(second.snapshot.context).toEqual({ count: 1 })
  })

  it('is stopped where someone inspects, and the next order has one of its own', () => {
    const seen: InspectionEvent[] = []
    const system = new ActorSystem(orderMachine, (event) => seen.push(event))
    const first = system.start('a')
    first.hear(placed)
    system.stop(first)
    const second = system.start('b')
    expect(second.actor).not.toBe(first.actor)
    expect(first.snapshot.status).toBe('stopped')
    const made = seen.filter(({ type }) => type === '@xstate.actor')
    expect(made.map(({ actorRef }) => 'id' in actorRef && actorRef.id)).toEqual([
      'orders',
      'a',
      'b',
    ])
    second.hear(placed)
    const heard = seen.flatMap((event) => (event.type === '@xstate.event' ? [event.event] : []))
    expect(heard.filter(({ type }) => !type.startsWith('xstate.'))).toEqual([placed, placed])
  })
})
