import { describe, expect, it } from 'vitest'
import { type AnyStateMachine, createActor, createMachine } from 'xstate'
import { hashOf } from '../../src/chart/chart.ts'
import { chartOf } from '../../src/chart/model/read.ts'
import { orderMachine } from '../../src/order/machine.ts'
import { activeStates } from '../../src/statechart/state-value.ts'
import { delivered, newOrder, paid, shipped } from '../support/orders.ts'
import { rich } from './machines.ts'

const order = orderMachine as unknown as AnyStateMachine
const chart = chartOf(rich)
const state = (id: string) => chart.states.find((one) => one.id === id)
const edge = (id: string) => chart.edges.find((one) => one.id === id)

describe('the chart of a machine', () => {
  it('has the states of the order machine, by the paths that a view names', () => {
    expect(chartOf(order).states.map(({ id, type }) => [id, type])).toEqual([
      ['', 'compound'],
      ['unplaced', 'atomic'],
      ['open', 'parallel'],
      ['open.payment', 'compound'],
      ['open.payment.unpaid', 'atomic'],
      ['open.payment.partiallyPaid', 'atomic'],
      ['open.payment.paid', 'atomic'],
      ['open.fulfilment', 'compound'],
      ['open.fulfilment.unfulfilled', 'atomic'],
      ['open.fulfilment.shipped', 'atomic'],
      ['open.fulfilment.delivered', 'atomic'],
      ['completed', 'atomic'],
      ['cancelled', 'atomic'],
    ])
    const actor = createActor(orderMachine).start()
    const ids = new Set(chartOf(order).states.map(({ id }) => id))
    for (const event of [
      newOrder({ quantity: 1, unitPrice: 5 }),
      paid(5),
      shipped(),
      delivered(),
    ]) {
      actor.send(event)
      for (const path of activeStates(actor.getSnapshot().value)) expect(ids).toContain(path)
    }
    expect(actor.getSnapshot().value).toBe('completed')
  })

  it('names the transition that an event took, by its source, its type and its place', () => {
    const took: string[] = []
    const edges = new Map(chartOf(order).edges.map((edge) => [edge.id, edge]))
    const inspect = (inspected: any) => {
      if (inspected.type !== '@xstate.microstep') return
      for (const taken of inspected._transitions) {
        if (taken.eventType === null || taken.eventType === undefined) continue
        const { source, eventType } = taken
        const all = eventType === '' ? source.always : source.transitions.get(eventType)
        took.push(`${source.path.join('.')}|${eventType}|${all.indexOf(taken)}`)
      }
    }
    const actor = createActor(orderMachine, { inspect }).start()
    for (const event of [
      newOrder({ quantity: 2, unitPrice: 5 }),
      paid(5),
      paid(5, 'p-2'),
      shipped(),
    ]) {
      actor.send(event)
    }
    expect(took).toEqual([
      'unplaced|NewOrderEvent|0',
      'open.payment|OrderPaymentEvent|0',
      'open.payment.unpaid||1',
      'open.payment|OrderPaymentEvent|0',
      'open.payment.partiallyPaid||0',
      'open.fulfilment.unfulfilled|OrderShippedEvent|0',
    ])
    for (const id of took) expect(edges.has(id)).toBe(true)
    expect(edges.get('open.payment.unpaid||1')).toMatchObject({
      trigger: 'always',
      targets: ['open.payment.partiallyPaid'],
      guard: 'isPartlyPaid',
    })
  })

  it('has guards in words, params and actions', () => {
    expect(edge('idle|Load|0')?.guard).toBe('isNew and not (isLate or in #w)')
    expect(edge('idle|Load|1')?.guard).toBe('isOver {"limit":5}')
    expect(edge('work.run|Tick|0')).toMatchObject({ targets: [], actions: ['raise Pause'] })
    expect(edge('loading|xstate.done.actor.user|0')?.actions).toEqual(['assign'])
  })

  it('tells what starts each transition', () => {
    const triggers = chart.edges.map(({ id, trigger, delay, actor }) => [
      id,
      trigger,
      delay ?? actor,
    ])
    expect(triggers).toEqual(
      expect.arrayContaining([
        ['work.run|Pause|0', 'event', null],
        ['|*|0', 'event', null],
        ['failed||0', 'always', null],
        ['loading|xstate.after.30000.rich.loading|0', 'after', 30000],
        ['loading|xstate.after.patience.rich.loading|0', 'after', 'patience'],
        ['work|xstate.done.state.w|0', 'done', null],
        ['loading|xstate.done.actor.user|0', 'done', 'user'],
        ['loading|xstate.error.actor.user|0', 'error', 'user'],
        ['loading|xstate.snapshot.user|0', 'snapshot', 'user'],
        ['work.before|history|0', 'history', null],
      ]),
    )
  })

  it('has where states begin, what they do, and what they hold', () => {
    expect(state('')).toMatchObject({ name: 'rich', parent: null, initial: { target: 'idle' } })
    expect(state('work')).toMatchObject({
      parent: '',
      initial: { target: 'work.run', actions: ['save'] },
      entry: [],
      exit: ['save'],
      description: 'Where the work is done',
    })
    expect(state('idle')).toMatchObject({ entry: ['note', 'save'], tags: ['calm'], initial: null })
    // What XState adds to start and stop its timers is not what the machine says.
    expect(state('loading')).toMatchObject({
      entry: [],
      exit: [],
      invokes: [{ id: 'user', src: 'loadUser' }],
    })
    expect(state('work.before')).toMatchObject({ type: 'history', history: 'deep' })
    expect(state('both.last')).toMatchObject({ type: 'history', history: 'shallow' })
    expect(state('done')).toMatchObject({ type: 'final' })
  })

  it('has targets of all kinds: inside, outside, itself, several', () => {
    expect(edge('|Reset|0')?.targets).toEqual(['idle'])
    expect(edge('work.run|Abort|0')?.targets).toEqual(['failed'])
    expect(edge('work.paused|Up|0')?.targets).toEqual(['work'])
    expect(edge('work|Retry|0')).toMatchObject({ targets: ['work'], reenter: true })
    expect(edge('both|Split|0')?.targets).toEqual(['both.left.l2', 'both.right.r2'])
    expect(edge('failed|Resume|0')?.targets).toEqual(['work.before'])
    expect(edge('failed|error.*|0')).toMatchObject({ targets: [], actions: [] })
  })

  it('tells apart states whose paths read the same', () => {
    const machine = createMachine({
      id: 'm',
      initial: 'a',
      states: { a: { initial: 'b', states: { b: {} } }, 'a.b': {} },
    })
    const { states } = chartOf(machine as never)
    expect(states.map(({ id }) => id)).toEqual(['', 'a', 'a.b', 'a.b~2'])
    expect(states.at(-1)?.path).toEqual(['a.b'])
  })

  it('calls what has no name inline', () => {
    function isOdd() {
      return true
    }
    const machine = createMachine({
      id: 'm',
      on: { E: [{ guard: () => true, actions: () => {} }, { guard: isOdd }] },
    })
    expect(chartOf(machine as never).edges).toMatchObject([
      { guard: 'inline', actions: ['inline'] },
      { guard: 'isOdd', actions: [] },
    ])
  })

  it('is another with another machine, and has another hash', () => {
    const of = (guard: string) =>
      hashOf(chartOf(createMachine({ id: 'm', on: { E: { guard } } }) as never))
    expect(of('a')).toBe(of('a'))
    expect(of('a')).not.toBe(of('b'))
  })
})
