import { describe, expect, it } from 'vitest'
import { and, not, or, setup } from 'xstate'
import { guardsAsked } from '../../src/statechart/guards-asked.ts'
import { Stepper } from '../../src/statechart/stepper.ts'
import { Tracer } from '../../src/statechart/tracer.ts'

const machine = setup({
  types: { context: {} as { n: number }, events: {} as { type: string; n?: number } },
  guards: {
    yes: () => true,
    no: () => false,
    throws: () => {
      throw new Error('counts on one before it')
    },
    isOver: ({ context }, { limit }: { limit: number }) => context.n > limit,
  },
}).createMachine({
  context: { n: 5 },
  initial: 'a',
  states: {
    a: {
      on: {
        go: [{ guard: and(['no', 'throws', not('no'), or(['no', 'yes'])]) }, { target: 'b' }],
        '*': { guard: { type: 'isOver', params: { limit: 9 } }, target: 'c' },
      },
    },
    b: { always: { target: 'c' } },
    c: {},
  },
})

describe('a tracer', () => {
  it('gives the transitions that were taken, also those that followed by themselves', () => {
    const tracer = new Tracer(machine)
    const step = tracer.next(tracer.initial(), { type: 'go' })
    expect(step?.snapshot.value).toBe('c')
    expect(step?.taken.map(({ source, eventType }) => [source.key, eventType])).toEqual([
      ['a', 'go'],
      ['b', ''],
    ])
    expect(tracer.next(tracer.initial(), { type: 'other' })).toBeUndefined()
  })
})

describe('the guards before an event', () => {
  it('are asked each by itself, also after one that says no', () => {
    const asked = guardsAsked(new Stepper(machine).initial(), { type: 'go' })
    expect(asked.map(({ verdict }) => verdict)).toEqual([false, null, true, true, false])
    expect(asked.map(({ transition }) => transition.eventType)).toEqual([
      ...['go', 'go', 'go', 'go', '*'],
    ])
  })

  it('are none where the state has no transition for it', () => {
    const tracer = new Tracer(machine)
    const { snapshot } = tracer.next(tracer.initial(), { type: 'go' })!
    expect(guardsAsked(snapshot, { type: 'go' })).toEqual([])
  })
})
