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
  #hand = 0
  #group = 0

  /** @param max how many may be alive at the same time */
  constructor(max: number, heads: OrderHeads, machine: AnyStateMachine, inspect?: Inspect) {
    this.#max = max
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
  use(order: LiveOrder): void {
    order.used = true
    order.group = this.#group
  }

  /** Gives an order its actor, with its past if it has one, and lets go of another where it must. */
  bear(orderId: string, past?: Past): LiveOrder {
    const place = this.#round.length < this.#max ? this.#round.length : this.#letGo()
    const order = new LiveOrder(this.#system, this.#heads, orderId, past)
    this.use(order)
    this.#round[place] = order
    return order
  }

  /** Throws away the orders that ran ahead of a log that did not follow. */
  discardAhead(): void {
    const isAhead = ({ append }: LiveOrder) => append !== undefined
    for (const order of this.#round.filter(isAhead)) order.passivate()
    this.#round = this.#round.filter((order) => !isAhead(order))
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
      const order = this.#round[place]!
      if (order.append !== undefined || order.group === this.#group) continue
      if (!order.used) {
        order.passivate()
        return place
      }
      order.used = false
    }
    assert.fail('A group must fit among the live orders.')
  }
}
