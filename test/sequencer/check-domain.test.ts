import { describe, expect, it } from 'vitest'
import { createMachine, fromPromise, setup } from 'xstate'
import { type Domain, DomainError, MemoryLog, openEngine, orderDomain } from '../../src/index.ts'

describe('a domain that cannot be run', () => {
  const after = createMachine({
    id: 'slow',
    initial: 'a',
    states: { a: { after: { 1000: 'b' } }, b: {} },
  })
  const invoking = setup({ actors: { mail: fromPromise(async () => 1) } }).createMachine({
    id: 'busy',
    initial: 'a',
    states: { a: { invoke: { src: 'mail' } } },
  })
  const { 'order.new': place } = orderDomain.methods
  const { NewOrderEvent: form } = orderDomain.events
  const cases: [string, Partial<Record<keyof Domain, unknown>>, RegExp][] = [
    ['delayed transitions', { machine: after }, /slow\.a has delayed transitions/],
    ['an invoked actor', { machine: invoking }, /busy\.a invokes an actor/],
    [
      'an event without a form',
      { methods: { ...orderDomain.methods, 'order.lose': { ...place, records: 'OrderLost' } } },
      /order\.lose records OrderLost, which has no form/,
    ],
    [
      'an event whose form is every object’s',
      { methods: { ...orderDomain.methods, 'order.lose': { ...place, records: 'toString' } } },
      /order\.lose records toString, which has no form/,
    ],
    [
      'a method that names no order',
      { methods: { 'order.new': { ...place, params: form!.data } } },
      /order\.new does not name an orderId/,
    ],
    [
      'a method that is the engine’s own',
      { methods: { ...orderDomain.methods, 'order.get': place } },
      /order\.get is a method of the engine's own/,
    ],
    ['an event of no good name', { events: { ...orderDomain.events, 'a b': form } }, /a b is no/],
    ['a refusal that is the engine’s own', { refusals: { STOPPING: 2020 } }, /STOPPING \(2020\)/],
    ['a code that is the engine’s own', { refusals: { LOST: 3001 } }, /LOST \(3001\)/],
    ['a code that is not a domain’s', { refusals: { LOST: -32603 } }, /not numbered from 2006/],
  ]

  it.each(cases)('is refused: %s', async (_, parts, message) => {
    const domain = { ...orderDomain, name: 'broken', ...parts } as unknown as Domain
    const opening = openEngine({ log: new MemoryLog(), domain })
    await expect(opening).rejects.toThrow(DomainError)
    await expect(opening).rejects.toThrow(message)
    await expect(opening).rejects.toThrow(/The domain broken cannot be run/)
  })
})
