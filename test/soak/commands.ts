/** The commands of one client, in valid and in invalid order, as chance has it. */
import type { Chance } from './chance.ts'

export interface Command {
  readonly commandId: string
  readonly method: string
  readonly params: object
}

const line = { sku: 'widget', quantity: 5, unitPrice: 1000 }

export class Commands {
  readonly #name: string
  readonly #chance: Chance
  readonly #ordersOf: string
  #orders = 0
  #commands = 0

  /**
   * @param name begins the ids of its commands
   * @param ordersOf begins the ids of its orders; clients of which it is the same share their orders
   */
  constructor(name: string, chance: Chance, ordersOf = name) {
    this.#name = name
    this.#chance = chance
    this.#ordersOf = ordersOf
  }

  next(): Command {
    const [method, params] = this.#choose()
    return { commandId: `${this.#name}-c${++this.#commands}`, method, params }
  }

  #choose(): readonly [string, object] {
    const chance = this.#chance
    if (this.#orders === 0 || chance.below(5) === 0) {
      return ['order.new', { ...this.#order(++this.#orders), currency: 'USD', lines: [line] }]
    }
    const order = this.#order(1 + chance.below(this.#orders))
    const paymentId = `p-${this.#commands}`
    return chance.of([
      ['order.modify', { ...order, lines: [{ sku: 'widget', quantity: 1 + chance.below(9) }] }],
      ['order.pay', { ...order, paymentId, amount: 1000 * (1 + chance.below(6)) }],
      ['order.pay', { ...order, paymentId, amount: 5000 }],
      ['order.ship', order],
      ['order.deliver', order],
      ['order.cancel', order],
      ['order.refund', { ...order, refundId: paymentId, amount: 1000 }],
    ] as const)
  }

  #order(number: number) {
    return { orderId: `${this.#ordersOf}-o${number}` }
  }
}
