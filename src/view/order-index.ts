/** What orders are found and counted by: status, customer, state. By place, in the order of placing. */
import type { StateValue } from 'xstate'
import type { Cut } from '../checkpoint/cut.ts'
import type { Stocktaking, StoredOrders } from '../checkpoint/stored/stored-orders.ts'
import type { View } from '../domain.ts'
import { activeStates } from '../statechart/state-value.ts'
import type { Bitset } from './bitset.ts'
import { OrderSets, union } from './order-sets.ts'
import { StateCounts } from './state-counts.ts'

/** Which orders are meant: those to which all of it applies. */
export interface OrderFilter {
  readonly status?: string | undefined
  /** The path of a state: orders in it, or in one inside of it. */
  readonly state?: string | undefined
  readonly customerId?: string | undefined
}

export interface Counts {
  readonly orders: number
  readonly byStatus: Readonly<Record<string, number>>
  /** How many orders are in each state that has none inside it: `open.payment.paid` to a number. */
  readonly byState: Readonly<Record<string, number>>
}

/** The places of orders, ascending, by their customers. */
type PlacesBy = Map<string, number[]>

export class OrderIndex<V extends View> {
  readonly #ownerOf: (view: V) => string | null
  readonly #byStatus = new OrderSets()
  /** By the paths of the states that have none inside them. */
  readonly #byState = new OrderSets()
  /** Those that a state value is in; orders share a handful of these. */
  readonly #setsOf = new WeakMap<object, readonly Bitset[]>()
  /**
   * Of the orders that the checkpoint does not have yet: those that the one under way takes up, and newer
   * ones. A pair, and not two fields: see `OrderHeads` on what V8 takes for constant.
   */
  readonly #byCustomer: [before: PlacesBy, newer: PlacesBy] = [new Map(), new Map()]
  readonly #states = new StateCounts()

  constructor(ownerOf: (view: V) => string | null) {
    this.#ownerOf = ownerOf
  }

  /** Goes on from what a checkpoint has. */
  restore({ statuses, inStates, states }: Stocktaking): void {
    for (const part of statuses) this.#byStatus.put(part)
    for (const part of inStates) this.#byState.put(part)
    for (const [state, count] of states) this.#states.put(state, count)
  }

  /** Moves an order to a state, and returns the form of it that orders share. */
  moveState(before: StateValue | undefined, after: StateValue): StateValue {
    return this.#states.move(before, after)
  }

  /** Takes in how an order is shown, its state in the form that orders share; `before` is undefined where it is new. */
  put(place: number, view: V, before: V | undefined): void {
    if (before === undefined) this.#insert(place, view)
    else if (view.status !== before.status) {
      this.#byStatus.named(before.status).delete(place)
      this.#byStatus.named(view.status).add(place)
    }
    if (view.state !== before?.state) this.#moveTo(place, view.state, before?.state)
  }

  /** The places of the orders of a status from one on, ascending. */
  ofStatus(status: string, from: number): Iterable<number> {
    return this.#byStatus.from(status, from)
  }

