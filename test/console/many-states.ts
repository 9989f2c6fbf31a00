/** The order's machine with a long side street of states that no order is ever in. */
import { type AnyStateMachine, createMachine } from 'xstate'
import { orderMachine } from '../../src/order/machine.ts'

export function manyStates(count: number): AnyStateMachine {
  const { config, implementations } = orderMachine as unknown as AnyStateMachine
  const names = Array.from({ length: count }, (_, n) => `aRatherLongNameOfAState${n}`)
  const more = names.map((name, n) => [
    name,
    { on: { [`SomethingHappened${n % 7}`]: names[(n * 7 + 1) % count], '*': names[n + 1] ?? name } },
  ])
  const states = { ...config.states, ...Object.fromEntries(more) }
  return createMachine({ ...config, states } as never, implementations as never)
}
