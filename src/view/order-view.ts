/**
 * OrderView: listens to the recorded events, applies them one by one, and shows the latest state of
 * every order. Those that have changed lately are in memory, the others in the checkpoint. It may be
 * lost at any time, and is rebuilt from the log.
 */
import type { AnyMachineSnapshot } from 'xstate'
import { EventPlaces } from '../checkpoint/event-places.ts'
import { Fold } from '../checkpoint/fold.ts'
import type { Head, OrderHeads } from '../checkpoint/heads.ts'
import { type Past, readPast } from '../checkpoint/past.ts'
import type { Stocktaking } from '../checkpoint/stored/stored-orders.ts'
import { type Config, defaults } from '../config.ts'
import type { Domain, Recorded, RecordedEvent, Standing, View } from '../domain.ts'
import { PositionAheadError } from '../errors.ts'
import type { EventLog } from '../log/event-log.ts'
import { type HistoryOptions, readHistory } from '../log/history.ts'
import { type Runtime, yieldTurn } from '../runtime.ts'
import { activeStates } from '../statechart/state-value.ts'
import { ChangedBefore } from './changed-before.ts'
import { ChangedSince } from './changed-since.ts'
import { Cuts } from './cuts.ts'
import { type Counts, isWithin, type OrderFilter, OrderIndex } from './order-index.ts'
import { standingOf } from './standing.ts'

export type { Counts }

