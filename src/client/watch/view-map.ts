import type { View } from '../../domain.ts'
import { aborted, ClientError } from '../errors.ts'
import { Listeners } from '../listeners.ts'
import type { Cursor } from '../messages.ts'
import type { Subscriptions } from './subscriptions.ts'
import { type ViewsFilter, ViewsWatch } from './views.ts'

/** What a change of the map was. */
export interface MapChange {
  /** Orders whose views are new, other, or gone. All of them where a snapshot replaced the map. */
  readonly orderIds: readonly string[]
  readonly isSnapshot: boolean
}

/**
 * The views that match a filter, kept as the server has them. Always consistent: it shows no view
 * after a newer one, and a snapshot replaces it as a whole, once that is complete. While the
 * connection is away it stays as it was.
 */
export class ViewMap<V extends View> implements Iterable<V> {
  /** Resolves when it is filled for the first time; rejects where it ends before. */
  readonly live: Promise<void>
  readonly #listeners = new Listeners<MapChange>()
  readonly #stop: () => void
  #views = new Map<string, V>()
  #cursor: Cursor | undefined

  constructor(subscriptions: Subscriptions, filter: ViewsFilter, signal?: AbortSignal) {
    let onLive = () => {}
    let onEnded = (_: ClientError) => {}
    this.live = new Promise((resolve, reject) => {
      onLive = resolve
      onEnded = reject
    })
    // Whoever wants to know asks; others have the client's state.
    this.live.catch(() => {})
    const watch = new ViewsWatch<V>(filter, {
      snapshot: (views, cursor) => {
        this.#replace(views, cursor)
        onLive()
      },
      next: (views, gone, cursor) => this.#change(views, gone, cursor),
      ended: (error) => {
        signal?.removeEventListener('abort', onAbort)
        onEnded(error)
      },
    })
    const end = (error: ClientError) => {
      subscriptions.remove(watch)
      signal?.removeEventListener('abort', onAbort)
      onEnded(error)
    }
    const onAbort = () => end(aborted(signal as AbortSignal))
    this.#stop = () => end(new ClientError('CLOSED', 'The map was closed.'))
    subscriptions.add(watch)
    signal?.addEventListener('abort', onAbort)
  }

  get size(): number {
    return this.#views.size
  }

  /** Where it has got to: every event up to that one is in it. Undefined until it is first filled. */
  get cursor(): Cursor | undefined {
    return this.#cursor
  }

  /** The view of an order, without a round trip; undefined where there is none that matches. */
  get(orderId: string): V | undefined {
    return this.#views.get(orderId)
  }

  has(orderId: string): boolean {
    return this.#views.has(orderId)
  }

  [Symbol.iterator](): IterableIterator<V> {
    return this.#views.values()
  }

  /** Calls back after each change; returns what ends that. */
  onChange(listener: (change: MapChange) => void): () => void {
    return this.#listeners.add(listener)
  }

  /** Follows no more changes. What is in it stays. */
  close(): void {
    this.#stop()
  }

  #replace(views: Map<string, V>, cursor: Cursor): void {
    const orderIds = new Set([...this.#views.keys(), ...views.keys()])
    this.#views = views
    this.#cursor = cursor
    this.#listeners.tell({ orderIds: [...orderIds], isSnapshot: true })
  }

  #change(views: readonly V[], gone: readonly string[], cursor: Cursor): void {
    const orderIds = gone.filter((orderId) => this.#views.delete(orderId))
    for (const view of views) {
      if (view.eventId <= (this.#views.get(view.orderId)?.eventId ?? 0)) continue
      this.#views.set(view.orderId, view)
      orderIds.push(view.orderId)
    }
    this.#cursor = cursor
    if (orderIds.length > 0) this.#listeners.tell({ orderIds, isSnapshot: false })
  }
}
