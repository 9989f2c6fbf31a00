import { describe, expect, it } from 'vitest'
import { createActor, setup } from 'xstate'
import { activeStates, describeState } from '../../src/statechart/state-value.ts'
import { cancelled, given, newOrder, paid, shipped } from '../support/orders.ts'

describe('activeStates', () => {
  it('gives the innermost states as dotted paths', () => {
    expect(activeStates(given(newOrder(), cancelled()).value)).toEqual(['cancelled'])
    expect(activeStates(given(newOrder(), paid(5000), shipped()).value)).toEqual([
      'open.payment.paid',
      'open.fulfilment.shipped',
    ])
  })

  it('goes as deep as the state does', () => {
    expect(activeStates({ a: { b: { c: 'd' } } })).toEqual(['a.b.c.d'])
  })

  it('names regions that have no states of their own', () => {
    const machine = setup({}).createMachine({
      initial: 'both',
      states: { both: { type: 'parallel', states: { left: {}, right: {} } } },
    })
    const { value } = createActor(machine).getSnapshot()
    expect(activeStates(value)).toEqual(['both.left', 'both.right'])
    expect(describeState(value)).toBe('both (left, right)')
  })
})

describe('describeState', () => {
  it('says a state in a few words', () => {
    expect(describeState('cancelled')).toBe('cancelled')
    expect(describeState(given(newOrder()).value)).toBe(
      'open (payment unpaid, fulfilment unfulfilled)',
    )
    expect(describeState({ a: 'b' })).toBe('a b')
    expect(describeState({ a: { b: { c: 'd', e: 'f' } } })).toBe('a (b (c d, e f))')
  })
})
