/** What happens next to an order of the demo: mostly what is sensible, and now and then a mistake. */
import type { OrderCommands, OrderMethod, OrderView } from '../../order/index.ts'
import { customers, goods, reasons } from './goods.ts'

/** A command that may be submitted. */
export type Step = {
  readonly [Name in OrderMethod]: { readonly method: Name; readonly params: OrderCommands[Name] }
}[OrderMethod]

/** After so many events an order is only led to its end, so that it comes to one. */
const dawdlesUpToVersion = 10

/** Draws what happens, by a source of randomness that gives numbers from 0 up to 1. */
export class Steps {
  readonly #random: () => number

  constructor(random: () => number) {
    this.#random = random
  }

  /** A new order of somebody. */
  place(): Step {
    const { id: customerId, currency } = this.#one(customers)
    const count = 1 + this.#below(3)
    const first = this.#below(goods.length)
    const lines = Array.from({ length: count }, (_, index) => ({
      ...goods[(first + index * 5) % goods.length]!,
      quantity: 1 + this.#below(6),
    }))
    const orderId = this.#id('demo')
    return { method: 'order.new', params: { orderId, customerId, currency, lines } }
  }

  /** What is done next to an order; undefined where it has come to its end. */
  next(order: OrderView): Step | undefined {
    const { status, balance, version } = order
    const isLate = version > dawdlesUpToVersion
    if (status === 'refunded') return undefined
    if (status === 'cancelled') return balance < 0 ? this.#refund(order, -balance) : undefined
    if (status === 'completed') return this.#afterwards(order, isLate)
    if (!isLate && this.#chance(0.06)) return this.#mistake(order)
    if (!isLate && status !== 'shipped' && this.#chance(0.12)) return this.#change(order)
    if (status !== 'shipped' && this.#chance(0.06)) return this.#cancel(order)
    if (status === 'shipped') {
      return { method: 'order.deliver', params: { orderId: order.orderId } }
    }
    if (balance < 0) return this.#refund(order, -balance)
    if (balance > 0) return this.#pay(order, isLate)
    const trackingId = this.#id('parcel')
    return { method: 'order.ship', params: { orderId: order.orderId, trackingId } }
  }

  /** Something that the machine refuses, as people do it: too much, too early, too late. */
  #mistake({ orderId, status, balance }: OrderView): Step {
    if (status === 'shipped') return { method: 'order.cancel', params: { orderId } }
    if (balance > 0 && this.#chance(0.5)) return { method: 'order.ship', params: { orderId } }
    if (balance > 0) {
      const params = { orderId, paymentId: this.#id('payment'), amount: balance + 1000 }
      return { method: 'order.pay', params }
    }
    return { method: 'order.deliver', params: { orderId } }
  }

  /** Another quantity of a line, or a line more. */
  #change({ orderId, lines }: OrderView): Step {
    const isMore = this.#chance(0.4)
    const { sku, unitPrice } = this.#one(isMore ? goods : lines)
    // One from 1 on: what is left is never nothing.
    const change = { sku, quantity: 1 + this.#below(6), ...(isMore ? { unitPrice } : {}) }
    return { method: 'order.modify', params: { orderId, lines: [change] } }
  }

  #cancel({ orderId }: OrderView): Step {
    return { method: 'order.cancel', params: { orderId, reason: this.#one(reasons) } }
  }

  /** All that is owed, or some of it. */
  #pay({ orderId, balance }: OrderView, isLate: boolean): Step {
    const isPart = !isLate && balance > 1 && this.#chance(0.35)
    const amount = isPart ? Math.ceil(balance * (0.2 + 0.6 * this.#random())) : balance
    return { method: 'order.pay', params: { orderId, paymentId: this.#id('payment'), amount } }
  }

  #refund({ orderId }: OrderView, amount: number): Step {
    return { method: 'order.refund', params: { orderId, refundId: this.#id('refund'), amount } }
  }

  /** Some send a thing back, and get a part or all of their money. */
  #afterwards(order: OrderView, isLate: boolean): Step | undefined {
    const left = order.paid - order.refunded
    if (left === 0 || isLate || !this.#chance(0.12)) return undefined
    return this.#refund(order, this.#chance(0.5) ? left : Math.ceil(left / 3))
  }

  #one<T>(all: readonly T[]): T {
    return all[this.#below(all.length)]!
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count)
  }

  #chance(share: number): boolean {
    return this.#random() < share
  }

  #id(what: string): string {
    return `${what}-${Math.floor(this.#random() * 2 ** 48).toString(36)}`
  }
}
