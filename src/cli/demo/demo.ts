/** A stream of made-up orders, for something to look at: `ordinal serve --demo`. */
import { demoOpenOrdersMax, demoPendingMax } from '../../config.ts'
import type { Engine } from '../../engine.ts'
import type { OrderView } from '../../order/index.ts'
import type { Runtime } from '../../runtime.ts'
import { type Step, Steps } from './steps.ts'

export interface DemoOptions {
  readonly engine: Pick<Engine, 'submit' | 'get' | 'list'>
  readonly runtime: Runtime
  /** Commands a second, on the average. */
  readonly rate: number
  /** Hears of an error that ended the demo: the engine has stopped, or is gone. */
  readonly onEnded?: (error: unknown) => void
}

/** Who asks, in the events of the demo. */
const by = 'demo'
/** What the ids of its orders begin with. */
const prefix = 'demo-'
/**
 * The share of new orders, while there is room for them: first of all there is to be something to
 * see, and then about as many come as go. An order has some five events.
 */
const newShare = { upToOpen: 15, first: 0.6, later: 0.25 }
const openStatuses = ['created', 'partiallyPaid', 'paid', 'shipped', 'cancelled'] as const
/** Where it comes late by more, it leaves out what it is late with. */
const lateMs = 1000

/**
 * Submits commands as people would: at uneven times, one at a time for each order, each order on its
 * way to an end. No more than `demoPendingMax` wait for an answer, and no more than `demoOpenOrdersMax`
 * orders are open; what the engine is too slow for is left out.
 */
export class Demo {
  readonly #options: DemoOptions
  readonly #steps: Steps
  /** The orders that wait for what is done next. */
  readonly #waiting: string[]
  #pending = 0
  /** When the next command is due, by the clock of `elapsed`. */
  #dueAt: number
  #cancel: () => void = () => {}
  #isStopped = false

  /** Goes on with the orders that an earlier demo left open in the same log. */
  constructor(options: DemoOptions) {
    const { runtime, engine } = options
    this.#options = options
    this.#steps = new Steps(() => runtime.random())
    this.#waiting = openOrders(engine)
    this.#dueAt = runtime.elapsed()
    this.#goOn()
  }

  /** How many orders it has that have not come to an end. */
  get open(): number {
    return this.#waiting.length + this.#pending
  }

  /** How many of its commands wait for an answer. */
  get pending(): number {
    return this.#pending
  }

  /** Submits nothing more. What was submitted is the engine's to answer. */
  stop(): void {
    this.#isStopped = true
    this.#cancel()
  }

  #goOn(): void {
    const { runtime } = this.#options
    const now = runtime.elapsed()
    if (now - this.#dueAt > lateMs) this.#dueAt = now
    while (this.#dueAt <= now && !this.#isStopped) {
      this.#dueAt += this.#wait()
      if (this.#pending < demoPendingMax) void this.#take(this.#step())
    }
    if (this.#isStopped) return
    this.#cancel = runtime.after(Math.max(1, this.#dueAt - now), () => this.#goOn())
  }

  /** Milliseconds between two commands, as uneven as between people who know nothing of each other. */
  #wait(): number {
    const { runtime, rate } = this.#options
    return (-Math.log(1 - runtime.random()) * 1000) / rate
  }

  /** An order that is waiting, and what is done with it; or a new one. */
  #step(): Step | undefined {
    const { runtime, engine } = this.#options
    const hasRoom = this.open < demoOpenOrdersMax
    const share = this.open < newShare.upToOpen ? newShare.first : newShare.later
    if (hasRoom && runtime.random() < share) return this.#steps.place()
    while (this.#waiting.length > 0) {
      const index = Math.floor(runtime.random() * this.#waiting.length)
      const orderId = this.#waiting[index]!
      // The last one takes its place: their order means nothing.
      this.#waiting[index] = this.#waiting.at(-1)!
      this.#waiting.pop()
      const view = engine.get(orderId)
      const step = view && this.#steps.next(view)
      if (step) return step
    }
    return hasRoom ? this.#steps.place() : undefined
  }

  async #take(step: Step | undefined): Promise<void> {
    if (!step) return
    const { engine, onEnded } = this.#options
    this.#pending++
    try {
      const answer = await engine.submit(step.method, step.params as never, { by })
      const { orderId } = step.params
      // Refused or not, somebody will do something with it again; but not with one that there is not.
      if (orderId !== undefined && ('eventId' in answer || step.method !== 'order.new')) {
        this.#waiting.push(orderId)
      }
    } catch (error) {
      if (!this.#isStopped) onEnded?.(error)
      this.stop()
    } finally {
      this.#pending--
    }
  }
}

/** Up to as many as it may have open, of the demo's own. */
function openOrders(engine: Pick<Engine, 'list'>): string[] {
  const found: string[] = []
  for (const status of openStatuses) {
    let after: string | undefined
    do {
      const page = engine.list({ status, ...(after === undefined ? {} : { after }) })
      found.push(...page.orders.filter(isOpen).map(({ orderId }) => orderId))
      after = page.next
    } while (after !== undefined && found.length < demoOpenOrdersMax)
  }
  return found.slice(0, demoOpenOrdersMax)
}

function isOpen({ orderId, status, balance }: OrderView): boolean {
  return orderId.startsWith(prefix) && (status !== 'cancelled' || balance < 0)
}
