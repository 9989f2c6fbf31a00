/** A compiled machine beside XState's interpreter: the same events, the same in all that is seen. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  assign,
  createActor,
  createMachine,
  type EventObject,
  enqueueActions,
  fromPromise,
  raise,
  sendTo,
  setup,
} from 'xstate'
import { orderMachine } from '../../../src/order/machine.ts'
import { compile } from '../../../src/statechart/compiled/compile.ts'
import {
  cancelled,
  delivered,
  modified,
  newOrder,
  paid,
  refunded,
  shipped,
} from '../../support/orders.ts'
import { look, type Run, run } from './observing.ts'
import { anyEvents, drawMachine } from './random-machines.ts'

/** Of each kind, with ids of their own so that none counts as a repeat. */
const orderEvents = (place: number): readonly EventObject[] => [
  newOrder({ quantity: 2, unitPrice: 5 }),
  ...[0, 1, 3].map((quantity) => modified({ sku: 'widget', quantity })),
  ...[5, 10].map((amount) => paid(amount, `payment-${place}`)),
  ...[5, 10].map((amount) => refunded(amount, `refund-${place}`)),
  shipped(),
  delivered(),
  cancelled(),
]

function withoutMicrosteps({ inspected, ...rest }: Run): Run {
  const isMicrostep = (told: unknown) => (told as { type: string }).type === '@xstate.microstep'
  return { ...rest, inspected: inspected.filter((told) => !isMicrostep(told)) }
}

const logger = () => {}
const asAny = (machine: unknown) => machine as AnyStateMachine

