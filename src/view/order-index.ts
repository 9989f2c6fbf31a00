/** What orders are found and counted by: status, customer, state. By place, in the order of placing. */
import type { StateValue } from 'xstate'
import type { StatusPart } from '../checkpoint/cut.ts'
import { bitsPerRecord } from '../checkpoint/stored/layout.ts'
import type { Stocktaking, StoredOrders } from '../checkpoint/stored/stored-orders.ts'
import type { View } from '../domain.ts'
import { activeStates } from '../statechart/state-value.ts'
import { Bitset } from './bitset.ts'
import { StateCounts } from './state-counts.ts'

export interface Counts {
  readonly orders: number
  readonly byStatus: Readonly<Record<string, number>>
  /** How many orders are in each state that has none inside it: `open.payment.paid` to a number. */
  readonly byState: Readonly<Record<string, number>>
}

const noOrders = new Bitset()

export class OrderIndex<V extends View> {
  readonly #ownerOf: (view: V) => string | null
  readonly #byStatus = new Map<string, Bitset>()
  /** Of the orders that the checkpoint does not have yet. */
  #byCustomer = new Map<string, number[]>()
  readonly #states = new StateCounts()

  constructor(ownerOf: (view: V) => string | null) {
    this.#ownerOf = ownerOf
  }

  /** Goes on from what a checkpoint has. */
  restore({ statuses, states }: Stocktaking): void {
    for (const { status, part, words } of statuses) this.#statusSet(status).put(part, words)
    for (const [state, count] of states) this.#states.put(state, count)
  }

  /** Moves an order to a state, and returns the form of it that orders share. */
  moveState(before: StateValue | undefined, after: StateValue): StateValue {
    return this.#states.move(before, after)
  }

  /** Takes in how an order is shown; `before` is undefined where it is new. */
  put(place: number, view: V, before: V | undefined): void {
    if (before === undefined) this.#insert(place, view)
    else if (view.status !== before.status) {
      this.#statusSet(before.status).delete(place)
      this.#statusSet(view.status).add(place)
    }
  }

  /** The places of the orders of a status from one on, ascending. */
  ofStatus(status: string, from: number): Iterable<number> {
    return this.#byStatus.get(status)?.from(from) ?? []
  }

  hasStatus(place: number, status: string): boolean {
    return this.#byStatus.get(status)?.has(place) ?? false
  }

  /** The same of a customer; with a status, those that have it, of which no view is read for that. */
  *owned(
    customerId: string,
    from: number,
    status: string | undefined,
    stored: StoredOrders,
  ): Generator<number> {
    const withStatus = status === undefined ? undefined : (this.#byStatus.get(status) ?? noOrders)
    const newer = placesFrom(this.#byCustomer.get(customerId) ?? [], from)
    for (const places of [stored.owned(customerId, from), newer]) {
      for (const place of places) if (withStatus?.has(place) ?? true) yield place
    }
  }

  counts(orders: number): Counts {
    const byStatus: Record<string, number> = {}
    for (const [status, members] of this.#byStatus) {
      if (members.size > 0) byStatus[status] = members.size
    }
    const byState: Record<string, number> = {}
    for (const [state, count] of this.#states.entries()) {
      for (const path of activeStates(state)) byState[path] = (byState[path] ?? 0) + count
    }
    return { orders, byStatus, byState }
  }

  /** What of it has changed since the last call, for a checkpoint. */
  cut(): { readonly statuses: StatusPart[]; readonly states: (readonly [StateValue, number])[] } {
    const statuses: StatusPart[] = []
    for (const [status, members] of this.#byStatus) {
      for (const part of members.takeChanged()) {
        statuses.push({ status, part, words: members.part(part) })
      }
    }
    return { statuses, states: [...this.#states.entries()] }
  }

  /** The checkpoint has so many orders. */
  cutWritten(orders: number): void {
    const left = new Map<string, number[]>()
    for (const [customerId, places] of this.#byCustomer) {
      if (places.at(-1)! >= orders) left.set(customerId, [...placesFrom(places, orders)])
    }
    this.#byCustomer = left
  }

  cutDropped(statuses: readonly StatusPart[]): void {
    for (const { status, part } of statuses) this.#statusSet(status).markChanged(part)
  }

  #insert(place: number, view: V): void {
    this.#statusSet(view.status).add(place)
    const owner = this.#ownerOf(view)
    if (owner === null) return
    const places = this.#byCustomer.get(owner)
    if (places) places.push(place)
    else this.#byCustomer.set(owner, [place])
  }

  #statusSet(status: string): Bitset {
    const known = this.#byStatus.get(status)
    if (known) return known
    const members = new Bitset(bitsPerRecord)
    this.#byStatus.set(status, members)
    return members
  }
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
