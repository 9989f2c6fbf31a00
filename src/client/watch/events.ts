/** Events, each exactly once and in order, over any number of connections. */
import type { WireEvent } from '../../protocol/wire.ts'
import { ClientError } from '../errors.ts'
import { limits } from '../limits.ts'
import type { Cursor, EventsNext, Hello, Subscribed } from '../messages.ts'
import { Feed } from './feed.ts'
import type { Subscriptions, Watch } from './subscriptions.ts'

/** Which events; all where none of it is given. */
export interface EventsFilter<E extends WireEvent = WireEvent> {
  /**
   * Those after this place: `{ epoch, eventId: 0 }` for all, with the epoch of `client.hello`. Without
   * it, those since the client was last greeted by the server, which may have been a while ago.
   */
  readonly from?: Cursor
  /** Those of this order. */
  readonly orderId?: string
  /** Those of these types. */
  readonly types?: readonly E['type'][]
}

interface EventsHandlers {
  /** There are some to take. */
  events(): void
  ended(error: ClientError): void
  ack(eventId: number): void
}

/**
 * Holds no more events than the server may send ahead of acks, and acks as the consumer takes them.
 * After a lost connection it goes on from what was taken: what was only held comes again.
 */
class EventsWatch<E extends WireEvent> implements Watch {
  readonly method = 'events.subscribe'
  isCaughtUp = false
  readonly #filter: { readonly orderId?: string; readonly types?: readonly string[] }
  readonly #on: EventsHandlers
  /** After the last event that was taken. */
  #taken: Cursor | undefined
  /** Whose events alone these are; undefined before the first opening. */
  #customerId: string | null | undefined
  /** The last notification of the subscription that is open now. */
  #last: number | undefined
  #held: E[] = []
  /** How many of the held ones are taken. */
  #at = 0
  #notAcked = 0
  #ackLagMax = 0
  #head = 0

  constructor({ from, orderId, types }: EventsFilter<E>, on: EventsHandlers) {
    this.#taken = from
    this.#filter = { ...(orderId !== undefined && { orderId }), ...(types && { types }) }
    this.#on = on
  }

  params({ epoch, eventId, customerId }: Hello): object {
    if (this.#customerId === undefined) this.#customerId = customerId
    if (this.#customerId !== customerId) {
      // What was taken and what would come are not one sequence: some between them would be missing.
      const message = 'The token is for the orders of another customer than it was. Begin anew.'
      throw new ClientError('CUSTOMER_CHANGED', message)
    }
    this.#taken ??= { epoch, eventId }
    return { ...this.#filter, from: this.#taken, ack: true }
  }

  opened(_: Subscribed, hello: Hello): void {
    this.#last = this.#taken?.eventId
    this.#ackLagMax = hello.limits.ackLagMax
    this.#head = hello.eventId
    const isFiltered = hello.customerId !== null || Object.keys(this.#filter).length > 0
    this.isCaughtUp = isFiltered || (this.#last ?? 0) >= this.#head
  }

  notified(method: string, params: never): boolean {
    if (method !== 'events.next') return true
    const { previous, eventId, events } = params as EventsNext<E>
    if (previous !== this.#last) return false
    this.#last = eventId
    this.isCaughtUp ||= eventId >= this.#head
    this.#held = this.#held.slice(this.#at).concat(events)
    this.#at = 0
    if (this.#held.length === 0) this.#move(eventId)
    if (this.#held.length > this.#ackLagMax) {
      const message = `The server sent more than ${this.#ackLagMax} events ahead of the acks.`
      throw new ClientError('TOO_FAR_AHEAD', message)
    }
    if (events.length > 0) this.#on.events()
    return true
  }

  take(): E | undefined {
    const event = this.#held[this.#at]
    if (!event || !this.#taken) return undefined
    this.#at++
    this.#notAcked++
    const isLast = this.#at === this.#held.length
    this.#move(isLast ? (this.#last ?? event.eventId) : event.eventId)
    if (this.#notAcked >= this.#ackLagMax * limits.ackShare) {
      this.#notAcked = 0
      this.#on.ack(this.#taken.eventId)
    }
    return event
  }

  #move(eventId: number): void {
    if (this.#taken) this.#taken = { epoch: this.#taken.epoch, eventId }
  }

  lost(): void {
    this.isCaughtUp = false
    this.#held = []
    this.#at = 0
    this.#notAcked = 0
  }

  ended(error: ClientError): void {
    this.#on.ended(error)
  }
}

export function watchEvents<E extends WireEvent>(
  subscriptions: Subscriptions,
  filter: EventsFilter<E>,
  signal: AbortSignal | undefined,
): Feed<E> {
  const watch = new EventsWatch<E>(filter, {
    events: () => feed.wake(),
    ended: (error) => feed.end(error),
    ack: (eventId) => subscriptions.ack(watch, eventId),
  })
  const source = { take: () => watch.take(), stop: () => subscriptions.remove(watch) }
  const feed = new Feed<E>(source)
  subscriptions.add(watch)
  return feed.endOn(signal)
}
