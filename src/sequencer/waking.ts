import type { Fold } from '../checkpoint/fold.ts'
import type { OrderHeads } from '../checkpoint/heads.ts'
import { type Past, readPast } from '../checkpoint/past.ts'
import type { Config } from '../config.ts'
import type { Command, Domain } from '../domain.ts'
import type { EventLog } from '../log/event-log.ts'
import { type Runtime, yieldTurn } from '../runtime.ts'
import type { Waiting } from './append.ts'
import type { LiveOrder } from './live-order.ts'
import type { LiveOrders } from './live-orders.ts'

export interface WakingOptions {
  readonly domain: Domain
  readonly log: EventLog
  readonly runtime: Runtime
  readonly config: Config
  readonly fold: Fold
  readonly heads: OrderHeads
  readonly live: LiveOrders
  /** Whether a command is to be refused without asking its order, which is somebody else's. */
  readonly isForeign: (command: Command) => boolean
  /** An order is awake, or could not be woken, which `takeParked` says. */
  readonly onAwake: () => void
}

/**
 * The orders whose histories are being read and folded. One that takes longer than a turn does not
 * keep all others waiting: its commands are parked here meanwhile, and with them those that must not
 * overtake them, which are later ones of the same order or of the same batch.
 */
export class Waking {
  readonly #options: WakingOptions
  /** Undefined for an order that is not awake yet. */
  readonly #pasts = new Map<string, Past | undefined>()
  /** In the order in which they came. */
  #parked: Waiting[] = []
  /** The orders and batches that parked commands are of. */
  readonly #held = new Set<string | object>()
  #long = 0
  #hasNews = false
  #failure: { readonly error: unknown } | undefined

  constructor(options: WakingOptions) {
    this.#options = options
  }

  /** How many commands are parked. */
  get parked(): number {
    return this.#parked.length
  }

  /**
   * Wakes the orders of a group that exist and sleep, all but some that take longer than a turn; and has
   * those born that its commands may place.
   */
  async wake(group: readonly Waiting[]): Promise<void> {
    const { domain, live, heads, isForeign } = this.#options
    live.beginGroup()
    const asleep = new Map<string, number>()
    for (const waiting of group) {
      const { command } = waiting
      const { orderId } = command
      const head = heads.find(orderId)
      const order = head?.user as LiveOrder | undefined
      waiting.order = order
      if (order) live.use(order)
      else if (!head) {
        if (domain.methods[command.method]!.creates) waiting.order = live.bear(orderId)
      } else if (!this.#pasts.has(orderId) && !isForeign(command)) {
        asleep.set(orderId, head.eventId)
      }
    }
    for (const [orderId, head] of asleep) await this.#begin(orderId, head)
  }

  /**
   * Parks the commands of a group that have to wait, and gives the orders of the others an actor.
   *
   * @returns the commands that can be decided
   */
  sift(group: readonly Waiting[]): readonly Waiting[] {
    const { live } = this.#options
    if (this.#pasts.size === 0) return group
    const ready = group.filter((waiting) => !this.#mustWait(waiting))
    for (const { command } of ready) {
      const past = this.#pasts.get(command.orderId)
      if (!past) continue
      this.#pasts.delete(command.orderId)
      live.bear(command.orderId, past)
    }
    return ready
  }

  /**
   * The parked commands, if an order has woken since: some of them may be decided.
   *
   * @throws what an order could not be woken for
   */
  takeParked(): readonly Waiting[] {
    if (this.#failure) throw this.#failure.error
    return this.#hasNews ? this.takeAll() : []
  }

  takeAll(): readonly Waiting[] {
    const parked = this.#parked
    this.#parked = []
    this.#held.clear()
    this.#hasNews = false
    return parked
  }

  /**
   * Begins to wake an order. Resolves when it is awake, or when it is seen to take longer than a
   * turn and there may be one more of those.
   */
  #begin(orderId: string, head: number): Promise<void> {
    const { log, runtime, config, fold } = this.#options
    this.#pasts.set(orderId, undefined)
    return new Promise((resolve) => {
      let isLong = false
      const turn = () => {
        if (!isLong && this.#long < config.wakingOrdersMax) {
          isLong = true
          this.#long++
          resolve()
        }
        return yieldTurn(runtime)
      }
      const ended = () => {
        if (isLong) this.#long--
        this.#hasNews = true
        resolve()
        this.#options.onAwake()
      }
      const options = { log, eventsPerTurn: config.eventsPerTurnMax, turn }
      readPast(fold, options, head).then(
        (past) => {
          this.#pasts.set(orderId, past)
          ended()
        },
        (error) => {
          this.#failure ??= { error }
          ended()
        },
      )
    })
  }

  /** True where the command was parked. */
  #mustWait(waiting: Waiting): boolean {
    const { command, batch } = waiting
    if (this.#options.isForeign(command)) return false
    const { orderId } = command
    const isAsleep = this.#pasts.has(orderId) && !this.#pasts.get(orderId)
    const isBehind = this.#held.has(orderId) || (batch !== undefined && this.#held.has(batch))
    if (!isAsleep && !isBehind) return false
    this.#parked.push(waiting)
    this.#held.add(orderId)
    if (batch) this.#held.add(batch)
    return true
  }
}
