/** Who watches which views, and what each of them is still to be sent. */
import type { Config } from '../config.ts'
import type { View } from '../domain.ts'
import { notificationText } from '../protocol/jsonrpc.ts'
import type { OrderView } from '../view/order-view.ts'
import { Changes } from './changes.ts'
import type { Outbox, Source } from './outbox.ts'

/** All watchers of views; each change is made into text once, however many watch it. */
export class ViewWatchers {
  readonly view: OrderView
  readonly config: Config
  readonly #ofAll = new Set<ViewsSubscription>()
  readonly #ofOne = new Map<string, Set<ViewsSubscription>>()
  readonly #frames = new Map<string, Buffer>()
  readonly #texts = new Map<View, string>()
  #rememberedLength = 0

  constructor(view: OrderView, config: Config) {
    this.view = view
    this.config = config
  }

  /** How many subscriptions there are. */
  get size(): number {
    let size = this.#ofAll.size
    for (const watchers of this.#ofOne.values()) size += watchers.size
    return size
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
    this.#forget()
    for (const view of changed) {
      for (const subscription of this.#ofAll) subscription.changed(view)
      for (const subscription of this.#ofOne.get(view.orderId) ?? []) subscription.changed(view)
    }
  }

  /** The text of a view that has changed, made once however often it is asked for. */
  text(view: View): string {
    const known = this.#texts.get(view)
    if (known !== undefined) return known
    const text = JSON.stringify(view)
    this.#remember(text.length)
    this.#texts.set(view, text)
    return text
  }

  /** The frame that `make` makes, or the same bytes again where another watcher was sent them. */
  frame(key: string, make: () => string): Buffer {
    const known = this.#frames.get(key)
    if (known) return known
    const frame = Buffer.from(make())
    this.#remember(frame.length)
    this.#frames.set(key, frame)
    return frame
  }

  /** Watchers that are behind, each at a place of its own, must not fill the memory. */
  #remember(length: number): void {
    this.#rememberedLength += length
    if (this.#rememberedLength > this.config.outboxCloseBytes) this.#forget()
  }

  #forget(): void {
    this.#frames.clear()
    this.#texts.clear()
    this.#rememberedLength = 0
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
  readonly #changes: Changes
  #previous = 0
  #parts = 0
  #snapshotAt = 0
  /** Orders placed after the first part come as changes, so that the snapshot has an end. */
  #snapshotEnd = 0
  #snapshotDone = false

  constructor(id: number, orderId: string | undefined, watchers: ViewWatchers, outbox: Outbox) {
    this.id = id
    this.orderId = orderId
    this.#watchers = watchers
    this.#outbox = outbox
    this.#changes = new Changes(watchers.config.batchEventsMax)
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
    this.#changes.add(view)
    this.#outbox.offer(this)
  }

  fill(send: (text: string | Buffer) => void): boolean {
    if (this.#changes.size > 0) send(this.#next())
    // A part names the head, so all changes up to it have to be on their way before.
    if (!this.#snapshotDone && this.#changes.size === 0) send(this.#part())
    return !this.#snapshotDone || this.#changes.size > 0
  }

  #next(): Buffer {
    const { batchEventsMax } = this.#watchers.config
    const kind = this.#changes.areConflated ? 'newest' : 'each'
    const views = this.#changes.take(batchEventsMax)
    const previous = this.#previous
    const eventId = views.at(-1)?.eventId ?? previous
    this.#previous = eventId
    const key = `${this.id}|${this.orderId ?? ''}|${kind}|${previous}|${eventId}`
    return this.#watchers.frame(key, () => {
      const list = views.map((view) => this.#watchers.text(view)).join()
      const head = `"subscription":${this.id},"eventId":${eventId},"previous":${previous}`
      return notificationText('views.next', `{${head},"views":[${list}]}`)
    })
  }

  #part(): string {
    const { view, config } = this.#watchers
    const views = this.orderId === undefined ? this.#slice(config.snapshotViewsMax) : this.#one()
    this.#parts++
    this.#previous = view.eventId
    const head = `"subscription":${this.id},"part":${this.#parts},"last":${this.#snapshotDone}`
    const params = `{${head},"eventId":${view.eventId},"views":${JSON.stringify(views)}}`
    return notificationText('views.snapshot', params)
  }

  #slice(count: number): readonly View[] {
    const { view } = this.#watchers
    if (this.#parts === 0) this.#snapshotEnd = view.size
    const views = view.slice(
      this.#snapshotAt,
      Math.min(count, this.#snapshotEnd - this.#snapshotAt),
    )
    this.#snapshotAt += views.length
    this.#snapshotDone = this.#snapshotAt >= this.#snapshotEnd
    return views
  }

  #one(): readonly View[] {
    const one = this.#watchers.view.get(this.orderId ?? '')
    this.#snapshotDone = true
    return one ? [one] : []
  }
}
