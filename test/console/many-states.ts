/** The order's machine with a side street of other states, which no order is ever in. */
import { type AnyStateMachine, createMachine } from 'xstate'
import { orderMachine } from '../../src/order/machine.ts'
import { hostileNames, large, named } from '../chart/machines.ts'

function withStates(more: object): AnyStateMachine {
  const { config, implementations } = orderMachine as unknown as AnyStateMachine
  const states = { ...config.states, ...more }
  return createMachine({ ...config, states } as never, implementations as never)
}

/** So many more. */
export function manyStates(count: number): AnyStateMachine {
  const more = JSON.stringify(large(count).config.states).replaceAll('#large.', '#order.')
  return withStates(JSON.parse(more))
}

/** States, events, guards and actions by names that might break what shows them. */
export const hostileStates = (): AnyStateMachine =>
  withStates(named(hostileNames).config.states as object)
