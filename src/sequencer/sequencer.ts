/**
 * The single writer. Commands of any number of callers come in; each is decided by its order's
 * actor, numbered, and appended with others in one commit, and answered once that is flushed.
 *
 * Actors run ahead of the log, nothing else does: while one group is being flushed the next is
 * decided, and whatever an answer rests on is durable before it is given.
 */
import { Fold } from '../checkpoint/fold.ts'
import type { Head, OrderHeads } from '../checkpoint/heads.ts'
import type { Config } from '../config.ts'
import type { Domain, Recorded } from '../domain.ts'
import { MachineError } from '../errors.ts'
import type { EventLog } from '../log/event-log.ts'
import { type Runtime, yieldTurn } from '../runtime.ts'
import type { Inspect } from './actor-system.ts'
import { type Answer, Append, type Waiting } from './append.ts'
import { Appends } from './appends.ts'
import { isForeign } from './checks.ts'
import { Decider } from './decider.ts'
import { Inbox } from './inbox.ts'
import { LiveOrders } from './live-orders.ts'
import type { SequencerObserver } from './observer.ts'
import * as refuse from './refusals.ts'
import type { StalledReader } from './stalled-readers.ts'
import { Waking } from './waking.ts'

export interface SequencerOptions {
  readonly domain: Domain
  readonly log: EventLog
  readonly heads: OrderHeads
  readonly config: Config
  readonly runtime: Runtime
  /** Watches every order's actor, as XState's `inspect` does. */
  readonly inspect?: Inspect | undefined
  /** Whose order it is that is shown, or null; undefined where none of that id is. */
  readonly ownerOf: (orderId: string) => string | null | undefined
  /** Measures what it does. */
  readonly observe?: SequencerObserver | undefined
  /**
   * Called with each event that is durable, before the receipts of its batch are given, and with the
   * head of its order.
   */
  readonly show: (recorded: Recorded, head: Head) => void
  /** Called with each batch after its receipts were given. */
  readonly tell: (batch: readonly Recorded[]) => void
  /** Called with whoever reads the log as it was long ago, which makes it grow. */
  readonly onStalledReader?: ((reader: StalledReader) => void) | undefined
  /** Called once, when the writer stops because something broke. */
  readonly onFault: (fault: Error) => void
}

export class Sequencer {
  readonly #options: SequencerOptions
  readonly #inbox = new Inbox()
  readonly #live: LiveOrders
  readonly #waking: Waking
  readonly #decider: Decider
  readonly #groupMax: number
  readonly #appends: Appends
  /** The group that is being decided; kept where it has to wait. */
  #group: readonly Waiting[] = []
  #pumping = false
  #closing = false
  #fault: Error | undefined
  #onIdle: (() => void) | undefined

