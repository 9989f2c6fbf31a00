/** Who watches which views, and what each of them is still to be sent. */
import type { Config } from '../config.ts'
import type { View } from '../domain.ts'
import { notificationText } from '../protocol/jsonrpc.ts'
import type { OrderView } from '../view/order-view.ts'
import type { Outbox, Source } from './outbox.ts'

/** All watchers of views; each change is made into text once, however many watch it. */
export class ViewWatchers {
  readonly view: OrderView
  readonly config: Config
  readonly #ofAll = new Set<ViewsSubscription>()
  readonly #ofOne = new Map<string, Set<ViewsSubscription>>()
  readonly #frames = new Map<string, Buffer>()
  readonly #texts = new WeakMap<View, string>()

  constructor(view: OrderView, config: Config) {
    this.view = view
    this.config = config
  }

  add(subscription: ViewsSubscription): void {
    const { orderId } = subscription
    if (orderId === undefined) this.#ofAll.add(subscription)
    else if (this.#ofOne.has(orderId)) this.#ofOne.get(orderId)?.add(subscription)
    else this.#ofOne.set(orderId, new Set([subscription]))
  }

  remove(subscription: ViewsSubscription): void {
    const { orderId } = subscription
    this.#ofAll.delete(subscription)
    if (orderId === undefined) return
    const watchers = this.#ofOne.get(orderId)
    watchers?.delete(subscription)
    if (watchers?.size === 0) this.#ofOne.delete(orderId)
  }

  /** Tells the watchers of views that have changed, in ascending eventId. */
  tell(changed: readonly View[]): void {
    this.#frames.clear()
    for (const view of changed) {
      for (const subscription of this.#ofAll) subscription.changed(view)
      for (const subscription of this.#ofOne.get(view.orderId) ?? []) subscription.changed(view)
    }
  }

  text(view: View): string {
    const known = this.#texts.get(view)
    if (known !== undefined) return known
    const text = JSON.stringify(view)
    this.#texts.set(view, text)
    return text
  }

  /** The frame that `make` makes, or the same bytes again where another watcher was sent them. */
  frame(key: string, make: () => string): Buffer {
    const known = this.#frames.get(key)
    if (known) return known
    const frame = Buffer.from(make())
    this.#frames.set(key, frame)
    return frame
  }
}

/** One subscription to views: a snapshot in parts, with the changes that come meanwhile, then those. */
export class ViewsSubscription implements Source {
  /** Numbered from 1 on each socket. */
  readonly id: number
  /** The one order it watches; undefined for all. */
  readonly orderId: string | undefined
  readonly #watchers: ViewWatchers
  readonly #outbox: Outbox
  /** The newest view of each order that changed; one that changes again moves to the end. */
  #pending = new Map<string, View>()
  #previous = 0
  #parts = 0
  #snapshotAt = 0
  #snapshotDone = false

  constructor(id: number, orderId: string | undefined, watchers: ViewWatchers, outbox: Outbox) {
    this.id = id
    this.orderId = orderId
    this.#watchers = watchers
    this.#outbox = outbox
  }

  start(): void {
    this.#watchers.add(this)
    this.#outbox.offer(this)
  }

  end(): void {
    this.#watchers.remove(this)
    this.#outbox.withdraw(this)
  }

  changed(view: View): void {
    // Before the first part there is nothing that a change could be missed in.
    if (this.#parts === 0) return
    this.#pending.delete(view.orderId)
    this.#pending.set(view.orderId, view)
    this.#outbox.offer(this)
  }

  fill(send: (text: string | Buffer) => void): boolean {
    if (this.#pending.size > 0) send(this.#next())
    if (!this.#snapshotDone) send(this.#part())
    return !this.#snapshotDone
  }

  #next(): Buffer {
    const views = [...this.#pending.values()]
    this.#pending = new Map()
    const previous = this.#previous
    const eventId = views.at(-1)?.eventId ?? previous
    this.#previous = eventId
    const key = `${this.id}|${this.orderId ?? ''}|${previous}|${eventId}`
    return this.#watchers.frame(key, () => {
      const list = views.map((view) => this.#watchers.text(view)).join()
      const head = `"subscription":${this.id},"eventId":${eventId},"previous":${previous}`
      return notificationText('views.next', `{${head},"views":[${list}]}`)
    })
  }

  #part(): string {
    const { view, config } = this.#watchers
    let views: readonly View[]
    if (this.orderId === undefined) {
      views = view.slice(this.#snapshotAt, config.snapshotViewsMax)
      this.#snapshotAt += views.length
      this.#snapshotDone = this.#snapshotAt >= view.size
    } else {
      const one = view.get(this.orderId)
      views = one ? [one] : []
      this.#snapshotDone = true
    }
    this.#parts++
    this.#previous = view.eventId
    const list = views.map((one) => this.#watchers.text(one)).join()
    const head = `"subscription":${this.id},"part":${this.#parts},"last":${this.#snapshotDone}`
    const params = `{${head},"eventId":${view.eventId},"views":[${list}]}`
    return notificationText('views.snapshot', params)
  }
}
