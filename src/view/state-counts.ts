import type { StateValue } from 'xstate'
import { frozenState } from '../statechart/state-value.ts'

interface Counted {
  readonly state: StateValue
  count: number
}

/**
 * How many orders are in each state value. Equal state values are made one object, so that a
 * million orders share a handful of them.
 */
export class StateCounts {
  readonly #counted = new Map<string, Counted>()
  /** The same by the shared forms, which is what most are already. */
  readonly #shared = new Map<StateValue, Counted>()

  /** Moves one order from a state to another, and returns the shared form of the new one. */
  move(before: StateValue | undefined, after: StateValue): StateValue {
    if (before === after && this.#shared.has(after)) return after
    if (before !== undefined) this.#of(before).count--
    const counted = this.#of(after)
    counted.count++
    return counted.state
  }

  /** So many more orders are in a state. */
  put(state: StateValue, count: number): void {
    this.#of(state).count += count
  }

  *entries(): Generator<readonly [StateValue, number]> {
    for (const { state, count } of this.#counted.values()) if (count > 0) yield [state, count]
  }

  #of(state: StateValue): Counted {
    return this.#shared.get(state) ?? this.#share(state)
  }

  #share(state: StateValue): Counted {
    const key = keyOf(state)
    const known = this.#counted.get(key)
    if (known) return known
    const counted = { state: frozenState(state), count: 0 }
    this.#counted.set(key, counted)
    this.#shared.set(counted.state, counted)
    return counted
  }
}

function keyOf(state: StateValue): string {
  if (typeof state === 'string') return state
  let key = '{'
  for (const region in state) key += `${region}:${keyOf(state[region]!)},`
  return `${key}}`
}
