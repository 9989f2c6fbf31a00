/**
 * The newest events of the log, as they come. While it follows, what is shown moves on; while it stands
 * still, nothing that is shown moves, and what comes meanwhile is kept for later.
 */
import { signal } from '@preact/signals'
import type { WireEvent } from '../../client/index.ts'
import { after } from '../platform.ts'
import type { AnyClient } from '../server/session.ts'
import { errorWords } from '../words.ts'

/** Events that are kept; the oldest give way. */
const eventsKept = 5000
/** Time between two looks at what has come: nobody reads faster. */
const showMs = 100
/** How far back it begins. */
const eventsBefore = 500

export interface TailFilter {
  readonly type: string
  readonly orderId: string
}

export class Tail {
  /** Newest first. */
  readonly shown = signal<readonly WireEvent[]>([])
  /** Events that have come while it stood still. */
  readonly waiting = signal(0)
  readonly isFollowing = signal(true)
  readonly error = signal<string | undefined>(undefined)
  readonly #client: AnyClient
  readonly #filter: TailFilter
  readonly #stop = new AbortController()
  /** Oldest first. */
  #events: WireEvent[] = []
  #came = 0
  #isScheduled = false
  #isPaused = false
  #isHeld = false

  constructor(client: AnyClient, filter: TailFilter) {
    this.#client = client
    this.#filter = filter
    void this.#start()
  }

  close(): void {
    this.#stop.abort()
  }

  /** Stands still until it is to go on. */
  pause(isPaused: boolean): void {
    if (isPaused === this.#isPaused) return
    this.#isPaused = isPaused
    this.#settle()
  }

  /** Stands still for as long as somebody has scrolled away from the newest, or points at the table. */
  hold(isHeld: boolean): void {
    if (isHeld === this.#isHeld) return
    this.#isHeld = isHeld
    this.#settle()
  }

  #settle(): void {
    this.isFollowing.value = !this.#isPaused && !this.#isHeld
    if (this.isFollowing.value) this.#show()
  }

  async #start(): Promise<void> {
    const { signal: stop } = this.#stop
    const { type, orderId } = this.#filter
    try {
      // Of a connection that came back, the greeting is a newer one.
      const { epoch, eventId } = this.#client.hello ?? (await this.#client.ready)
      const from = { epoch, eventId: Math.max(0, eventId - eventsBefore) }
      if (stop.aborted) return
      const filter = { ...(type && { types: [type] }), ...(orderId && { orderId }) }
      const options = {
        ...filter,
        from,
        signal: stop,
        onError: (error: unknown) => this.#failed(error),
      }
      this.#client.events(options, (event) => this.#take(event)).ended.catch(() => {})
    } catch (error) {
      this.#failed(error)
    }
  }

  #failed(error: unknown): void {
    if (!this.#stop.signal.aborted) this.error.value = errorWords(error)
  }

  #take(event: WireEvent): void {
    this.#events.push(event)
    if (this.#events.length > 2 * eventsKept)
      this.#events.splice(0, this.#events.length - eventsKept)
    this.#came++
    if (this.#isScheduled) return
    this.#isScheduled = true
    after(showMs, () => {
      this.#isScheduled = false
      if (this.isFollowing.value) this.#show()
      else this.waiting.value = this.#came
    })
  }

  #show(): void {
    this.#came = 0
    this.waiting.value = 0
    this.shown.value = this.#events.slice(-eventsKept).reverse()
  }
}
