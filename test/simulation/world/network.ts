/**
 * A network that delays, stalls and cuts. What is sent by one socket comes in the order in which it
 * was sent, or not at all; between sockets there is no order.
 */
import type { ClientSocket } from '../../../src/client/platform.ts'
import { nobodyInParticular } from '../../../src/gateway/auth/identity.ts'
import type { OpenPort, Port, ServerOptions } from '../../../src/gateway/port/server.ts'
import type { Chance } from '../../soak/chance.ts'
import { type SimClock, type SimProcess, streamOf } from './clock.ts'
import { ClientEnd, ServerEnd } from './sockets.ts'
import { Way } from './way.ts'

/** What a network may do wrong that everything relies on: for showing that the checks find it. */
export interface NetworkSins {
  /** Lets what was sent later by a socket come before what was sent earlier. */
  readonly reorders?: boolean
  /** Changes what is sent. */
  readonly tamper?: (text: string, to: 'client' | 'server', chance: Chance) => string
}

export interface NetworkTraits {
  /** What a frame takes at the most, in ms, where nothing is slow. */
  readonly latencyMsMax: number
  /**
   * Whether what was sent on a connection may still come to the server after the client has given
   * that connection up and made another.
   */
  readonly latecomers: boolean
}

/** How a connection is cut: both ends are told, or nothing comes through any more, one way or both. */
export type Cut = 'reset' | 'silence' | 'deaf' | 'mute'

export class SimNetwork {
  readonly clock: SimClock
  readonly traits: NetworkTraits
  readonly sins: NetworkSins
  readonly #seed: number
  #dials = 0
  #port: { readonly process: SimProcess; readonly options: ServerOptions } | undefined
  /** The newest connection of each client. */
  readonly #newest = new Map<string, Connection>()
  /** Those that the server has taken in, by whose they are. */
  readonly #accepted = new Map<Connection, string>()
  readonly counts = { dials: 0, refused: 0, opened: 0, cut: 0, frames: 0 }

  constructor(clock: SimClock, seed: number, traits: NetworkTraits, sins: NetworkSins = {}) {
    this.clock = clock
    this.traits = traits
    this.sins = sins
    this.#seed = seed
  }

  /** The port that an engine of this process listens at; a newer one takes its place. */
  openPort(process: SimProcess): OpenPort {
    return (options): Port => ({
      address: { host: 'simulated', port: 1 },
      listen: async () => {
        this.#port = { process, options }
      },
      close: async () => {
        if (this.#port?.process === process) this.#port = undefined
      },
    })
  }

  /** Makes a socket of a client, which connects by itself. */
  dial(client: string, canTerminate: boolean): ClientSocket {
    const number = ++this.#dials
    this.counts.dials++
    const chance = streamOf(this.#seed, `connection ${client} ${number}`)
    const connection = new Connection(this, chance, canTerminate)
    this.#newest.set(client, connection)
    connection.after(() => this.#accept(connection, client))
    return connection.client
  }

  /** Cuts the newest connection of a client, if it has one. */
  cut(client: string, how: Cut): void {
    const connection = this.#newest.get(client)
    if (!connection || connection.isOver) return
    this.counts.cut++
    connection.cut(how)
  }

  /** For so long nothing comes through on the newest connection of a client; it comes later. */
  stall(client: string, ms: number): void {
    this.#newest.get(client)?.stall(ms)
  }

  /** The server's process was killed: its kernel tells the clients, or, without power, nobody does. */
  serverDied(process: SimProcess, isTold: boolean): void {
    if (this.#port?.process === process) this.#port = undefined
    for (const connection of this.#accepted.keys()) {
      if (connection.server?.process === process) connection.serverDied(isTold)
    }
  }

  #accept(connection: Connection, client: string): void {
    const port = this.#port
    const connect = port?.process.isAlive ? port.options.connect() : undefined
    if (!port || !connect) {
      this.counts.refused++
      return connection.refuse()
    }
    this.counts.opened++
    for (const [before, whose] of this.#accepted) {
      if (whose === client && !this.traits.latecomers) before.forget()
      if (before.isOver) this.#accepted.delete(before)
    }
    this.#accepted.set(connection, client)
    connect(connection.accept(port.process), nobodyInParticular)
  }
}

/** Both ways between a client and the server. */
class Connection {
  readonly client: ClientEnd
  server: ServerEnd | undefined
  readonly #network: SimNetwork
  readonly #chance: Chance
  readonly #toServer: Way
  readonly #toClient: Way

  constructor(network: SimNetwork, chance: Chance, canTerminate: boolean) {
    const { clock, sins } = network
    const delay = () => this.delay()
    this.#network = network
    this.#chance = chance
    this.#toServer = new Way({ clock, chance, delay, to: 'server', sins })
    this.#toClient = new Way({ clock, chance, delay, to: 'client', sins })
    this.client = new ClientEnd({ to: this.#toServer, clock, canTerminate })
    this.#toClient.take = (message) => {
      network.counts.frames++
      this.client.take(message)
      this.server?.drained()
    }
  }

  get isOver(): boolean {
    return this.client.isOver && (this.server?.isOver ?? true)
  }

  /** How long a frame takes: as a rule little, now and then much. */
  delay(): number {
    const { latencyMsMax } = this.#network.traits
    return this.#chance.next() ** 3 * latencyMsMax
  }

  after(run: () => void): void {
    this.#network.clock.after(this.delay(), run)
  }

  refuse(): void {
    this.after(() => this.client.take({ kind: 'gone' }))
  }

  accept(process: SimProcess): ServerEnd {
    const server = new ServerEnd({ to: this.#toClient, from: this.#toServer, process })
    this.server = server
    this.#toServer.take = (message) => {
      this.#network.counts.frames++
      server.take(message)
    }
    this.#toClient.push({ kind: 'open' })
    return server
  }

  cut(how: Cut): void {
    if (how !== 'mute') this.#end(this.#toClient, how === 'reset')
    if (how === 'deaf') return
    // Somewhere on the way to the server it waits, as it does in a proxy.
    if (this.#network.traits.latecomers) this.#toServer.hold(this.#chance.next() * 3000)
    this.#end(this.#toServer, how === 'reset')
  }

  stall(ms: number): void {
    this.#toClient.hold(ms)
    this.#toServer.hold(ms)
  }

  serverDied(isTold: boolean): void {
    this.server = undefined
    this.#toServer.hold(Number.POSITIVE_INFINITY)
    this.#end(this.#toClient, isTold)
  }

  /** What the server has not heard yet it will not hear. */
  forget(): void {
    this.#toServer.drop()
  }

  #end(way: Way, isTold: boolean): void {
    if (!isTold) return way.hold(Number.POSITIVE_INFINITY)
    // What is on its way may come first, or be lost.
    if (this.#chance.below(2) === 0) way.drop()
    way.push({ kind: 'gone' })
  }
}
