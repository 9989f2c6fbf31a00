/** The order's machine with a side street of so many states that no order is ever in. */
import { type AnyStateMachine, createMachine } from 'xstate'
import { orderMachine } from '../../src/order/machine.ts'
import { large } from '../chart/machines.ts'

export function manyStates(count: number): AnyStateMachine {
  const { config, implementations } = orderMachine as unknown as AnyStateMachine
  const more = JSON.stringify(large(count).config.states).replaceAll('#large.', '#order.')
  const states = { ...config.states, ...JSON.parse(more) }
  return createMachine({ ...config, states } as never, implementations as never)
}
