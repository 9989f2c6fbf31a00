import { describe, expect, it } from 'vitest'
import { setup } from 'xstate'
import { Fold } from '../../src/checkpoint/fold.ts'
import { ReplayError } from '../../src/errors.ts'
import { orderMachine } from '../../src/order/machine.ts'
import { delivered, newOrder, paid, recorded, shipped } from '../support/orders.ts'

const history = [newOrder(), paid(5000), shipped()].map((event, index) =>
  recorded({ ...event, eventId: 2001 + index }),
)

function faultOf(run: () => unknown): ReplayError {
  try {
    run()
  } catch (error) {
    if (error instanceof ReplayError) return error
    throw error
  }
  throw new Error('Every event was taken.')
}

describe('a fold', () => {
  const fold = new Fold(orderMachine)

  it('begins with an order that has heard nothing', () => {
    expect(fold.initial.value).toBe('unplaced')
    expect(fold.all([])).toBe(fold.initial)
  })

  it('derives the state from the events, one by one or all at once', () => {
    let snapshot = fold.initial
    for (const event of history) snapshot = fold.apply(snapshot, event)
    expect(snapshot.value).toEqual({ open: { payment: 'paid', fulfilment: 'shipped' } })
    expect(fold.all(history)).toMatchObject({ value: snapshot.value, context: snapshot.context })
  })

  it('names the event that the machine does not take, and the state it was in', () => {
    const wrong = recorded({ ...delivered(), eventId: 2003 })
    const fault = faultOf(() => fold.all([...history.slice(0, 2), wrong]))
    expect(fault.eventId).toBe(2003)
    expect(fault.message).toContain('Event 2003 (OrderDeliveredEvent)')
    expect(fault.message).toContain('open (payment paid, fulfilment unfulfilled)')
  })

  it('names an event of a type that the machine has never heard of', () => {
    const strange = recorded({ type: 'OrderPaintedEvent', eventId: 2002 })
    expect(faultOf(() => fold.all([...history.slice(0, 1), strange])).eventId).toBe(2002)
  })

  it('names the event at which a guard refuses', () => {
    const tooMuch = recorded({ ...paid(5001), eventId: 2002 })
    expect(faultOf(() => fold.all([...history.slice(0, 1), tooMuch])).eventId).toBe(2002)
  })

  it('names the event at which the machine throws, and keeps the cause', () => {
    const cause = new Error('the guard is broken')
    const machine = setup({
      guards: {
        broken: () => {
          throw cause
        },
      },
    }).createMachine({
      initial: 'new',
      states: { new: { on: { NewOrderEvent: { guard: 'broken' } } } },
    })
    const fault = faultOf(() => new Fold(machine).all([recorded({ eventId: 9 })]))
    expect(fault.eventId).toBe(9)
    expect(String(fault.cause)).toContain('the guard is broken')
  })
})
