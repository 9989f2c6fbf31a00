import type { View } from '../../domain.ts'
import { aborted, ClientError } from '../errors.ts'
import { Listeners } from '../listeners.ts'
import type { Cursor } from '../messages.ts'
import { onAborted } from '../signals.ts'
import type { Subscriptions } from './subscriptions.ts'
import { type ViewsFilter, ViewsWatch } from './views.ts'

const nothing = () => {}

/** What a change of the map was. */
export interface MapChange {
  /** Orders whose views are new, other, or gone. All of them where a snapshot replaced the map. */
  readonly orderIds: readonly string[]
  readonly isSnapshot: boolean
  /** On the last change there is: why the map follows no more of them. `orderIds` is empty. */
  readonly ended?: ClientError
}

/**
 * - `catching up`: it is being filled, or may lack what was missed while the connection was away
 * - `live`: it is as the server has it
 * - `closed`: it follows no more changes
 */
export type MapState = 'catching up' | 'live' | 'closed'

/**
 * The views that match a filter, kept as the server has them. Always consistent: it shows no view
 * after a newer one, and a snapshot replaces it as a whole, once that is complete. While the
 * connection is away it stays as it was.
 *
 * It ends where it is closed, or the client is, where its signal is aborted, and where the server
 * refuses to show the views, at first or after a lost connection: the token may have lost the role
 * `read`, say. Its listeners are told; `state`, `error` and `ended` say so, too. What is in it stays.
 */
export class ViewMap<V extends View> implements Iterable<V> {
  /** Resolves when it is filled for the first time; rejects, with `error`, where it ends before. */
  readonly live: Promise<void>
  /**
   * Resolves when it follows no more changes, with why: `CLOSED` and `ABORTED` where the program
   * wanted it so, a reason of the server such as `FORBIDDEN`, or why the client has closed.
   */
  readonly ended: Promise<ClientError>
  readonly #subscriptions: Subscriptions
  readonly #watch: ViewsWatch<V>
  readonly #listeners = new Listeners<MapChange>()
  #onLive: () => void = nothing
  #onNeverLive: (error: ClientError) => void = nothing
  #onEnded: (error: ClientError) => void = nothing
  #release: () => void = nothing
  #views = new Map<string, V>()
  #cursor: Cursor | undefined
  #error: ClientError | undefined

  /** @throws {ClientError} if the client is closed, or has as many subscriptions as it may */
  constructor(subscriptions: Subscriptions, filter: ViewsFilter, signal?: AbortSignal) {
    this.live = new Promise((resolve, reject) => {
      this.#onLive = resolve
      this.#onNeverLive = reject
    })
    // Whoever wants to know asks; others have the state.
    this.live.catch(nothing)
    this.ended = new Promise((resolve) => {
      this.#onEnded = resolve
    })
    this.#subscriptions = subscriptions
    this.#watch = new ViewsWatch<V>(filter, {
      snapshot: (views, cursor) => this.#replace(views, cursor),
      next: (views, gone, cursor) => this.#change(views, gone, cursor),
      ended: (error) => this.#end(error),
    })
    subscriptions.add(this.#watch)
    this.#release = onAborted(signal, () => this.#stop(aborted(signal as AbortSignal)))
  }

  get state(): MapState {
    if (this.#error) return 'closed'
    return this.#watch.isCaughtUp ? 'live' : 'catching up'
  }

  /** Why it follows no more changes; undefined while it does. */
  get error(): ClientError | undefined {
    return this.#error
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

  /** Calls back after each change, and when it has ended; returns what takes the listener off. */
  onChange(listener: (change: MapChange) => void): () => void {
    return this.#listeners.add(listener)
  }

  /** Follows no more changes. What is in it stays. */
  close(): void {
    this.#stop(new ClientError('CLOSED', 'The map was closed.'))
  }

  #stop(error: ClientError): void {
    this.#subscriptions.remove(this.#watch)
    this.#end(error)
  }

  #end(error: ClientError): void {
    if (this.#error) return
    this.#error = error
    this.#release()
    this.#onNeverLive(error)
    this.#listeners.tell({ orderIds: [], isSnapshot: false, ended: error })
    this.#listeners.clear()
    this.#onEnded(error)
  }

  #replace(views: Map<string, V>, cursor: Cursor): void {
    const orderIds = new Set([...this.#views.keys(), ...views.keys()])
    this.#views = views
    this.#cursor = cursor
    this.#onLive()
    this.#listeners.tell({ orderIds: [...orderIds], isSnapshot: true })
  }

  #change(views: readonly V[], gone: readonly string[], cursor: Cursor): void {
    const changed = new Set<string>()
    for (const view of views) {
      if (view.eventId <= (this.#views.get(view.orderId)?.eventId ?? 0)) continue
      this.#views.set(view.orderId, view)
      changed.add(view.orderId)
    }
    // After the views: an order may match and match no more within one notification.
    for (const orderId of gone) if (this.#views.delete(orderId)) changed.add(orderId)
    this.#cursor = cursor
    if (changed.size > 0) this.#listeners.tell({ orderIds: [...changed], isSnapshot: false })
  }
}