export interface ListQuery extends OrderFilter {
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

export class OrderView<V extends View = View> {
  readonly #domain: Domain<never, V>
  readonly #heads: OrderHeads
  readonly #limit: number
  readonly firstEventId: number
  readonly #history: HistoryOptions
  readonly #fold: Fold
  /** For checkpoints. */
  readonly cuts: Cuts<V>
  #index!: OrderIndex<V>
  #places!: EventPlaces
  #eventId!: number

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
    this.firstEventId = log.firstEventId
    this.#history = { log, eventsPerTurn, turn: () => yieldTurn(runtime) }
    this.#fold = new Fold(domain.machine)
    this.startOver()
    this.cuts = new Cuts({
      heads,
      shown: () => ({ index: this.#index, places: this.#places, eventId: this.#eventId }),
      ownerOf: (view) => domain.owner(view),
    })
  }

  /** Begins, or begins once more, with what the checkpoint has; to be followed by `restore`. */
  startOver(): void {
    const { stored } = this.#heads
    this.#index = new OrderIndex((view) => this.#domain.owner(view))
    this.#eventId = stored.size > 0 ? stored.eventId : this.firstEventId - 1
    this.#places = new EventPlaces(this.#heads, this.#eventId + 1)
  }

  /** eventId of the newest event that the view shows. */
  get eventId(): number {
    return this.#eventId
  }

  /** How many orders there are. */
  get size(): number {
    return this.#heads.size
  }

  /** How many orders are in memory. */
  get keptCount(): number {
    return this.#heads.keptCount
  }

  /** Applies one recorded event, and returns the order as it is now. */
  apply({ event, snapshot }: Recorded, head: Head): V {
    const view = this.show(head, standingOf(event, head.view?.createdAt), snapshot)
    this.applied(event.eventId, head.place)
    return view
  }

  /** Shows an order as some event left it. What it was shown as before need not be known to anyone. */
  show(head: Head, standing: Standing, snapshot: AnyMachineSnapshot): V {
    const before = head.view as V | undefined
    const view = this.#viewOf(standing, snapshot, before)
    head.view = view
    this.#index.put(head.place, view, before)
    return view
  }

  /** An event of the order at a place is shown, or is about to be. */
  applied(eventId: number, place: number): void {
    this.#places.push(place)
    this.#eventId = eventId
  }

  /** Goes on from what a checkpoint counts. */
  restore(stocktaking: Stocktaking): void {
    this.#index.restore(stocktaking)
  }

  /** The latest state of an order; undefined where there is none of that id. */
  get(orderId: string): V | undefined {
    return this.#heads.get(orderId)?.view as V | undefined
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
    const { after, limit = this.#limit } = query
    if (!Number.isInteger(limit) || limit < 1) {
      throw new RangeError(`limit must be a whole number from 1 on, and is ${limit}.`)
    }
    const last = after === undefined ? -1 : this.#heads.get(after)?.place
    if (last === undefined) return { orders: [] }
    const orders: V[] = []
    for (const place of this.#candidates(last + 1, query)) {
      const view = this.viewAt(place)
      if (!this.fits(view, query)) continue
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
    wanted: OrderFilter,
    from: number,
    end: number,
    count: number,
  ): { readonly views: readonly V[]; readonly next: number } {
    const views: V[] = []
    for (const place of this.#candidates(from, wanted)) {
      if (place >= end) break
      if (views.length === count) return { views, next: place }
      const view = this.viewAt(place)
      if (this.fits(view, wanted)) views.push(view)
    }
    return { views, next: end }
  }

  /** The orders that have changed after an event. */
  changedSince(eventId: number): ChangedSince<V> {
    return new ChangedSince(this, Math.max(eventId, this.firstEventId - 1))
  }

  /** The orders by their last change, the newest first: those before an event. */
  changedBefore(eventId: number): ChangedBefore<V> {
    return new ChangedBefore(this, eventId)
  }

  /** The order that an event is of, as it is now. */
  viewOfEvent(eventId: number): V {
    return this.viewAt(this.placeOfEvent(eventId))
  }

  placeOfEvent(eventId: number): number {
    return this.#places.at(eventId)
  }

  viewAt(place: number): V {
    return this.#heads.viewAt(place) as V
  }

  /** Whether the order at a place has a status, and is in a state, without a look at it. */
  mayFit(place: number, { status, state }: OrderFilter): boolean {
    if (status !== undefined && !this.#index.hasStatus(place, status)) return false
    return state === undefined || this.#index.isInState(place, state)
  }

  /** At most so many orders have such a status and state; infinite where neither is named. */
  sizeOf(filter: OrderFilter): number {
    return this.#index.sizeOf(filter)
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
    const past = await this.past(orderId, eventId)
    const newest = past?.events.at(-1)
    if (!past || !newest) return undefined
    return this.#domain.view(past.snapshot, standingOf(newest, past.events[0]?.recordedAt))
  }

  /** What the order had heard by that event, and the state that it led to; undefined where there is none. */
  async past(orderId: string, eventId: number): Promise<Past | undefined> {
    const now = this.get(orderId)
    return now && (await readPast(this.#fold, this.#history, now.eventId, eventId))
  }

  counts(): Counts {
    return this.#index.counts(this.size)
  }

  /** Whether the filter means this order, as it is shown here. */
  fits(view: V, { status, state, customerId }: OrderFilter): boolean {
    if (status !== undefined && view.status !== status) return false
    if (state !== undefined && !activeStates(view.state).some((path) => isWithin(path, state))) {
      return false
    }
    return customerId === undefined || this.ownerOf(view) === customerId
  }

  /** The places to look at from `from` on, ascending: those of one filter, and perhaps some more. */
  #candidates(from: number, filter: OrderFilter): Iterable<number> {
    const { status, state, customerId } = filter
    const { stored } = this.#heads
    if (customerId !== undefined) return this.#index.owned(customerId, from, filter, stored)
    if (state !== undefined) return this.#index.inState(state, from)
    if (status !== undefined) return this.#index.ofStatus(status, from)
    return range(from, this.size)
  }

  #viewOf(standing: Standing, snapshot: AnyMachineSnapshot, before: V | undefined): V {
    const derived = this.#domain.view(snapshot, standing)
    const state = this.#index.moveState(before?.state, derived.state)
    return derived.state === state ? derived : { ...derived, state }
  }
}

/** @throws {RangeError} naming what it is, if it cannot be an eventId */
export function assertEventId(name: string, eventId: number): void {
  if (Number.isSafeInteger(eventId) && eventId >= 0) return
  throw new RangeError(`${name} must be an eventId, a whole number from 0 on, and is ${eventId}.`)
}

function* range(from: number, end: number): Generator<number> {
  for (let index = from; index < end; index++) yield index
}