  constructor(options: SequencerOptions) {
    const { config, domain, log } = options
    this.#options = options
    this.#live = new LiveOrders(
      config.liveActorsMax,
      options.heads,
      domain.machine,
      options.inspect,
    )
    const fold = new Fold(domain.machine)
    this.#waking = new Waking({
      ...options,
      live: this.#live,
      fold,
      isForeign: (command) => isForeign(command, options, this.#live.get(command.orderId)),
      onAwake: () => this.#wake(),
    })
    this.#appends = new Appends(options, {
      settle: (waiting, answer) => this.#settle(waiting, answer),
      durable: (append) => this.#show(append),
      answered: (append) => options.tell(append.recorded),
      ended: () => this.#wake(),
      broke: (error) => this.#stop(error),
    })
    this.#decider = new Decider({
      ...options,
      live: this.#live,
      initial: fold.initial,
      holderOf: (eventId, deciding) => this.#appends.holderOf(eventId, deciding),
      settle: (waiting, answer) => this.#settle(waiting, answer),
    })
    // The groups under way and the one being decided hold their orders alive.
    const ordersPerGroup = Math.floor(config.liveActorsMax / (log.appendsMax + 1))
    if (ordersPerGroup < 1) {
      throw new RangeError(`liveActorsMax must be at least ${log.appendsMax + 1} with this log.`)
    }
    this.#groupMax = Math.min(config.batchEventsMax, ordersPerGroup)
  }

  /** How many order actors are alive. */
  get liveActors(): number {
    return this.#live.size
  }

  /** How many commands wait to be decided. */
  get waiting(): number {
    return this.#inbox.length + this.#group.length + this.#waking.parked
  }

  /**
   * Takes a command, and settles it once: with the receipt when its event is durable and shown, or
   * with a refusal, or with a fault where the engine stops and cannot know. Never throws. Commands to
   * one order are decided in the order in which they came, as are those of a batch.
   */
  take(waiting: Waiting): void {
    const { inboxCommandsMax } = this.#options.config
    if (this.#closing || this.#fault) return this.#settle(waiting, refuse.stopping())
    if (this.waiting >= inboxCommandsMax) {
      return this.#settle(waiting, refuse.overloaded(inboxCommandsMax))
    }
    this.#inbox.push(waiting)
    this.#wake()
  }

  /** Takes no more commands, answers all that it has, and ends the actors. */
  async close(): Promise<void> {
    this.#closing = true
    this.#appends.close()
    if (!this.#isIdle()) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve
      })
    }
    this.#live.passivateAll()
  }

  #wake(): void {
    if (this.#pumping) return
    this.#pumping = true
    queueMicrotask(() => void this.#pump())
  }

  /** Decides group after group, for as long as the log may be given one more append. */
  async #pump(): Promise<void> {
    try {
      while (this.#mayDecide()) {
        if (this.#group.length === 0) this.#group = this.#inbox.take(this.#groupSize())
        await this.#waking.wake(this.#group)
        this.#group = this.#waking.sift(this.#group)
        // What was activated may have been thrown away meanwhile: then once more from the start.
        if (!this.#fault && !this.#appends.fellBack) this.#decideGroup()
        // What a log is given in one turn it may write as one, and then nothing overlaps.
        if (this.#inbox.length > 0) await yieldTurn(this.#options.runtime)
      }
    } catch (error) {
      this.#stop(error as Error)
    } finally {
      this.#pumping = false
      if (this.#isIdle()) this.#onIdle?.()
    }
  }

  #mayDecide(): boolean {
    if (this.#fault) return false
    this.#inbox.putBack(this.#waking.takeParked())
    const { log } = this.#options
    if (this.#appends.fellBack) {
      if (this.#appends.count > 0) return false
      this.#live.discardAhead()
      this.#decider.returnTo(log.head)
      this.#appends.recovered()
    }
    const toDecide = this.#inbox.length + this.#group.length
    return toDecide > 0 && this.#appends.count < log.appendsMax
  }

  #isIdle(): boolean {
    return this.#appends.count === 0 && this.waiting === 0 && !this.#pumping
  }

  /**
   * An equal share of all that is in flight for each append that may be under way, so that one
   * group is decided while the other is flushed; or more, where that is too few to be worth a flush.
   */
  #groupSize(): number {
    const inFlight = this.#inbox.length + this.#appends.answersWaiting
    const share = Math.ceil(inFlight / this.#options.log.appendsMax)
    return Math.min(this.#groupMax, Math.max(share, this.#options.config.groupShareMin))
  }

  #decideGroup(): void {
    const recordedAt = this.#options.runtime.now()
    const append = new Append()
    const group = this.#group
    this.#group = []
    let decided = 0
    for (const waiting of group) {
      decided++
      try {
        this.#decider.decide(waiting, append, recordedAt)
      } catch (error) {
        // The domain or its machine threw. Nothing of this group has been written.
        const { method } = waiting.command
        const why = error instanceof Error ? error.message : String(error)
        const fault = new MachineError(`${method}: ${why}`, { cause: error })
        this.#settle(waiting, fault)
        for (const other of append.answers) this.#settle(other, refuse.stopping())
        this.#group = group.slice(decided)
        throw fault
      }
    }
    if (append.recorded.length > 0) this.#appends.start(append)
  }

  #settle(waiting: Waiting, answer: Answer): void {
    this.#options.observe?.answered(waiting.command.method, answer)
    waiting.settle(answer)
  }

  #show(append: Append): void {
    const { recorded, orders } = append
    const { heads, show } = this.#options
    for (let index = 0; index < recorded.length; index++) {
      const order = orders[index]!
      const one = recorded[index]!
      heads.apply(one.event, order.head)
      order.landed(append)
      show(one, order.head)
    }
  }

  /** Stops for good: nothing more is decided, and whoever waits is told. */
  #stop(error: Error): void {
    if (this.#fault) return
    this.#fault = error
    const rest = this.#inbox.take(this.#inbox.length)
    const left = [...this.#group, ...this.#waking.takeAll(), ...rest]
    this.#group = []
    for (const waiting of left) this.#settle(waiting, refuse.stopping())
    this.#options.onFault(this.#fault)
  }
}
