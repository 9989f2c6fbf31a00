/** The answers to the calls that read: from the view, and for history from the log. */
import type { Config } from '../config.ts'
import type { RecordedEvent, Refusal } from '../domain.ts'
import { PositionAheadError } from '../errors.ts'
import type { EventLog } from '../log/event-log.ts'
import type { ReadParams } from '../protocol/methods.ts'
import { wireEvent } from '../protocol/wire.ts'
import type { OrderView } from '../view/order-view.ts'

/** What is answered is either a result, as JSON can hold it, or a refusal. */
export type ReadAnswer = { readonly result: unknown } | Refusal

export class Reads {
  readonly #view: OrderView
  readonly #log: EventLog
  readonly #config: Config

  constructor(view: OrderView, log: EventLog, config: Config) {
    this.#view = view
    this.#log = log
    this.#config = config
  }

  get({ orderId }: ReadParams<'order.get'>): ReadAnswer {
    const view = this.#view.get(orderId)
    return view ? { result: view } : orderNotFound(orderId)
  }

  list({ limit, ...query }: ReadParams<'order.list'>): ReadAnswer {
    return { result: this.#view.list({ ...query, limit: limit ?? this.#config.listOrdersDefault }) }
  }

  async history({ orderId }: ReadParams<'order.history'>): Promise<ReadAnswer> {
    const events = await this.#view.history(orderId)
    return events ? { result: { events: events.map(wireEvent) } } : orderNotFound(orderId)
  }

  async at({ orderId, eventId }: ReadParams<'order.at'>): Promise<ReadAnswer> {
    const view = await this.#view.at(orderId, eventId)
    return view ? { result: view } : orderNotFound(orderId, ` just after event ${eventId}`)
  }

  /** @throws {PositionAheadError} if `from` is past the event that comes next */
  async events({ from, limit }: ReadParams<'events.read'>): Promise<ReadAnswer> {
    const { head } = this.#log
    if (from > head + 1) throw new PositionAheadError(from, head)
    const count = limit ?? this.#config.readEventsMax
    const events: RecordedEvent[] = []
    for await (const batch of this.#log.read(from)) {
      events.push(...batch.slice(0, count - events.length))
      if (events.length >= count) break
    }
    return { result: { events: events.map(wireEvent), head } }
  }
}

export function overloaded(message: string): Refusal {
  return { refused: 'OVERLOADED', message, details: {} }
}

function orderNotFound(orderId: string, when = ''): Refusal {
  return {
    refused: 'ORDER_NOT_FOUND',
    message: `There is no order ${orderId}${when}.`,
    details: { orderId },
  }
}
