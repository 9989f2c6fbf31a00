/**
 * The answers to the calls that read: from the view, and for history from the log. To a token that
 * is bound to a customer, other customers' orders are as if they were not there.
 */
import type { Config } from '../config.ts'
import type { RecordedEvent, Refusal, View } from '../domain.ts'
import { PositionAheadError } from '../errors.ts'
import type { EventLog } from '../log/event-log.ts'
import type { ReadParams } from '../protocol/methods.ts'
import { wireEvent } from '../protocol/wire.ts'
import { type Runtime, yieldTurn } from '../runtime.ts'
import type { OrderView } from '../view/order-view.ts'
import type { Identity } from './auth/identity.ts'
import { Listing } from './listing.ts'
import type { PathStep, Paths } from './paths.ts'
import { forbiddenCustomer, orderNotFound, tooLong } from './refusals.ts'
import { customersCounts } from './tally.ts'
import type { Walks } from './walks.ts'
import type { Passages } from './watch/passages.ts'

/** What is answered: a result, as JSON can hold it or as its JSON text, or a refusal. */
export type ReadAnswer = { readonly result: unknown } | { readonly text: string } | Refusal

export interface ReadsOptions {
  readonly view: OrderView
  readonly log: EventLog
  readonly config: Config
  readonly runtime: Runtime
  readonly walks: Walks
  readonly passages: Passages
}

/** Events that `events.read` looks at in one call for one that it may show. */
const scanFactor = 10

export class Reads {
  readonly #view: OrderView
  readonly #log: EventLog
  readonly #config: Config
  readonly #runtime: Runtime
  readonly #walks: Walks
  readonly #listing: Listing
  readonly #passages: Passages

  constructor({ view, log, config, runtime, walks, passages }: ReadsOptions) {
    this.#view = view
    this.#log = log
    this.#config = config
    this.#runtime = runtime
    this.#walks = walks
    this.#passages = passages
    this.#listing = new Listing(view, config, runtime)
  }

  get({ orderId }: ReadParams<'order.get'>, identity: Identity): ReadAnswer {
    const view = this.#visible(orderId, identity)
    return view ? { result: view } : orderNotFound(orderId)
  }

  list(
    { sort, before, idPrefix, limit: asked, ...query }: ReadParams<'order.list'>,
    identity: Identity,
  ): ReadAnswer | Promise<ReadAnswer> {
    const { customerId } = identity
    if (customerId !== null) {
      if ((query.customerId ?? customerId) !== customerId) return forbiddenCustomer(customerId)
      query.customerId = customerId
      // To go on after somebody else's order would tell that there is one.
      if (query.after !== undefined && !this.#visible(query.after, identity)) {
        return { result: { orders: [] } }
      }
    }
    const limit = asked ?? this.#config.listOrdersDefault
    if (sort !== 'changed') return { result: this.#view.list({ ...query, limit }) }
    const { status, state, customerId: owner } = query
    const filter = { status, state, customerId: owner, idPrefix }
    const page = this.#listing.byChange({ ...filter, before, limit })
    return page.then((result) => ({ result }))
  }

  counts({ customerId }: Identity): ReadAnswer | Promise<ReadAnswer> {
    if (customerId !== null) {
      return this.#walks.run(() =>
        customersCounts(this.#view, customerId, this.#config, this.#runtime),
      )
    }
    const { eventId } = this.#view
    return { result: { eventId, ...this.#view.counts(), edges: this.#passages.counts() } }
  }

  async history({ orderId }: ReadParams<'order.history'>, identity: Identity): Promise<ReadAnswer> {
    const view = this.#visible(orderId, identity)
    if (!view) return orderNotFound(orderId)
    const { historyEventsMax: max } = this.#config
    if (view.version > max) return tooLong(view, `order.history gives up to ${max}`)
    return this.#walks.of(view, async () => {
      const events = await this.#view.history(orderId)
      return events ? this.#historyOf(view, events) : orderNotFound(orderId)
    })
  }

  /** The edges that the order has taken, by its events from one on. */
  async path(
    { orderId, from = 0 }: ReadParams<'order.path'>,
    identity: Identity,
    paths: Paths,
  ): Promise<ReadAnswer> {
    const view = this.#visible(orderId, identity)
    if (!view) return orderNotFound(orderId)
    const { historyEventsMax: max, eventsPerTurnMax } = this.#config
    if (view.version > max) return tooLong(view, `order.path gives up to ${max}`)
    return this.#walks.of(view, async () => {
      const steps: PathStep[] = []
      let done = 0
      for (const step of paths.steps((await this.#view.history(orderId)) ?? [])) {
        if (step.eventId >= from) steps.push(step)
        if (++done % eventsPerTurnMax === 0) await yieldTurn(this.#runtime)
      }
      return { result: { steps } }
    })
  }

  /** @throws {PositionAheadError} if there is no such event yet */
  async at({ orderId, eventId }: ReadParams<'order.at'>, identity: Identity): Promise<ReadAnswer> {
    const { eventId: head } = this.#view
    if (eventId > head) throw new PositionAheadError(eventId, head)
    const notThere = orderNotFound(orderId, ` just after event ${eventId}`)
    const now = this.#visible(orderId, identity)
    if (!now) return notThere
    return this.#walks.of(now, async () => {
      const view = await this.#view.at(orderId, eventId)
      return view ? { result: view } : notThere
    })
  }

  /** @throws {PositionAheadError} if `from` is past the event that comes next */
  async events(
    { from, limit }: ReadParams<'events.read'>,
    identity: Identity,
  ): Promise<ReadAnswer> {
    // What is durable and not shown yet would be left out, as if it were another customer's.
    const { eventId: head } = this.#view
    if (from > head + 1) throw new PositionAheadError(from, head)
    const count = limit ?? this.#config.readEventsMax
    const last = Math.min(head, Math.max(from, this.#log.firstEventId) - 1 + count * scanFactor)
    const events: RecordedEvent[] = []
    let seen = from - 1
    reading: for await (const batch of this.#log.read(from)) {
      if (seen >= from) await yieldTurn(this.#runtime)
      for (const event of batch) {
        if (events.length === count || event.eventId > last) break reading
        if (this.#visible(event.orderId, identity)) events.push(event)
        seen = event.eventId
      }
    }
    const next = seen < head && seen >= from ? { next: seen + 1 } : {}
    return { result: { events: events.map(wireEvent), head, ...next } }
  }

  async #historyOf(view: View, events: readonly RecordedEvent[]): Promise<ReadAnswer> {
    const { eventsPerTurnMax, outboxCloseBytes } = this.#config
    const texts: string[] = []
    let length = 0
    for (const event of events) {
      const text = JSON.stringify(wireEvent(event))
      length += text.length
      if (length > outboxCloseBytes) {
        return tooLong(view, `they have more than the ${outboxCloseBytes} bytes of one answer`)
      }
      if (texts.push(text) % eventsPerTurnMax === 0) await yieldTurn(this.#runtime)
    }
    return { text: `{"events":[${texts.join()}]}` }
  }

  /** The order's view, if there is one that this identity may see. */
  #visible(orderId: string, { customerId }: Identity): View | undefined {
    const view = this.#view.get(orderId)
    if (!view || customerId === null) return view
    return this.#view.ownerOf(view) === customerId ? view : undefined
  }
}
