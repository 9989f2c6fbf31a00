/** Views as they are, then each change; resumed without loss or repeat. */
import type { View } from '../../domain.ts'
import type { ClientError } from '../errors.ts'
import type { Cursor, Hello, Subscribed, ViewsNext, ViewsSnapshot } from '../messages.ts'
import { Feed } from './feed.ts'
import type { Subscriptions, Watch } from './subscriptions.ts'

/** Whose views: one of these, or none of them for all. The server refuses two (`INVALID_PARAMS`). */
export interface ViewsFilter {
  readonly orderId?: string
  readonly customerId?: string
  readonly status?: string
}

/** What has happened to the views that are watched. */
export type ViewsChange<V extends View> =
  /** All of them as they are: replaces whatever was there before. */
  | { readonly type: 'snapshot'; readonly views: readonly V[] }
  | { readonly type: 'changed'; readonly view: V }
  /** The order does not match the filter any more, and perhaps never did. */
  | { readonly type: 'gone'; readonly orderId: string }

/** Takes what a subscription brings, in order. */
export interface ViewsSink<V extends View> {
  snapshot(views: Map<string, V>, cursor: Cursor): void
  /** Views that have changed; then orders that, after these, do not match any more. */
  next(views: readonly V[], gone: readonly string[], cursor: Cursor): void
  ended(error: ClientError): void
}

export class ViewsWatch<V extends View> implements Watch {
  readonly method = 'views.subscribe'
  isCaughtUp = false
  readonly #filter: ViewsFilter
  readonly #sink: ViewsSink<V>
  /** What the sink has; stays as it is until a new snapshot is complete. */
  #cursor: Cursor | undefined
  /** Whose views alone the sink has. */
  #customerId: string | null = null
  /** Of the subscription that is open now: its log, and the last notification. */
  #epoch = ''
  #last: number | undefined
  #staging: Staging<V> | undefined
  #head = 0

  constructor({ orderId, customerId, status }: ViewsFilter, sink: ViewsSink<V>) {
    this.#filter = {
      ...(orderId !== undefined && { orderId }),
      ...(customerId !== undefined && { customerId }),
      ...(status !== undefined && { status }),
    }
    this.#sink = sink
  }

  params({ customerId }: Hello): object {
    // Of another customer it has none of the views, and those that it has are not to be seen any more.
    if (this.#customerId !== customerId) this.#cursor = undefined
    this.#customerId = customerId
    return this.#cursor ? { ...this.#filter, from: this.#cursor } : this.#filter
  }

  opened({ epoch, recovered }: Subscribed, hello: Hello): void {
    this.#epoch = epoch
    this.#head = hello.eventId
    this.#last = recovered ? this.#cursor?.eventId : undefined
    this.#staging = recovered ? undefined : new Staging()
    // Where only some views are watched, it may be that none of them has changed.
    const isFiltered = hello.customerId !== null || Object.keys(this.#filter).length > 0
    this.isCaughtUp = recovered === true && (isFiltered || this.#isPast(this.#last))
  }

  notified(method: string, params: never): boolean {
    if (method === 'views.snapshot') return this.#part(params)
    return method === 'views.next' ? this.#next(params) : true
  }

  lost(): void {
    this.isCaughtUp = false
    this.#staging = undefined
  }

  ended(error: ClientError): void {
    this.#sink.ended(error)
  }

  #part({ part, last, eventId, views }: ViewsSnapshot<V>): boolean {
    const staging = this.#staging
    if (!staging || part !== staging.parts + 1) return false
    staging.parts = part
    staging.add(views)
    this.#last = eventId
    if (!last) return true
    this.#staging = undefined
    this.#cursor = { epoch: this.#epoch, eventId }
    this.isCaughtUp = true
    this.#sink.snapshot(staging.views, this.#cursor)
    return true
  }

  #next({ eventId, previous, views, gone = [] }: ViewsNext<V>): boolean {
    if (previous !== this.#last) return false
    this.#last = eventId
    if (this.#staging) {
      this.#staging.add(views)
      this.#staging.remove(gone, eventId)
      return true
    }
    const cursor = { epoch: this.#epoch, eventId }
    this.isCaughtUp ||= this.#isPast(eventId)
    this.#sink.next(views, gone, cursor)
    // Only now: what could not be taken in is to come again.
    this.#cursor = cursor
    return true
  }

  #isPast(eventId: number | undefined): boolean {
    return eventId !== undefined && eventId >= this.#head
  }
}

/** A snapshot that is not complete yet, with the changes that came between its parts. */
class Staging<V extends View> {
  readonly views = new Map<string, V>()
  parts = 0
  readonly #goneAt = new Map<string, number>()

  /** For each order, the greater eventId wins. */
  add(views: readonly V[]): void {
    for (const view of views) {
      const known = this.views.get(view.orderId)?.eventId ?? this.#goneAt.get(view.orderId) ?? 0
      if (view.eventId > known) this.views.set(view.orderId, view)
    }
  }

  remove(orderIds: readonly string[], eventId: number): void {
    for (const orderId of orderIds) {
      this.views.delete(orderId)
      this.#goneAt.set(orderId, eventId)
    }
  }
}

/**
 * The changes that a consumer has not taken yet: the newest of each order, so that they take no more
 * room than the views themselves, however slow it is.
 */
class PendingChanges<V extends View> {
  #snapshot: Map<string, V> | undefined
  readonly #changes = new Map<string, ViewsChange<V>>()

  replace(views: Map<string, V>): void {
    this.#snapshot = views
    this.#changes.clear()
  }

  change(view: V): void {
    if (this.#snapshot) this.#snapshot.set(view.orderId, view)
    else this.#put(view.orderId, { type: 'changed', view })
  }

  remove(orderId: string): void {
    if (this.#snapshot) this.#snapshot.delete(orderId)
    else this.#put(orderId, { type: 'gone', orderId })
  }

  take(): ViewsChange<V> | undefined {
    const snapshot = this.#snapshot
    this.#snapshot = undefined
    if (snapshot) return { type: 'snapshot', views: [...snapshot.values()] }
    const [first] = this.#changes
    if (first) this.#changes.delete(first[0])
    return first?.[1]
  }

  /** The one that changed last goes last: eventIds still ascend. */
  #put(orderId: string, change: ViewsChange<V>): void {
    this.#changes.delete(orderId)
    this.#changes.set(orderId, change)
  }
}

export function watchViews<V extends View>(
  subscriptions: Subscriptions,
  filter: ViewsFilter,
  signal: AbortSignal | undefined,
): Feed<ViewsChange<V>> {
  const pending = new PendingChanges<V>()
  const watch = new ViewsWatch<V>(filter, {
    snapshot(views) {
      pending.replace(views)
      feed.wake()
    },
    next(views, gone) {
      for (const view of views) pending.change(view)
      // After the views: an order may match and match no more within one notification.
      for (const orderId of gone) pending.remove(orderId)
      feed.wake()
    },
    ended: (error) => feed.end(error),
  })
  const source = { take: () => pending.take(), stop: () => subscriptions.remove(watch) }
  const feed = new Feed<ViewsChange<V>>(source)
  subscriptions.add(watch)
  return feed.endOn(signal)
}
