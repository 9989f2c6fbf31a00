import type { StateValue } from 'xstate'
import type { View } from '../domain.ts'
import type { Head } from './heads.ts'
import type { Newest } from './stored/about.ts'

/** All that a checkpoint has to take up: what has changed since the one before, as it is at one event. */
export interface Cut {
  readonly eventId: number
  readonly newest: Newest
  /** How many orders there are. */
  readonly orders: number
  /** Of the orders that have changed; those that no checkpoint has by place. They move on. */
  readonly heads: readonly Head[]
  /** How one of them was shown at this event. */
  readonly viewOf: (head: Head) => View
  /** Of what has changed, which orders have each status, and which are in each state. */
  readonly statuses: readonly BitsPart[]
  readonly inStates: readonly BitsPart[]
  readonly states: readonly (readonly [StateValue, number])[]
  /** Of the events since the one before, the places of their orders. */
  readonly places: Uint32Array
}

/** Which orders of a part have a status, or are in a state that has none inside it: a bit each. */
export interface BitsPart {
  /** Of the status, or the path of the state. */
  readonly name: string
  readonly part: number
  readonly words: Uint32Array
}

/** What a checkpoint is of: OrderView. */
export interface Cuttable {
  /** How many orders have changed since the last cut. */
  readonly changedCount: number
  /** Undefined where nothing has changed. To be followed by one of the others before the next. */
  cut(): Cut | undefined
  /** The checkpoint has it; what need not be in memory may be let go of. */
  cutWritten(cut: Cut): void
  /** It has not, and the next one has to. */
  cutDropped(cut: Cut): void
  /** Whose order it is, or null. */
  ownerOf(view: View): string | null
  /** Lets go of some orders; true where there are more. */
  letGo(keptMax: number, countMax: number): boolean
}
