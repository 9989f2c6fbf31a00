/** One client of a soak: it submits commands to orders of its own, and watches all orders. */
import { WebSocket } from 'ws'
import {
  type Client,
  ClientError,
  connect,
  type OrderWireEvent,
  type Watching,
} from '../../src/client/index.ts'
import type { Chance } from './chance.ts'

/** What became of one command. */
export interface Told {
  readonly commandId: string
  /** The eventId of its receipt; the reason of its refusal; or that nobody knows. */
  readonly outcome: number | string
}

const line = { sku: 'widget', quantity: 5, unitPrice: 1000 }

export class SoakClient {
  readonly told: Told[] = []
  readonly events: OrderWireEvent[] = []
  readonly client: Client
  readonly map: ReturnType<Client['map']>
  reconnects = -1
  /** It is to have each event, once and in order. */
  readonly watchesEvents: boolean
  readonly #chance: Chance
  readonly #name: string
  readonly #sockets: WebSocket[] = []
  #orders = 0
  #commands = 0
  #watching: Watching | undefined

  constructor(name: string, url: string, chance: Chance, watchesEvents: boolean) {
    this.#name = name
    this.#chance = chance
    this.watchesEvents = watchesEvents
    this.client = connect(url, {
      client: name,
      random: chance.next,
      socket: (to, protocols) => {
        const socket = new WebSocket(to, protocols)
        this.#sockets.splice(0, this.#sockets.length, socket)
        return socket as never
      },
    })
    this.client.onState(({ state }) => {
      if (state === 'live') this.reconnects++
    })
    this.map = this.client.map()
    if (!watchesEvents) return
    void this.client.ready.then(({ epoch }) => {
      this.#watching = this.client.events({ from: { epoch, eventId: 0 } }, (event) => {
        this.events.push(event)
      })
    })
  }

  /** Submits one command after another until it is told to stop. */
  async work(goesOn: () => boolean): Promise<void> {
    while (goesOn()) {
      const [method, params] = this.#choose()
      const commandId = `${this.#name}-c${++this.#commands}`
      try {
        const answer = await this.client.submit(method as 'order.ship', params as never, {
          commandId,
        })
        const outcome = 'refused' in answer ? answer.refused : answer.eventId
        this.told.push({ commandId, outcome: outcomeOf(answer, outcome) })
      } catch (error) {
        if (!(error instanceof ClientError)) throw error
        this.told.push({
          commandId,
          outcome: error.outcome === 'unknown' ? 'unknown' : error.reason,
        })
      }
    }
  }

  /** Cuts the connection, as a network does that goes away. */
  cut(): void {
    this.#sockets[0]?.terminate()
  }

  close(): void {
    this.#watching?.cancel()
    this.client.close()
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
    return { orderId: `${this.#name}-o${number}` }
  }
}

function outcomeOf(answer: object, outcome: number | string): number | string {
  return 'outcome' in answer && answer.outcome === 'unknown' ? 'unknown' : outcome
}
