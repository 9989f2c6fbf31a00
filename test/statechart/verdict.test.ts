import { describe, expect, it } from 'vitest'
import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  and,
  createActor,
  not,
  or,
  setup,
} from 'xstate'
import { guardThatRefused } from '../../src/statechart/verdict.ts'
import { cancelled, given, newOrder, paid, refunded, shipped } from '../support/orders.ts'
import { parcelDomain } from '../support/parcel.ts'

/** A machine that takes `go` as these guards allow; `yes` and `no` say what they are called. */
function guarded(on: object): AnyMachineSnapshot {
  const machine = setup({
    guards: {
      yes: () => true,
      no: () => false,
      never: () => false,
      isOver: (_, { limit }: { limit: number }) => limit > 10,
    },
  }).createMachine({ on: { go: on } } as never)
  return createActor(machine as never as AnyStateMachine).getSnapshot()
}
const refusedBy = (on: object) => guardThatRefused(guarded(on), { type: 'go' })

describe('guardThatRefused', () => {
  it('names the guard of an order that said no', () => {
    expect(guardThatRefused(given(newOrder()), shipped())).toBe('isPaid')
    expect(guardThatRefused(given(newOrder()), paid(5001))).toBe('paymentIsWithinBalance')
    expect(guardThatRefused(given(newOrder()), refunded(1))).toBe('refundIsWithinOverpaid')
  })

  it('names nothing where the state has no transition for the event', () => {
    expect(guardThatRefused(given(newOrder(), cancelled()), shipped())).toBeUndefined()
    expect(guardThatRefused(given(newOrder()), { type: 'UnheardEvent' })).toBeUndefined()
    expect(guardThatRefused(guarded({}), { type: 'come' })).toBeUndefined()
  })

  it('forgets what it found out about the step before', () => {
    const order = given(newOrder())
    expect(guardThatRefused(order, shipped())).toBe('isPaid')
    expect(guardThatRefused(order, { type: 'UnheardEvent' })).toBeUndefined()
    expect(guardThatRefused(order, paid(5001))).toBe('paymentIsWithinBalance')
  })

  it('names a guard of another domain', () => {
    const machine = parcelDomain.machine
    const value = 'sent'
    const weighed = machine.resolveState({ value, context: { to: 'Bob', grams: 100 } })
    expect(guardThatRefused(weighed, { type: 'ParcelWeighed' })).toBe('isNotWeighed')
  })

  it('names the last of several transitions, and of guards combined', () => {
    expect(refusedBy([{ guard: 'no' }, { guard: 'never' }])).toBe('never')
    expect(refusedBy({ guard: and(['yes', 'no', 'never']) })).toBe('no')
    expect(refusedBy({ guard: or(['no', 'never']) })).toBe('never')
    expect(refusedBy({ guard: and(['yes', or(['no', and(['yes', 'never'])])]) })).toBe('never')
  })

  it('names a guard with params', () => {
    expect(refusedBy({ guard: { type: 'isOver', params: { limit: 1 } } })).toBe('isOver')
  })

  it('says `not` where a guard was asked for its opposite', () => {
    expect(refusedBy({ guard: not('yes') })).toBe('not yes')
    expect(refusedBy({ guard: and([not('no'), not('yes')]) })).toBe('not yes')
    expect(refusedBy({ guard: and([not('no'), 'never']) })).toBe('never')
  })

  it('leaves the machine as it was', () => {
    const order = given(newOrder())
    guardThatRefused(order, shipped())
    expect(order.can(paid(5000))).toBe(true)
    expect(order.can(shipped())).toBe(false)
  })
})
