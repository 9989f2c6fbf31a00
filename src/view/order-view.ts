/**
 * OrderView: listens to the recorded events, applies them one by one, and keeps the latest state of
 * every order. It may be lost at any time, and is rebuilt from the log.
 */
import type { AnyMachineSnapshot } from 'xstate'
import { Fold } from '../checkpoint/fold.ts'
import type { OrderHeads } from '../checkpoint/heads.ts'
import { readPast } from '../checkpoint/past.ts'
import { type Config, defaults } from '../config.ts'
import type { Change, Domain, Recorded, RecordedEvent, Standing, View } from '../domain.ts'
import { PositionAheadError } from '../errors.ts'
import type { EventLog } from '../log/event-log.ts'
import { type HistoryOptions, readHistory } from '../log/history.ts'
import { type Runtime, yieldTurn } from '../runtime.ts'
import { activeStates } from '../statechart/state-value.ts'
import { Bitset } from './bitset.ts'
import { ChangedSince } from './changed-since.ts'
import { Recency } from './recency.ts'
import { StateCounts } from './state-counts.ts'

export interface ListQuery {
  readonly status?: string
  readonly customerId?: string
  /** The orderId after which to go on: `next` of the page before. */
  readonly after?: string
  readonly limit: number
}

/** A page of orders, in the order in which they were placed. */
export interface Page<V extends View = View> {
  readonly orders: readonly V[]
  /** Where the next page goes on; absent on the last one. */
  readonly next?: string
}

export interface Counts {
  readonly orders: number
  readonly byStatus: Readonly<Record<string, number>>
  /** How many orders are in each state that has none inside it: `open.payment.paid` to a number. */
  readonly byState: Readonly<Record<string, number>>
}

export class OrderView<V extends View = View> {
  readonly #domain: Domain<never, V>
  readonly #heads: OrderHeads
  readonly #limit: number
  readonly #history: HistoryOptions
  readonly #fold: Fold
  /** In the order of placing: by the place that an order's head names. */
  readonly #views: V[] = []
  readonly #byStatus = new Map<string, Bitset>()
  readonly #byCustomer = new Map<string, number[]>()
  readonly #states = new StateCounts()
  #recency = new Recency()
  #eventId: number

  constructor(
    domain: Domain<never, V>,
    log: EventLog,
    heads: OrderHeads,
    runtime: Runtime,
    {
      eventsPerTurnMax: eventsPerTurn,
      listOrdersDefault,
    }: Pick<Config, 'eventsPerTurnMax' | 'listOrdersDefault'> = defaults,
  ) {
    this.#domain = domain
    this.#heads = heads
    this.#limit = listOrdersDefault
    this.#history = { log, eventsPerTurn, turn: () => yieldTurn(runtime) }
    this.#fold = new Fold(domain.machine)
    this.#eventId = log.firstEventId - 1
  }

  /** eventId of the newest event that the view shows. */
  get eventId(): number {
    return this.#eventId
  }

  /** How many orders there are. */
  get size(): number {
    return this.#views.length
  }

  /**
   * Applies one recorded event, and returns the order as it was and as it is now.
   *
   * @param place of the order's head: its number in the order of placing
   */
  apply({ event, snapshot }: Recorded, place: number): Change<V> {
    const before = this.#views[place]
    const view = this.#viewOf(standing(event, before?.createdAt), snapshot, before)
    if (before === undefined) this.#insert(view)
    else this.#replace(place, before, view)
    this.#recency.touch(place)
    this.#eventId = event.eventId
    return { view, before }
  }

  /**
   * Shows an order as its newest event left it, where none of its others was applied: the next one
   * in the order of placing. To be ended by `restored`.
   */
  restore(standing: Standing, snapshot: AnyMachineSnapshot): void {
    this.#insert(this.#viewOf(standing, snapshot, undefined))
  }

  /**
   * Goes on from there.
   *
   * @param recency has the places of all orders, in the order of their last changes
   */
  restored(eventId: number, recency: Recency): void {
    this.#eventId = eventId
    this.#recency = recency
  }

  /** The latest state of an order; undefined where there is none of that id. */
  get(orderId: string): V | undefined {
    const head = this.#heads.get(orderId)
    return head && this.#views[head.place]
  }

