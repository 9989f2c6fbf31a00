/** The subscriptions of one socket. */
import type { Config } from '../../config.ts'
import type { Refusal } from '../../domain.ts'
import { PositionAheadError } from '../../errors.ts'
import type { EventLog } from '../../log/event-log.ts'
import type { ReadParams } from '../../protocol/methods.ts'
import type { Identity } from '../auth/identity.ts'
import type { ReadAnswer } from '../reads.ts'
import { forbiddenCustomer, overloaded } from '../refusals.ts'
import type { Outbox } from '../session/outbox.ts'
import { EventsSubscription, type EventWatchers } from './events.ts'
import { ViewsSubscription, type ViewWatchers } from './views.ts'

export interface Watchers {
  readonly views: ViewWatchers
  readonly events: EventWatchers
}

export interface SubscriptionsOptions {
  readonly watchers: Watchers
  readonly outbox: Outbox
  readonly log: EventLog
  readonly config: Config
  readonly onFault: (error: unknown) => void
}

export class Subscriptions {
  readonly #options: SubscriptionsOptions
  readonly #open = new Map<number, ViewsSubscription | EventsSubscription>()
  #lastId = 0

  constructor(options: SubscriptionsOptions) {
    this.#options = options
  }

  /** How many are open. */
  get size(): number {
    return this.#open.size
  }

  views(params: ReadParams<'views.subscribe'>, identity: Identity): ReadAnswer {
    const { watchers, outbox, log } = this.#options
    const { orderId, status, from, ack = false } = params
    const customerId = identity.customerId ?? params.customerId
    if ((params.customerId ?? customerId) !== customerId) return forbiddenCustomer(`${customerId}`)
    const refused = this.#full()
    if (refused) return refused
    const { eventId: head } = watchers.views.view
    const reason = !from
      ? 'no cursor given'
      : from.epoch !== log.epoch
        ? 'another epoch'
        : from.eventId > head
          ? 'ahead of the head'
          : undefined
    const after = reason === undefined ? from?.eventId : undefined
    const filter = { orderId, customerId, status }
    const id = ++this.#lastId
    const options = { id, filter, after, acks: ack, watchers: watchers.views, outbox }
    const subscription = new ViewsSubscription(options)
    this.#open.set(id, subscription)
    subscription.start()
    const recovered = reason === undefined
    const why = recovered ? {} : { reason }
    return { result: { subscription: id, epoch: log.epoch, recovered, ...why } }
  }

  /** @throws {PositionAheadError} if the cursor is ahead of the head */
  events(params: ReadParams<'events.subscribe'>, identity: Identity): ReadAnswer {
    const { watchers, outbox, log, onFault } = this.#options
    const { orderId, types, from, ack = false } = params
    const { eventId: head } = watchers.events.view
    if (from && from.epoch !== log.epoch) return epochChanged(log.epoch)
    if (from && from.eventId > head) throw new PositionAheadError(from.eventId, head)
    const refused = this.#full()
    if (refused) return refused
    const id = ++this.#lastId
    const subscription = new EventsSubscription({
      id,
      filter: {
        orderId,
        types: types && new Set(types),
        customerId: identity.customerId ?? undefined,
      },
      after: Math.max(from?.eventId ?? head, log.firstEventId - 1),
      asked: from?.eventId ?? head,
      acks: ack,
      watchers: watchers.events,
      outbox,
      onFault,
    })
    this.#open.set(id, subscription)
    subscription.start()
    return { result: { subscription: id, epoch: log.epoch } }
  }

  /** Refused where more is acked than was sent; nothing is changed where there is no such one. */
  ack({ subscription: id, eventId }: ReadParams<'subscription.ack'>): ReadAnswer {
    const subscription = this.#open.get(id)
    if (!subscription) return { result: { acked: 0 } }
    if (eventId > subscription.lastSent) return ackedAhead(id, eventId, subscription)
    return { result: { acked: subscription.ack(eventId) } }
  }

  cancel({ subscription: id }: ReadParams<'subscription.cancel'>): ReadAnswer {
    this.#open.get(id)?.end()
    return { result: { cancelled: this.#open.delete(id) } }
  }

  end(): void {
    for (const subscription of this.#open.values()) subscription.end()
    this.#open.clear()
  }

  #full(): Refusal | undefined {
    const { subscriptionsMax } = this.#options.config
    if (this.#open.size < subscriptionsMax) return undefined
    return overloaded(`A socket may have ${subscriptionsMax} subscriptions. Cancel one first.`)
  }
}

function epochChanged(epoch: string): Refusal {
  const message =
    'The cursor is of another epoch: this is another log. Begin anew: views without a cursor, ' +
    'events from eventId 0 of the epoch in data.'
  return { refused: 'EPOCH_CHANGED', message, details: { epoch } }
}

function ackedAhead(
  id: number,
  eventId: number,
  { lastSent, isAcked }: { readonly lastSent: number; readonly isAcked: boolean },
): Refusal {
  const rule = isAcked ? '' : ' Opened without ack: true, it takes acks and needs none.'
  const message =
    `Subscription ${id} was sent what there is up to event ${lastSent}, and ${eventId} was acked. ` +
    `Ack the eventId of a notification that has come.${rule}`
  return { refused: 'POSITION_AHEAD', message, details: { head: lastSent } }
}
