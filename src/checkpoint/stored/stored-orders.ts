import type { StateValue } from 'xstate'
import type { View } from '../../domain.ts'
import type { BitsPart } from '../cut.ts'

/** The orders that a checkpoint has, each as it was when the checkpoint was written. */
export interface StoredOrders {
  /** All events up to this one are in it. */
  readonly eventId: number
  /** How many orders it has: those with the places from 0 on. */
  readonly size: number
  /** @throws {CheckpointDamagedError} as all of these do, if what is read was not written so */
  find(orderId: string): StoredOrder | undefined
  view(place: number): View
  /** The place of the order that an event is of. */
  placeOf(eventId: number): number
  /** The places, from one on, of the orders that may be a customer's, ascending; few are not. */
  owned(customerId: string, from: number): Iterable<number>
}

export interface StoredOrder {
  readonly place: number
  readonly view: View
}

/** Of a log without a checkpoint. */
export const nothingStored = (firstEventId: number): StoredOrders => ({
  eventId: firstEventId - 1,
  size: 0,
  find: () => undefined,
  view: (place) => noSuch(`order at place ${place}`),
  placeOf: (eventId) => noSuch(`event ${eventId}`),
  owned: () => [],
})

function noSuch(what: string): never {
  throw new RangeError(`There is no ${what}.`)
}

/** What a checkpoint counts. */
export interface Stocktaking {
  readonly statuses: Iterable<BitsPart>
  readonly inStates: Iterable<BitsPart>
  readonly states: readonly (readonly [StateValue, number])[]
}
