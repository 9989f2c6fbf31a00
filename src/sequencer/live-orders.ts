import assert from 'node:assert/strict'
import type { AnyStateMachine } from 'xstate'
import type { OrderHeads } from '../checkpoint/heads.ts'
import type { Past } from '../checkpoint/past.ts'
import { ActorSystem, type Inspect } from './actor-system.ts'
import { LiveOrder } from './live-order.ts'

/**
 * The orders whose actors are alive, never more than a bound.
 *
 * Room is made by second chance: a hand goes round, lets go of the first order that has not been used
 * since it last passed by, and keeps those that the present group of commands uses or that have an
 * event which is not durable.
 */
export class LiveOrders {
  readonly #max: number
  readonly #system: ActorSystem
  readonly #heads: OrderHeads
  /** As the hand goes round. They are found as the users of their heads. */
  #round: LiveOrder[] = []
  /** Of each place of the round: whether it was used since the hand passed by, and by which group last. */
  readonly #used: Uint8Array
  readonly #usedBy: Float64Array
  #hand = 0
  #group = 0

  /** @param max how many may be alive at the same time */
  constructor(max: number, heads: OrderHeads, machine: AnyStateMachine, inspect?: Inspect) {
    this.#max = max
    this.#used = new Uint8Array(max)
    this.#usedBy = new Float64Array(max)
    this.#heads = heads
    this.#system = new ActorSystem(machine, inspect)
  }

  get size(): number {
    return this.#round.length
  }

  get(orderId: string): LiveOrder | undefined {
    return this.#heads.userOf(orderId) as LiveOrder | undefined
  }

  /** Begins a group: the orders used from here on stay until the next one begins. */
  beginGroup(): void {
    this.#group++
  }

  /** Marks an order as used by the present group. */
  use({ place }: LiveOrder): void {
    this.#used[place] = 1
    this.#usedBy[place] = this.#group
  }

  /** Gives an order its actor, with its past if it has one, and lets go of another where it must. */
  bear(orderId: string, past?: Past): LiveOrder {
    const place = this.#round.length < this.#max ? this.#round.length : this.#letGo()
    const order = new LiveOrder(this.#system, this.#heads, orderId, past)
    order.place = place
    this.#round[place] = order
    this.use(order)
    return order
  }

  /** Throws away the orders that ran ahead of a log that did not follow. */
  discardAhead(): void {
    const kept: LiveOrder[] = []
    for (const order of this.#round) {
      if (order.append === undefined) kept.push(order)
      else order.passivate()
    }
    for (const [place, order] of kept.entries()) order.place = place
    this.#round = kept
    this.#hand = 0
  }

  passivateAll(): void {
    for (const order of this.#round) order.passivate()
    this.#round = []
  }

  /** Passivates one order that is idle, and returns its place. */
  #letGo(): number {
    // Twice round at the most: once to clear the marks, once to find the idle.
    for (let looks = 2 * this.#max; looks > 0; looks--) {
      const place = this.#hand
      this.#hand = (place + 1) % this.#max
      if (this.#usedBy[place] === this.#group) continue
      const wasUsed = this.#used[place] === 1
      this.#used[place] = 0
      if (wasUsed) continue
      const order = this.#round[place]!
      if (order.append !== undefined) continue
      order.passivate()
      return place
    }
    assert.fail('A group must fit among the live orders.')
  }
}
