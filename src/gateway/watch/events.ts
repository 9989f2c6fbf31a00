/** Who watches which events, and how each of them is sent every one, however slowly it reads. */
import type { Config } from '../../config.ts'
import type { RecordedEvent } from '../../domain.ts'
import type { EventLog } from '../../log/event-log.ts'
import { notificationText } from '../../protocol/jsonrpc.ts'
import { wireEvent } from '../../protocol/wire.ts'
import { type Runtime, yieldTurn } from '../../runtime.ts'
import type { OrderView } from '../../view/order-view.ts'
import type { Outbox, Source } from '../session/outbox.ts'
import { AckWindow } from './ack-window.ts'
import { SharedBytes } from './shared-bytes.ts'

/** Which events a subscription is for. */
export interface EventFilter {
  readonly orderId?: string | undefined
  readonly types?: ReadonlySet<string> | undefined
  /** The one customer whose orders the watcher may see. */
  readonly customerId?: string | undefined
}

/** All watchers of events. */
export class EventWatchers {
  readonly log: EventLog
  readonly view: OrderView
  readonly config: Config
  readonly runtime: Runtime
  readonly shared: SharedBytes
  readonly subscriptions = new Set<EventsSubscription>()

  constructor(log: EventLog, view: OrderView, config: Config, runtime: Runtime) {
    this.log = log
    this.view = view
    this.config = config
    this.runtime = runtime
    this.shared = new SharedBytes(config.outboxCloseBytes)
  }

  fits(event: RecordedEvent, { orderId, types, customerId }: EventFilter): boolean {
    if (orderId !== undefined && event.orderId !== orderId) return false
    if (types !== undefined && !types.has(event.type)) return false
    if (customerId === undefined) return true
    const view = this.view.get(event.orderId)
    return view !== undefined && this.view.ownerOf(view) === customerId
  }

  /** The JSON of an event, made once however many watch it. */
  text(event: RecordedEvent): string {
    return this.shared.text(event, wireEvent)
  }

  /** Tells the watchers of events that were recorded, in ascending eventId. */
  tell(events: readonly RecordedEvent[]): void {
    this.shared.forget()
    for (const subscription of this.subscriptions) subscription.recorded(events)
  }
}

export interface EventsOptions {
  /** Numbered from 1 on each socket. */
  readonly id: number
  readonly filter: EventFilter
  /** The eventId after which to begin. */
  readonly after: number
  /** The cursor that was asked for, which may stand before the log's first event. */
  readonly asked: number
  readonly acks: boolean
  readonly watchers: EventWatchers
  readonly outbox: Outbox
  /** The log could not be read. */
  readonly onFault: (error: unknown) => void
}

/**
 * One subscription to events. While it keeps up it is handed each commit; when it falls behind, it
 * reads on in the log from where it is, so that nothing piles up and nothing is left out.
 */
export class EventsSubscription implements Source {
  readonly #options: EventsOptions
  readonly #window: AckWindow
  /** Events that fit and are not sent, their bytes, and the eventId up to which they are all. */
  #waiting: { readonly eventId: number; readonly text: string }[] = []
  #bytes = 0
  #seen: number
  #previous: number
  #isReading = false
  #ended = false

  constructor(options: EventsOptions) {
    const { after, asked, acks, watchers } = options
    this.#options = options
    this.#seen = after
    // What it was asked for is what it is told it follows: else it would look like a gap.
    this.#previous = asked
    this.#window = new AckWindow(acks ? watchers.config.ackLagMax : Number.POSITIVE_INFINITY, after)
  }

