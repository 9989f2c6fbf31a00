import assert from 'node:assert/strict'
import type { AnyStateMachine } from 'xstate'
import type { Past } from '../checkpoint/past.ts'
import { ActorSystem, type Inspect } from './actor-system.ts'
import { LiveOrder } from './live-order.ts'

/**
 * The orders whose actors are alive, never more than a bound.
 *
 * Room is made by second chance: the search goes round in the order of coming in, lets go of the
 * first order that has not been used since it last passed by, and keeps those that the present
 * group of commands uses or that have an event which is not durable.
 */
export class LiveOrders {
  readonly #max: number
  readonly #system: ActorSystem
  readonly #orders = new Map<string, LiveOrder>()
  #group = 0

  /** @param max how many may be alive at the same time */
  constructor(max: number, machine: AnyStateMachine, inspect?: Inspect) {
    this.#max = max
    this.#system = new ActorSystem(machine, inspect)
  }

  get size(): number {
    return this.#orders.size
  }

  get(orderId: string): LiveOrder | undefined {
    return this.#orders.get(orderId)
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

  /** Gives an order its actor, with its past if it has one; `makeRoom` must have been asked before. */
  bear(orderId: string, past?: Past): LiveOrder {
    assert(this.#orders.size < this.#max, 'There must be room for one more live order.')
    const order = new LiveOrder(this.#system, orderId, past)
    this.use(order)
    this.#orders.set(orderId, order)
    return order
  }

  /** Passivates idle orders until `count` more fit. */
  makeRoom(count: number): void {
    // Twice round at the most: once to clear the marks, once to find the idle.
    let looks = 2 * this.#orders.size
    for (const [orderId, order] of this.#orders) {
      if (this.#orders.size + count <= this.#max) return
      if (looks-- === 0) break
      this.#orders.delete(orderId)
      const busy = order.append !== undefined || order.group === this.#group
      // Put back, an order comes last, and this iteration meets it again.
      if (busy || order.used) this.#orders.set(orderId, order)
      else order.passivate()
      if (!busy) order.used = false
    }
    assert(this.#orders.size + count <= this.#max, 'A group must fit among the live orders.')
  }

  /** Throws away the orders that ran ahead of a log that did not follow. */
  discardAhead(): void {
    for (const [orderId, order] of this.#orders) {
      if (order.append === undefined) continue
      this.#orders.delete(orderId)
      order.passivate()
    }
  }

  passivateAll(): void {
    for (const order of this.#orders.values()) order.passivate()
    this.#orders.clear()
  }
}
