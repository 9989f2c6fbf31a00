/** Who watches which views, and what each of them is still to be sent. */
import type { Config } from '../../config.ts'
import type { Change, View } from '../../domain.ts'
import { notificationText } from '../../protocol/jsonrpc.ts'
import type { ChangedSince } from '../../view/changed-since.ts'
import type { OrderView } from '../../view/order-view.ts'
import type { Outbox, Source } from '../session/outbox.ts'
import { AckWindow } from './ack-window.ts'
import { Burst } from './burst.ts'
import { Changes } from './changes.ts'
import { SharedBytes } from './shared-bytes.ts'
import { everything, type Filter, Topics, topicOf } from './topics.ts'

/** All watchers of views; each change is made into text once, however many watch it. */
export class ViewWatchers {
  readonly view: OrderView
  readonly config: Config
  readonly shared: SharedBytes
  readonly subscriptions = new Topics<ViewsSubscription>()
  /** Changes that gave way to newer ones of their order, on the way to somebody. */
  conflations = 0

  constructor(view: OrderView, config: Config) {
    this.view = view
    this.config = config
    this.shared = new SharedBytes(config.outboxCloseBytes)
  }

  /** True where the view is one that the filter asks for. */
  fits(view: View, { orderId, customerId, status }: Filter): boolean {
    if (orderId !== undefined && view.orderId !== orderId) return false
    if (status !== undefined && view.status !== status) return false
    return customerId === undefined || this.view.ownerOf(view) === customerId
  }

  /** Tells the watchers of views that have changed, in ascending eventId. */
  tell(changes: readonly Change[]): void {
    this.shared.forget()
    const burst = new Burst(changes, this)
    for (const subscription of this.subscriptions.on(everything)) subscription.tell(burst)
    if (!this.subscriptions.hasNarrower) return
    for (const { view, before } of changes) {
      this.#tell(topicOf({ orderId: view.orderId }), view)
      this.#tell(topicOf({ status: view.status }), view)
      if (before && before.status !== view.status) {
        this.#tell(topicOf({ status: before.status }), view)
      }
      const customerId = this.view.ownerOf(view)
      if (customerId !== null) this.#tell(topicOf({ customerId }), view)
    }
  }

  #tell(topic: string, view: View): void {
    for (const subscription of this.subscriptions.on(topic)) subscription.changed(view)
  }
}

export interface ViewsOptions {
  /** Numbered from 1 on each socket. */
  readonly id: number
  readonly filter: Filter
  /** The eventId after which to go on; undefined for a snapshot. */
  readonly after: number | undefined
  readonly acks: boolean
  readonly watchers: ViewWatchers
  readonly outbox: Outbox
}

/**
 * One subscription to views. First what there is, a snapshot in parts or, after a cursor, the orders
 * that have changed since; with the changes that come meanwhile, and then those.
 */
export class ViewsSubscription implements Source {
  readonly topic: string
  /** Watchers of the same are sent the same bytes, where they are at the same place. */
  readonly #scope: string
  readonly #options: ViewsOptions
  readonly #changes: Changes
  readonly #window: AckWindow
  #previous: number
  /** After a cursor, until all is sent that has changed since: the orders still to be sent. */
  #missed: ChangedSince<View> | undefined
  #parts = 0
  #snapshotAt = 0
  /** Orders placed after the first part come as changes, so that the snapshot has an end. */
  #snapshotEnd = 0
  #snapshotDone: boolean

  constructor(options: ViewsOptions) {
    const { filter, after, acks, watchers } = options
    this.#options = options
    this.topic = topicOf(filter)
    this.#scope = `${options.id}|${this.topic}|${filter.status ?? ''}|${filter.customerId ?? ''}`
    this.#changes = new Changes(watchers.config.changesKeptMax)
    this.#previous = after ?? watchers.view.eventId
    const lagMax = acks ? watchers.config.ackLagMax : Number.POSITIVE_INFINITY
    this.#window = new AckWindow(lagMax, this.#previous)
    this.#snapshotDone = after !== undefined
    if (after !== undefined) this.#missed = watchers.view.changedSince(after)
    this.#dropMissed()
  }

  get lag(): number {
    return this.#isBehind ? this.#options.watchers.view.eventId - this.#previous : 0
  }

  /** True where it was opened with `ack: true`. */
  get isAcked(): boolean {
    return this.#options.acks
  }

  get lastSent(): number {
    return this.#window.lastSent
  }

  start(): void {
    this.#options.watchers.subscriptions.add(this)
    this.#options.outbox.offer(this)
  }

  end(): void {
    this.#options.watchers.subscriptions.delete(this)
    this.#options.outbox.withdraw(this)
  }

  ack(eventId: number): number {
    const acked = this.#window.ack(eventId)
    this.#options.outbox.offer(this)
    return acked
  }

