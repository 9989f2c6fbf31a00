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
import type { OrderView } from '../view/order-view.ts'
import type { Identity } from './auth/identity.ts'

/** What is answered is either a result, as JSON can hold it, or a refusal. */
export type ReadAnswer = { readonly result: unknown } | Refusal

/** Events that `events.read` looks at in one call for one that it may show. */
const scanFactor = 10

export class Reads {
  readonly #view: OrderView
  readonly #log: EventLog
  readonly #config: Config

  constructor(view: OrderView, log: EventLog, config: Config) {
    this.#view = view
    this.#log = log
    this.#config = config
  }

  get({ orderId }: ReadParams<'order.get'>, identity: Identity): ReadAnswer {
    const view = this.#visible(orderId, identity)
    return view ? { result: view } : orderNotFound(orderId)
  }

  list({ limit, ...query }: ReadParams<'order.list'>, identity: Identity): ReadAnswer {
    const { customerId } = identity
    if (customerId !== null) {
      if ((query.customerId ?? customerId) !== customerId) return forbiddenCustomer(customerId)
      query.customerId = customerId
      // To go on after somebody else's order would tell that there is one.
      if (query.after !== undefined && !this.#visible(query.after, identity)) {
        return { result: { orders: [] } }
      }
    }
    return { result: this.#view.list({ ...query, limit: limit ?? this.#config.listOrdersDefault }) }
  }

  async history({ orderId }: ReadParams<'order.history'>, identity: Identity): Promise<ReadAnswer> {
    if (!this.#visible(orderId, identity)) return orderNotFound(orderId)
    const events = await this.#view.history(orderId)
    return events ? { result: { events: events.map(wireEvent) } } : orderNotFound(orderId)
  }

  async at({ orderId, eventId }: ReadParams<'order.at'>, identity: Identity): Promise<ReadAnswer> {
    const { eventId: head } = this.#view
    if (eventId > head) throw new PositionAheadError(eventId, head)
    const isVisible = this.#visible(orderId, identity) !== undefined
    const view = isVisible ? await this.#view.at(orderId, eventId) : undefined
    return view ? { result: view } : orderNotFound(orderId, ` just after event ${eventId}`)
  }

  /** @throws {PositionAheadError} if `from` is past the event that comes next */
  async events(
    { from, limit }: ReadParams<'events.read'>,
    identity: Identity,
  ): Promise<ReadAnswer> {
    const { head } = this.#log
    if (from > head + 1) throw new PositionAheadError(from, head)
    const count = limit ?? this.#config.readEventsMax
    const last = Math.min(head, Math.max(from, this.#log.firstEventId) - 1 + count * scanFactor)
    const events: RecordedEvent[] = []
    let seen = from - 1
    reading: for await (const batch of this.#log.read(from)) {
      for (const event of batch) {
        if (events.length === count || event.eventId > last) break reading
        if (this.#visible(event.orderId, identity)) events.push(event)
        seen = event.eventId
      }
    }
    const next = seen < head && seen >= from ? { next: seen + 1 } : {}
    return { result: { events: events.map(wireEvent), head, ...next } }
  }

  /** The order's view, if there is one that this identity may see. */
  #visible(orderId: string, { customerId }: Identity): View | undefined {
    const view = this.#view.get(orderId)
    if (!view || customerId === null) return view
    return this.#view.ownerOf(view) === customerId ? view : undefined
  }
}

export function overloaded(message: string): Refusal {
  return { refused: 'OVERLOADED', message, details: {} }
}

export function forbiddenCustomer(customerId: string): Refusal {
  const message = `This token is for the orders of customer ${customerId} only.`
  return { refused: 'FORBIDDEN', message, details: {} }
}

function orderNotFound(orderId: string, when = ''): Refusal {
  return {
    refused: 'ORDER_NOT_FOUND',
    message: `There is no order ${orderId}${when}.`,
    details: { orderId },
  }
}