  /** The same of those that are in a state, or in one inside of it. */
  inState(state: string, from: number): Iterable<number> {
    const [first, ...more] = this.#pathsIn(state)
    if (first === undefined) return []
    if (more.length === 0) return this.#byState.from(first, from)
    return union([first, ...more].map((path) => this.#byState.from(path, from)))
  }

  /** At most so many orders have the status, and are in the state, where these are named. */
  sizeOf({ status, state }: OrderFilter): number {
    const ofStatus = status === undefined ? Number.POSITIVE_INFINITY : this.#byStatus.sizeOf(status)
    if (state === undefined) return ofStatus
    const sizes = this.#pathsIn(state).map((path) => this.#byState.sizeOf(path))
    return Math.min(
      ofStatus,
      sizes.reduce((sum, size) => sum + size, 0),
    )
  }

  hasStatus(place: number, status: string): boolean {
    return this.#byStatus.has(status, place)
  }

  isInState(place: number, state: string): boolean {
    return this.#pathsIn(state).some((path) => this.#byState.has(path, place))
  }

  /** The same of a customer, of those that have the status and are in the state, where these are named. */
  *owned(
    customerId: string,
    from: number,
    { status, state }: OrderFilter,
    stored: StoredOrders,
  ): Generator<number> {
    const [before, newer] = this.#byCustomer.map((places) =>
      placesFrom(places.get(customerId) ?? [], from),
    )
    for (const places of [stored.owned(customerId, from), before!, newer!]) {
      for (const place of places) {
        if (status !== undefined && !this.hasStatus(place, status)) continue
        if (state === undefined || this.isInState(place, state)) yield place
      }
    }
  }

  counts(orders: number): Counts {
    const byStatus: Record<string, number> = {}
    for (const status of this.#byStatus.names()) {
      const size = this.#byStatus.sizeOf(status)
      if (size > 0) byStatus[status] = size
    }
    const byState: Record<string, number> = {}
    for (const [state, count] of this.#states.entries()) {
      for (const path of activeStates(state)) byState[path] = (byState[path] ?? 0) + count
    }
    return { orders, byStatus, byState }
  }

  /** What of it has changed since the last call, for a checkpoint; to be followed by one of the others. */
  cut(): Pick<Cut, 'statuses' | 'inStates' | 'states'> {
    this.#byCustomer[0] = this.#byCustomer[1]
    this.#byCustomer[1] = new Map()
    const states = [...this.#states.entries()]
    return { statuses: this.#byStatus.cut(), inStates: this.#byState.cut(), states }
  }

  /** The checkpoint has it. */
  cutWritten(): void {
    this.#byCustomer[0] = new Map()
  }

  cutDropped({ statuses, inStates }: Pick<Cut, 'statuses' | 'inStates'>): void {
    this.#byStatus.cutDropped(statuses)
    this.#byState.cutDropped(inStates)
    const [before, newer] = this.#byCustomer
    for (const [customerId, places] of newer) {
      before.set(customerId, [...(before.get(customerId) ?? []), ...places])
    }
    this.#byCustomer[0] = new Map()
    this.#byCustomer[1] = before
  }

  #insert(place: number, view: V): void {
    this.#byStatus.named(view.status).add(place)
    const owner = this.#ownerOf(view)
    if (owner === null) return
    const newer = this.#byCustomer[1]
    const places = newer.get(owner)
    if (places) places.push(place)
    else newer.set(owner, [place])
  }

  #moveTo(place: number, state: StateValue, before: StateValue | undefined): void {
    const enters = this.#leaves(state)
    const leaves = before === undefined ? none : this.#leaves(before)
    for (let at = 0; at < leaves.length; at++) {
      if (!enters.includes(leaves[at]!)) leaves[at]!.delete(place)
    }
    for (let at = 0; at < enters.length; at++) enters[at]!.add(place)
  }

  #leaves(state: StateValue): readonly Bitset[] {
    if (typeof state === 'string') return [this.#byState.named(state)]
    const known = this.#setsOf.get(state)
    if (known) return known
    const sets = activeStates(state).map((path) => this.#byState.named(path))
    this.#setsOf.set(state, sets)
    return sets
  }

  /** The paths of the sets that a state is, or that are inside of it. */
  #pathsIn(state: string): readonly string[] {
    return [...this.#byState.names()].filter((path) => isWithin(path, state))
  }
}

const none: readonly Bitset[] = []

/** Whether a state, by its path, is another one or inside of it. */
export function isWithin(path: string, state: string): boolean {
  return path === state || path.startsWith(`${state}.`)
}

/** The numbers of an ascending list from `from` on, found by halving. */
function* placesFrom(ascending: readonly number[], from: number): Generator<number> {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ascending[middle]! < from) low = middle + 1
    else high = middle
  }
  for (let index = low; index < ascending.length; index++) yield ascending[index]!
}
