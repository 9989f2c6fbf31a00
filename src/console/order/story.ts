/**
 * One order: as it is, by the SDK's map; what happened to it, event by event; and how it was just after
 * any of them.
 */
import { computed, type ReadonlySignal, signal } from '@preact/signals'
import { CallError, type ViewMap, type WireEvent } from '../../client/index.ts'
import { PathTaken } from '../chart/path-taken.ts'
import type { AnyClient, AnyView } from '../server/session.ts'
import { errorWords } from '../words.ts'

/** An order at one moment, and at the moment before. */
export interface Moment {
  readonly event: WireEvent
  readonly view: AnyView
  /** Undefined for the order's first event. */
  readonly before: AnyView | undefined
}

/** Views of the past that are kept at hand. */
const viewsKept = 200

export class Story {
  readonly orderId: string
  readonly events = signal<readonly WireEvent[]>([])
  readonly error = signal<string | undefined>(undefined)
  readonly moment = signal<Moment | undefined>(undefined)
  /** The way that it took through the chart. */
  readonly path: PathTaken
  readonly #now = signal<AnyView | undefined>(undefined)
  readonly #isFilled = signal(false)
  readonly #client: AnyClient
  readonly #map: ViewMap<AnyView>
  readonly #stop = new AbortController()
  readonly #past = new Map<number, AnyView>()
  #wanted = 0

  constructor(client: AnyClient, orderId: string) {
    this.#client = client
    this.orderId = orderId
    this.path = new PathTaken(client, orderId)
    const { signal: stop } = this.#stop
    this.#map = client.map({ orderId, signal: stop })
    this.#map.onChange(({ ended }) => {
      if (ended) {
        if (!stop.aborted) this.error.value = ended.message
        return
      }
      this.#now.value = this.#map.get(orderId)
      this.#isFilled.value = true
    })
    void this.#readEvents()
  }

  /** The order as it is; undefined where there is none. */
  get now(): ReadonlySignal<AnyView | undefined> {
    return this.#now
  }

  /** True where it is known that there is no such order. */
  readonly isMissing = computed(() => this.#isFilled.value && this.#now.value === undefined)

  close(): void {
    this.#stop.abort()
  }

  /** The place of the order's newest event up to this one; the last for null. -1 where there is none. */
  placeOf(eventId: number | null): number {
    const events = this.events.value
    if (eventId === null) return events.length - 1
    return events.findLastIndex((event) => event.eventId <= eventId)
  }

  /** Shows the order as it was just after its event at this place. The newest wish wins. */
  async show(place: number): Promise<void> {
    const event = this.events.value[place]
    if (!event) return
    const wish = ++this.#wanted
    const previous = this.events.value[place - 1]
    try {
      const [view, before] = await Promise.all([
        this.#at(event.eventId),
        previous && this.#at(previous.eventId),
      ])
      if (wish !== this.#wanted || !view) return
      this.error.value = undefined
      this.moment.value = { event, view, before }
    } catch (error) {
      if (wish === this.#wanted && !this.#stop.signal.aborted) this.error.value = errorWords(error)
    }
  }

  async #at(eventId: number): Promise<AnyView | undefined> {
    const now = this.#now.value
    if (now?.eventId === eventId) return now
    const known = this.#past.get(eventId)
    if (known) return known
    const view = await this.#client.at(this.orderId, eventId)
    if (!view) return undefined
    const [oldest] = this.#past.keys()
    if (this.#past.size >= viewsKept && oldest !== undefined) this.#past.delete(oldest)
    this.#past.set(eventId, view)
    return view
  }

  /** Follows first, and then asks what came before, so that none is missed between. */
  async #readEvents(): Promise<void> {
    const { signal: stop } = this.#stop
    const onError = (error: unknown) => {
      if (!stop.aborted) this.error.value = errorWords(error)
    }
    const { orderId } = this
    let pending: WireEvent[] = []
    let isScheduled = false
    const take = (event: WireEvent) => {
      pending.push(event)
      if (isScheduled) return
      isScheduled = true
      requestAnimationFrame(() => {
        isScheduled = false
        this.#join(pending)
        pending = []
      })
    }
    try {
      this.#client.events({ orderId, signal: stop, onError }, take).ended.catch(() => {})
      this.#join((await this.#client.history(orderId)) ?? [])
    } catch (error) {
      const isTooLong = error instanceof CallError && error.reason === 'TOO_LONG'
      const epoch = this.#client.hello?.epoch
      if (!isTooLong || epoch === undefined) return onError(error)
      const from = { epoch, eventId: 0 }
      this.#client.events({ orderId, from, signal: stop, onError }, take).ended.catch(() => {})
    }
  }

  #join(more: readonly WireEvent[]): void {
    if (more.length === 0 || this.#stop.signal.aborted) return
    const known = this.events.value
    const last = known.at(-1)?.eventId ?? 0
    void this.path.upTo(more.reduce((newest, { eventId }) => Math.max(newest, eventId), 0))
    const isNewer = more.every(({ eventId }, index) => eventId > (more[index - 1]?.eventId ?? last))
    if (isNewer) {
      this.events.value = [...known, ...more]
      return
    }
    const byId = new Map([...known, ...more].map((event) => [event.eventId, event]))
    this.events.value = [...byId.values()].sort((a, b) => a.eventId - b.eventId)
  }
}
