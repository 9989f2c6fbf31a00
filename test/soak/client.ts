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
import { Commands } from './commands.ts'

/** What became of one command. */
export interface Told {
  readonly commandId: string
  /** The eventId of its receipt; the reason of its refusal; or that nobody knows. */
  readonly outcome: number | string
}

export class SoakClient {
  readonly told: Told[] = []
  readonly events: OrderWireEvent[] = []
  readonly client: Client
  readonly map: ReturnType<Client['map']>
  reconnects = -1
  /** It is to have each event, once and in order. */
  readonly watchesEvents: boolean
  readonly #commands: Commands
  readonly #sockets: WebSocket[] = []
  #watching: Watching | undefined

  constructor(name: string, url: string, chance: Chance, watchesEvents: boolean) {
    this.#commands = new Commands(name, chance)
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
      const { commandId, method, params } = this.#commands.next()
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
}

function outcomeOf(answer: object, outcome: number | string): number | string {
  return 'outcome' in answer && answer.outcome === 'unknown' ? 'unknown' : outcome
}