  /** Takes in changes: they are on their way at once where nothing is to be sent before them. */
  tell(burst: Burst): void {
    const { id, outbox } = this.#options
    const { views, eventId } = burst
    const isNext = !this.#isBehind && this.#window.room >= views.length && outbox.isIdle
    if (!isNext || !burst.isSmall) {
      for (const view of views) this.changed(view)
      return
    }
    const previous = this.#previous
    outbox.pass(
      burst.frame(id, previous, () => this.#frame(views, 'each', previous)),
      this,
    )
    this.#sent(eventId, views.length)
  }

  changed(view: View): void {
    // Before the first part there is nothing that a change could be missed in, and what has changed
    // since the cursor is walked through to its end, however late it changed.
    if ((!this.#snapshotDone && this.#parts === 0) || this.#missed) return
    if (!this.#concerns(view)) return
    this.#options.watchers.conflations += this.#changes.add(view)
    this.#options.outbox.offer(this)
  }

  fill(send: (text: string | Buffer) => void): boolean {
    if (this.#window.room === 0) return false
    if (this.#missed) this.#sendMissed(this.#missed, send)
    else if (this.#changes.size > 0) this.#sendChanges(send)
    // A part names the head, so all changes up to it have to be on their way before.
    else if (!this.#snapshotDone) send(this.#part())
    return this.#isBehind && this.#window.room > 0
  }

  get #isBehind(): boolean {
    return this.#missed !== undefined || this.#changes.size > 0 || !this.#snapshotDone
  }

  #sendMissed(missed: ChangedSince<View>, send: (text: Buffer) => void): void {
    const { config } = this.#options.watchers
    const count = Math.min(config.snapshotViewsMax, this.#window.room)
    const views = missed.part(config.looksPerTurnMax, count, (view) => this.#concerns(view))
    this.#dropMissed()
    this.#sendViews(send, views, 'missed')
  }

  #dropMissed(): void {
    if (this.#missed?.isDone) this.#missed = undefined
  }

  #sendChanges(send: (text: Buffer) => void): void {
    const { config, shared } = this.#options.watchers
    const kind = this.#changes.areConflated ? 'newest' : 'each'
    let bytes = 0
    // Many large views at once would make a frame for which a watcher seems to be too slow.
    const isEnough = (view: View) => {
      bytes += shared.text(view).length
      return bytes > config.outboxConflateBytes
    }
    const count = Math.min(config.batchEventsMax, this.#window.room)
    const views = this.#changes.take(count, isEnough)
    this.#sendViews(send, views, kind)
  }

  #sendViews(send: (text: Buffer) => void, views: readonly View[], kind: string): void {
    const eventId = views.at(-1)?.eventId
    if (eventId === undefined) return
    send(this.#frame(views, kind, this.#previous))
    this.#sent(eventId, views.length)
  }

  #sent(eventId: number, count: number): void {
    this.#previous = eventId
    this.#window.sent(eventId, count)
  }

  /** The frame of views, of which there is at least one. */
  #frame(views: readonly View[], kind: string, previous: number): Buffer {
    const { id, filter, watchers } = this.#options
    const { eventId } = views.at(-1)!
    const key = `${this.#scope}|${kind}|${previous}|${eventId}`
    return watchers.shared.frame(key, () => {
      const fitting = views.filter((view) => watchers.fits(view, filter))
      const gone = this.#goneAmong(views)
      const list = fitting.map((view) => watchers.shared.text(view)).join()
      const tail = gone.length > 0 ? `,"gone":${JSON.stringify(gone)}` : ''
      const head = `"subscription":${id},"eventId":${eventId},"previous":${previous}`
      return notificationText('views.next', `{${head},"views":[${list}]${tail}}`)
    })
  }

  /** Orders that have left the filter, and are not back in it by the last of these views. */
  #goneAmong(views: readonly View[]): readonly string[] {
    const { status } = this.#options.filter
    if (status === undefined) return []
    const last = new Map(views.map((view) => [view.orderId, view]))
    return [...last.values()].filter((view) => view.status !== status).map((view) => view.orderId)
  }

  /** Of other orders than the one asked for, and of other customers', nothing is said at all. */
  #concerns(view: View): boolean {
    const { filter, watchers } = this.#options
    const { orderId, customerId } = filter
    return watchers.fits(view, { orderId, customerId })
  }

  #part(): Buffer {
    const { id, watchers } = this.#options
    const from = this.#snapshotAt
    const views = this.#nextOfSnapshot()
    const { eventId } = watchers.view
    this.#parts++
    this.#sent(eventId, views.length)
    const head = `"subscription":${id},"part":${this.#parts},"last":${this.#snapshotDone}`
    const key = `${this.#scope}|${head}|${from}|${this.#snapshotAt}|${eventId}`
    return watchers.shared.frame(key, () => {
      const params = `{${head},"eventId":${eventId},"views":${JSON.stringify(views)}}`
      return notificationText('views.snapshot', params)
    })
  }

  #nextOfSnapshot(): readonly View[] {
    const { filter, watchers } = this.#options
    const { view, config } = watchers
    if (filter.orderId !== undefined) {
      this.#snapshotDone = true
      const one = view.get(filter.orderId)
      return one && watchers.fits(one, filter) ? [one] : []
    }
    if (this.#parts === 0) this.#snapshotEnd = view.size
    const count = Math.min(config.snapshotViewsMax, this.#window.room)
    const { views, next } = view.part(filter, this.#snapshotAt, this.#snapshotEnd, count)
    this.#snapshotAt = next
    this.#snapshotDone = next >= this.#snapshotEnd
    return views
  }
}
