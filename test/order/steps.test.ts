/** Every step in every state, legal or not, as the machine itself generates them. */

import { describe, expect, it } from 'vitest'
import { type AnyMachineSnapshot, type AnyStateNode, createActor } from 'xstate'
import { orderMethods } from '../../src/order/commands.ts'
import { orderMachine } from '../../src/order/machine.ts'
import { askMachine } from '../../src/order/view.ts'
import { describeState } from '../../src/statechart/state-value.ts'
import { keyOf, type Step, walk } from './walk.ts'

const steps = walk()
const methods = Object.keys(orderMethods)
const states = new Map<string, Step[]>()
for (const step of steps) {
  const state = describeState(step.from.value)
  const known = states.get(state)
  if (known) known.push(step)
  else states.set(state, [step])
}

describe('the states of an order', () => {
  it('are these seven', () => {
    expect([...states.keys()].sort()).toEqual([
      'cancelled',
      'completed',
      'open (payment paid, fulfilment shipped)',
      'open (payment paid, fulfilment unfulfilled)',
      'open (payment partiallyPaid, fulfilment unfulfilled)',
      'open (payment unpaid, fulfilment unfulfilled)',
      'unplaced',
    ])
  })

  it('are never final: more may come', () => {
    expect(new Set(steps.map(({ from }) => from.status))).toEqual(new Set(['active']))
  })

  it('are not changed by what is decided in them', () => {
    const before = new Map<AnyMachineSnapshot, string>()
    for (const { from } of steps) before.set(from, keyOf(from))
    walk()
    for (const [from, key] of before) expect(keyOf(from)).toBe(key)
  })
})

for (const [state, stepsHere] of states) {
  describe(state, () => {
    for (const method of methods) {
      const tried = stepsHere.filter((step) => step.method === method)
      it(`${method}: an event that the machine takes, or a refusal that says why`, () => {
        expect(tried.length).toBeGreaterThan(0)
        for (const step of tried) expectSound(step)
      })
    }

    it('names in `can` the methods that it takes with some params, and no other', () => {
      const taken = new Map<AnyMachineSnapshot, Set<string>>()
      for (const { from, method, to } of stepsHere) {
        const here = taken.get(from) ?? new Set()
        taken.set(from, to ? here.add(method) : here)
      }
      for (const [from, here] of taken) expect(new Set(askMachine(from))).toEqual(here)
    })
  })
}

function expectSound({ from, event, outcome, to }: Step): void {
  if (!('refused' in outcome)) {
    expect(outcome).toEqual(event)
    expect(to).toBeDefined()
    return
  }
  expect(to).toBeUndefined()
  const { guard, can, state } = outcome.details as { guard?: string; can: unknown; state: unknown }
  expect(state).toEqual(from.value)
  expect(can).toEqual(askMachine(from))
  expect(guard !== undefined).toBe(hasTransition(from, event.type))
  if (guard !== undefined) expect(verdict(guard, from, event)).toBe(false)
  if (guard === undefined) expect(outcome.refused).toBe('NOT_ALLOWED')
}

function hasTransition({ _nodes }: AnyMachineSnapshot, type: string): boolean {
  return (_nodes as AnyStateNode[]).some((node) => node.transitions.has(type))
}

function verdict(name: string, { context }: AnyMachineSnapshot, event: Step['event']): boolean {
  const guard = orderMachine.implementations.guards[name as never] as unknown
  return (guard as (args: object) => boolean)({ context, event })
}

describe('the edges of the machine', () => {
  it('are all taken by the walk', () => {
    const untaken = new Map(edgesBelow(orderMachine.root))
    for (const { from, event, to } of steps) {
      if (!to) continue
      for (const edge of edgesTaken(from, event)) untaken.delete(edge)
    }
    expect([...untaken.values()]).toEqual([])
  })

  it('are refused by each of their guards at some step', () => {
    const guards = new Set(
      steps.flatMap(({ outcome }) => ('refused' in outcome ? [outcome.details['guard']] : [])),
    )
    // paidIsSafe needs payments near 2^53, which decide.test.ts makes.
    for (const name of eventGuards()) {
      if (name !== 'paidIsSafe') expect(guards).toContain(name)
    }
  })
})

function edgesBelow(node: AnyStateNode): [object, string][] {
  const own = [...node.transitions.values(), node.always ?? []].flat()
  const named = own.map((edge): [object, string] => {
    const targets = edge.target?.map(({ id }) => id).join(', ') ?? 'itself'
    return [edge, `${node.id} ${edge.eventType || 'always'} -> ${targets}`]
  })
  return [...named, ...Object.values(node.states).flatMap(edgesBelow)]
}

function edgesTaken(snapshot: AnyMachineSnapshot, event: Step['event']): object[] {
  const edges: object[] = []
  const actor = createActor(orderMachine, {
    snapshot: snapshot as never,
    inspect: (inspection) => {
      if (inspection.type === '@xstate.microstep') edges.push(...inspection._transitions)
    },
  })
  actor.start()
  actor.send(event)
  actor.stop()
  return edges
}

/** The guards that answer to an event; those of `always` follow what was paid. */
function eventGuards(): string[] {
  const following = new Set(['isPartlyPaid', 'isUnpaid'])
  const names = Object.keys(orderMachine.implementations.guards)
  return names.filter((name) => !following.has(name))
}