  /**
   * A page of orders. An `after` that is no order's id gives an empty page.
   *
   * @throws {TypeError} if the query is no object
   * @throws {RangeError} if the limit is not a whole number from 1 on
   */
  list(query: Partial<ListQuery> = {}): Page<V> {
    if (typeof query !== 'object' || query === null) {
      throw new TypeError(`list takes an object such as { limit: 10 }, and was given ${query}.`)
    }
    const { status, customerId, after, limit = this.#limit } = query
    if (!Number.isInteger(limit) || limit < 1) {
      throw new RangeError(`limit must be a whole number from 1 on, and is ${limit}.`)
    }
    const last = after === undefined ? -1 : this.#heads.get(after)?.place
    if (last === undefined) return { orders: [] }
    const orders: V[] = []
    for (const index of this.#candidates(last + 1, status, customerId)) {
      const view = this.#views[index] as V
      if (status !== undefined && view.status !== status) continue
      if (orders.length === limit) return { orders, next: (orders.at(-1) as V).orderId }
      orders.push(view)
    }
    return { orders }
  }

  /** Whose order it is, or null; undefined where there is none of that id. */
  ownerOfOrder(orderId: string): string | null | undefined {
    const view = this.get(orderId)
    return view && this.ownerOf(view)
  }

  /** Whose order it is, or null. */
  ownerOf(view: V): string | null {
    return this.#domain.owner(view)
  }

  /**
   * For walking through orders in parts: the views that fit from the index `from` to before `end`,
   * at most `count`, and the index to go on from. An order's index is its place in the order of
   * placing, and never changes; `size` is the end of all.
   */
  part(
    { status, customerId }: { status?: string | undefined; customerId?: string | undefined },
    from: number,
    end: number,
    count: number,
  ): { readonly views: readonly V[]; readonly next: number } {
    const views: V[] = []
    for (const index of this.#candidates(from, status, customerId)) {
      if (index >= end) break
      if (views.length === count) return { views, next: index }
      const view = this.#views[index] as V
      if (status === undefined || view.status === status) views.push(view)
    }
    return { views, next: end }
  }

  /** The orders that have changed after an event; to be ended where it is not walked to its end. */
  changedSince(eventId: number): ChangedSince<V> {
    return new ChangedSince(this.#views, this.#recency, eventId)
  }

  /** All events of an order, oldest first; undefined where there is none of that id. */
  async history(orderId: string): Promise<RecordedEvent[] | undefined> {
    const view = this.get(orderId)
    return view && (await readHistory(this.#history, view.eventId))
  }

  /**
   * The order as it was just after the event, which may be another order's; undefined where it was
   * not there yet.
   *
   * @throws {PositionAheadError} if there is no such event yet
   * @throws {RangeError} if the eventId is not a whole number from 0 on
   */
  async at(orderId: string, eventId: number): Promise<V | undefined> {
    assertEventId('eventId', eventId)
    if (eventId > this.#eventId) throw new PositionAheadError(eventId, this.#eventId)
    const now = this.get(orderId)
    if (!now) return undefined
    const { events, snapshot } = await readPast(this.#fold, this.#history, now.eventId, eventId)
    const newest = events.at(-1)
    return newest && this.#domain.view(snapshot, standing(newest, now.createdAt))
  }

  counts(): Counts {
    const byStatus: Record<string, number> = {}
    for (const [status, members] of this.#byStatus) {
      if (members.size > 0) byStatus[status] = members.size
    }
    const byState: Record<string, number> = {}
    for (const [state, count] of this.#states.entries()) {
      for (const path of activeStates(state)) byState[path] = (byState[path] ?? 0) + count
    }
    return { orders: this.size, byStatus, byState }
  }

  /** The indexes to look at from `from` on, ascending: those of the narrower of the two filters. */
  #candidates(from: number, status?: string, customerId?: string): Iterable<number> {
    if (customerId !== undefined) return indexesFrom(this.#byCustomer.get(customerId) ?? [], from)
    if (status !== undefined) return this.#byStatus.get(status)?.from(from) ?? []
    return range(from, this.#views.length)
  }

  #viewOf(standing: Standing, snapshot: AnyMachineSnapshot, before: V | undefined): V {
    const derived = this.#domain.view(snapshot, standing)
    const state = this.#states.move(before?.state, derived.state)
    // It is handed out: a program that changes it must not change what others are shown.
    return Object.freeze(derived.state === state ? derived : { ...derived, state })
  }

  #insert(view: V): void {
    const index = this.#views.push(view) - 1
    this.#statusSet(view.status).add(index)
    const owner = this.#domain.owner(view)
    if (owner === null) return
    const indexes = this.#byCustomer.get(owner)
    if (indexes) indexes.push(index)
    else this.#byCustomer.set(owner, [index])
  }

  #replace(index: number, before: V, view: V): void {
    this.#views[index] = view
    if (view.status === before.status) return
    this.#statusSet(before.status).delete(index)
    this.#statusSet(view.status).add(index)
  }

  #statusSet(status: string): Bitset {
    const known = this.#byStatus.get(status)
    if (known) return known
    const members = new Bitset()
    this.#byStatus.set(status, members)
    return members
  }
}

/** @throws {RangeError} naming what it is, if it cannot be an eventId */
export function assertEventId(name: string, eventId: number): void {
  if (Number.isSafeInteger(eventId) && eventId >= 0) return
  throw new RangeError(`${name} must be an eventId, a whole number from 0 on, and is ${eventId}.`)
}

function standing(event: RecordedEvent, createdAt: number | undefined): Standing {
  const { orderId, eventId, version, recordedAt } = event
  return { orderId, eventId, version, createdAt: createdAt ?? recordedAt, updatedAt: recordedAt }
}

function* range(from: number, end: number): Generator<number> {
  for (let index = from; index < end; index++) yield index
}

/** The numbers of an ascending list from `from` on, found by halving. */
function* indexesFrom(ascending: readonly number[], from: number): Generator<number> {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ascending[middle]! < from) low = middle + 1
    else high = middle
  }
  for (let place = low; place < ascending.length; place++) yield ascending[place]!
}
