import { describe, expect, it } from 'vitest'
import { type AnyStateMachine, createMachine } from 'xstate'
import { edgesBetween } from '../../src/chart/model/between.ts'
import { chartOf, edgeIdsOf } from '../../src/chart/model/read.ts'
import { orderMachine } from '../../src/order/machine.ts'
import { activeStates } from '../../src/statechart/state-value.ts'
import { Tracer } from '../../src/statechart/tracer.ts'
import { walk } from '../order/walk.ts'
import { rich } from './machines.ts'

describe('the edges between two states', () => {
  it('are those that an order takes, wherever it can be and whatever happens', () => {
    const machine = orderMachine as unknown as AnyStateMachine
    const chart = chartOf(machine)
    const ids = edgeIdsOf(machine)
    const tracer = new Tracer(machine)
    let steps = 0
    for (const { from, event } of walk()) {
      const traced = tracer.next(from, event)
      if (!traced) continue
      steps++
      const leaves = [activeStates(from.value), activeStates(traced.snapshot.value)] as const
      const taken = traced.taken.map((transition) => ids.get(transition))
      const told = edgesBetween(chart, leaves[0], event.type, leaves[1])
      expect({ event, leaves, told }).toEqual({ event, leaves, told: taken })
    }
    expect(steps).toBeGreaterThan(100)
  })

  it('are the inner ones where an outer state has one for the event, too', () => {
    const machine = createMachine({
      initial: 'a',
      on: { go: '.b' },
      states: { a: { on: { go: 'b', 'come.*': 'b', '*': 'b' } }, b: {} },
    })
    const between = (event: string) => edgesBetween(chartOf(machine), ['a'], event, ['b'])
    expect(between('go')).toEqual(['a|go|0'])
    expect(between('come.in')).toEqual(['a|come.*|0'])
  })

  it('are none where nothing leads from the one to the other', () => {
    expect(edgesBetween(chartOf(rich), ['nowhere'], 'none', ['nowhere'])).toEqual([])
  })
})

describe('the ids of the transitions of a machine', () => {
  it('are those of the edges of its chart', () => {
    for (const machine of [rich, orderMachine as unknown as AnyStateMachine]) {
      const edges = chartOf(machine).edges.filter(({ trigger }) => trigger !== 'history')
      expect([...edgeIdsOf(machine).values()]).toEqual(edges.map(({ id }) => id))
    }
  })
})