describe('a compiled machine', () => {
  it('goes the way of the interpreter, whatever the machine and the events', () => {
    fc.assert(
      fc.property(fc.gen(), anyEvents, fc.nat(3), (gen, events, input) => {
        const machine = drawMachine(gen)
        const compiled = compile(machine)
        expect(compiled.interpreted).toEqual([])
        const expected = run(machine, events, input)
        const seen = run(compiled.machine, events, input)
        expect(seen, JSON.stringify(machine.config)).toEqual(expected)
        const unseen = run(compiled.uninspected, events, input)
        expect(withoutMicrosteps(unseen)).toEqual(withoutMicrosteps(expected))
      }),
      // What fails is not shrunk: it takes minutes. The message has the machine.
      { numRuns: 500, endOnFailure: true },
    )
  })

  it('goes on from a snapshot that the interpreter made, and from one that was stored', () => {
    const going = (machine: AnyStateMachine, snapshot: AnyMachineSnapshot) => {
      const actor = createActor(machine, { snapshot, logger } as never)
      actor.subscribe({ error: () => {} })
      actor.start()
      if (actor.getSnapshot().status === 'active') actor.send({ type: 'A' } as never)
      return look(actor.getSnapshot() as AnyMachineSnapshot)
    }
    fc.assert(
      fc.property(fc.gen(), anyEvents, (gen, events) => {
        const machine = drawMachine(gen)
        const actor = createActor(machine, { logger } as never)
        actor.subscribe({ error: () => {} })
        actor.start()
        for (const event of events) {
          if (actor.getSnapshot().status === 'active') actor.send(event)
        }
        const stored = JSON.parse(JSON.stringify(actor.getPersistedSnapshot()))
        const compiled = compile(machine).machine
        expect(going(compiled, stored)).toEqual(going(machine, stored))
        const live = actor.getSnapshot()
        expect(going(compiled, live)).toEqual(going(machine, live))
      }),
      { numRuns: 100, endOnFailure: true },
    )
  })

  it('goes every way that an order can go', () => {
    const interpreted = asAny(orderMachine)
    const { machine } = compile(interpreted)
    const reached = (of: AnyStateMachine, events: readonly EventObject[]) => {
      const actor = createActor(of).start()
      for (const event of events) actor.send(event as never)
      return actor.getSnapshot() as AnyMachineSnapshot
    }
    const edges = new Set<string>()
    const seen = new Set<string>()
    const ways: (readonly EventObject[])[] = [[]]
    for (const way of ways) {
      const here = reached(interpreted, way)
      for (const event of orderEvents(way.length)) {
        const next = reached(interpreted, [...way, event])
        expect(look(reached(machine, [...way, event]))).toEqual(look(next))
        const { total, paid, refunded } = next.context
        const state = JSON.stringify([next.value, total, paid - refunded])
        if (here.can(event as never)) edges.add(`${JSON.stringify(here.value)} ${event.type}`)
        if (seen.has(state)) continue
        seen.add(state)
        ways.push([...way, event])
      }
    }
    // Placed 1; open and unfulfilled 10; shipped 2; refunded once completed or cancelled 2.
    expect([...edges]).toHaveLength(15)
  })

  it('takes its own snapshot as it is, with its regions in the order that they had', () => {
    const { machine } = compile(asAny(orderMachine))
    const actor = createActor(machine).start()
    actor.send(newOrder())
    actor.send(paid(5000))
    const snapshot = actor.getSnapshot()
    expect(createActor(machine, { snapshot }).start().getSnapshot()).toBe(snapshot)
  })

  it('is the same machine to those who look at it', () => {
    const { machine } = compile(asAny(orderMachine))
    expect(machine.id).toBe('order')
    expect(JSON.stringify(machine)).toBe(JSON.stringify(orderMachine))
    const actor = createActor(machine).start()
    actor.send(newOrder())
    const { value, context } = actor.getSnapshot()
    expect(machine.resolveState({ value, context } as never).can(shipped())).toBe(false)
    expect(actor.getSnapshot().machine).toBe(orderMachine)
  })

  it('takes no snapshot of another machine for its own', () => {
    const going = (target: string) =>
      asAny(
        createMachine({
          id: 'o',
          initial: 'x',
          states: { x: { on: { go: target } }, y: {}, z: {} },
        }),
      )
    const snapshot = createActor(compile(going('y')).machine)
      .start()
      .getSnapshot()
    const actor = createActor(compile(going('z')).machine, { snapshot }).start()
    actor.send({ type: 'go' })
    expect(actor.getSnapshot().value).toBe('z')
  })

  const odd: readonly (readonly [string, unknown, readonly EventObject[]])[] = [
    [
      'guards that are null or false',
      {
        initial: 'a',
        states: {
          a: { on: { go: { guard: null, target: 'b' } } },
          b: { on: { go: { guard: false, target: 'a' } } },
        },
      },
      [{ type: 'go' }, { type: 'go' }],
    ],
    ...['a\\.b', '.a', 'a.b', 'nope'].map(
      (target) =>
        [
          `a history state that leads to ${target}`,
          {
            initial: 'o',
            states: {
              o: { on: { go: 'p.h' } },
              p: {
                initial: 'c',
                states: {
                  c: {},
                  'a.b': {},
                  a: { initial: 'z', states: { z: {}, b: {} } },
                  h: { type: 'history', target },
                },
              },
            },
          },
          [{ type: 'go' }],
        ] as const,
    ),
    [
      'an event of nothing that it raises itself',
      {
        on: {
          go: { actions: [raise((() => undefined) as never), raise({ type: 'b' })] },
          b: { actions: 'x' },
        },
      },
      [{ type: 'go' }],
    ],
    [
      'an event that looks like its beginning',
      { initial: 'a', states: { a: { on: { 'xstate.init': 'b' } }, b: {} } },
      [{ type: 'xstate.init' }],
    ],
  ]

  it.each(odd)('goes the way of the interpreter with %s', (_, config, events) => {
    const machine = asAny(createMachine(config as never))
    const seen = (of: AnyStateMachine) => {
      const actor = createActor(of)
      actor.subscribe({ error: () => {} })
      actor.start()
      for (const event of events) if (actor.getSnapshot().status === 'active') actor.send(event)
      const { value, status } = actor.getSnapshot() as AnyMachineSnapshot
      return { value, status }
    }
    expect(seen(compile(machine).machine)).toEqual(seen(machine))
  })

  it('does nothing for an action that is null', () => {
    const machine = asAny(
      createMachine({ on: { go: { actions: 'A' } } }, { actions: { A: null } } as never),
    )
    const actor = createActor(compile(machine).machine).start()
    actor.send({ type: 'go' })
    expect(actor.getSnapshot().status).toBe('active')
  })

  it('is compiled once', () => {
    expect(compile(orderMachine)).toBe(compile(orderMachine))
  })

  it('shares all that does not depend on the order between snapshots', () => {
    const { machine } = compile(asAny(orderMachine))
    const states = ['a', 'b'].map((id) => {
      const actor = createActor(machine, { id }).start()
      actor.send(newOrder())
      return actor.getSnapshot()
    })
    expect(states[0]!.value).toBe(states[1]!.value)
    expect(states[0]!.context).not.toBe(states[1]!.context)
  })

  it('remembers a bounded number of event types', () => {
    const { machine } = compile(asAny(createMachine({ on: { 'thing.*': { actions: 'note' } } })))
    const actor = createActor(machine).start()
    for (let count = 0; count < 25_000; count++) actor.send({ type: `thing.${count}` })
    expect(actor.getSnapshot().can({ type: 'thing.25000' })).toBe(true)
    expect(actor.getSnapshot().can({ type: 'another.25000' })).toBe(false)
  })

  it('says that it spawns no actors', () => {
    const child = createMachine({})
    const spawning = assign({
      child: ({ spawn }: { spawn: (logic: unknown) => unknown }) => spawn(child),
    })
    const { machine } = compile(
      asAny(createMachine({ context: {}, on: { go: { actions: spawning } } } as never)),
    )
    const actor = createActor(machine)
    const errors: unknown[] = []
    actor.subscribe({ error: (error) => errors.push(error) })
    actor.start().send({ type: 'go' })
    expect(String(errors)).toContain('spawns no actors')
  })
})

describe('a machine outside of what is compiled', () => {
  const outside: readonly (readonly [string, unknown])[] = [
    ['(machine) has delayed transitions (after)', createMachine({ after: { 1000: {} } })],
    ['(machine) invokes an actor', createMachine({ invoke: { src: fromPromise(async () => 1) } })],
    [
      '(machine) has the action xstate.sendTo',
      createMachine({ entry: sendTo('other', { type: 'hello' }) }),
    ],
    [
      '(machine).a has the action xstate.raise with a delay',
      createMachine({
        initial: 'a',
        states: { a: { on: { go: { actions: raise({ type: 'on' }, { delay: 10 }) } } } },
      }),
    ],
    [
      '(machine) has the action xstate.enqueueActions',
      setup({ actions: { many: enqueueActions(() => {}) } }).createMachine({ exit: 'many' }),
    ],
  ]

  it.each(outside)('is run by the interpreter, which is told: %s', (line, machine) => {
    const compiled = compile(asAny(machine))
    expect(compiled.interpreted).toContain(line)
    expect(compiled.machine).toBe(machine)
  })
})