  get lag(): number {
    const { eventId } = this.#options.watchers.view
    const sent = Math.max(this.#previous, this.#options.after)
    return this.#waiting.length > 0 ? eventId - sent : eventId - this.#seen
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
    void this.#readOn()
  }

  end(): void {
    this.#ended = true
    this.#waiting = []
    this.#options.watchers.subscriptions.delete(this)
    this.#options.outbox.withdraw(this)
  }

  ack(eventId: number): number {
    const acked = this.#window.ack(eventId)
    this.#options.outbox.offer(this)
    return acked
  }

  recorded(events: readonly RecordedEvent[]): void {
    // Behind, or full: what is missed now is read from the log later.
    if (this.#isReading || this.#isFull || events[0]?.eventId !== this.#seen + 1) return
    this.#take(events)
  }

  get #isFull(): boolean {
    const { readEventsMax, eventsHeldBytes } = this.#options.watchers.config
    return this.#waiting.length >= readEventsMax || this.#bytes >= eventsHeldBytes
  }

  fill(send: (text: string | Buffer) => void): boolean {
    if (this.#waiting.length > 0 && this.#window.room > 0) send(this.#next())
    if (this.#waiting.length === 0) void this.#readOn()
    return this.#waiting.length > 0 && this.#window.room > 0
  }

  /** Takes them in up to its bound; what is left is read later. */
  #take(events: readonly RecordedEvent[]): void {
    const { watchers, filter, outbox } = this.#options
    for (const event of events) {
      if (this.#isFull) break
      this.#seen = event.eventId
      if (!watchers.fits(event, filter)) continue
      const text = watchers.text(event)
      this.#waiting.push({ eventId: event.eventId, text })
      this.#bytes += text.length
    }
    if (this.#waiting.length > 0) outbox.offer(this)
  }

  #next(): Buffer {
    const { id, watchers } = this.#options
    const { config, shared } = watchers
    const max = Math.min(config.snapshotViewsMax, this.#window.room, this.#waiting.length)
    let [count, bytes] = [0, 0]
    // Many large events at once would make a frame for which a watcher seems to be too slow.
    while (count < max && bytes <= config.outboxConflateBytes) {
      bytes += this.#waiting[count++]!.text.length
    }
    const events = this.#waiting.splice(0, count)
    this.#bytes -= bytes
    const previous = this.#previous
    const eventId = this.#waiting.length > 0 ? events.at(-1)!.eventId : this.#seen
    this.#previous = eventId
    this.#window.sent(eventId, events.length)
    const ids = `${events[0]?.eventId}|${events.length}|${events.at(-1)?.eventId}`
    return shared.frame(`${id}|${previous}|${eventId}|${ids}|${this.#filterKey()}`, () => {
      const list = events.map(({ text }) => text).join()
      const head = `"subscription":${id},"eventId":${eventId},"previous":${previous}`
      return notificationText('events.next', `{${head},"events":[${list}]}`)
    })
  }

  #filterKey(): string {
    const { orderId, types, customerId } = this.#options.filter
    return JSON.stringify([orderId, types && [...types], customerId])
  }

  /** Reads in the log until something fits or the head that is shown is reached. */
  async #readOn(): Promise<void> {
    if (this.#isReading) return
    this.#isReading = true
    const { watchers, onFault } = this.#options
    try {
      while (!this.#ended && this.#waiting.length === 0 && this.#seen < watchers.view.eventId) {
        const batch = await this.#readBatch()
        if (this.#ended) return
        this.#take(batch)
        await yieldTurn(watchers.runtime)
      }
    } catch (error) {
      if (!this.#ended) onFault(error)
    } finally {
      this.#isReading = false
    }
    // What was recorded during the last of it is still to be read.
    if (!this.#ended && this.#waiting.length === 0 && this.#seen < watchers.view.eventId) {
      void this.#readOn()
    }
  }

  /** The next batch that is shown already: what is durable only is told by `recorded`. */
  async #readBatch(): Promise<readonly RecordedEvent[]> {
    const { log, view } = this.#options.watchers
    for await (const batch of log.read(this.#seen + 1)) {
      const shown = view.eventId
      return batch.filter((event) => event.eventId <= shown)
    }
    return []
  }
}
