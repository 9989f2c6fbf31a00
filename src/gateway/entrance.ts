/**
 * The gateway and its port as one. It listens from the start, answers `/health` while the log is
 * replayed, and lets clients in once it is opened.
 */
import type { Config } from '../config.ts'
import type { Change, Recorded } from '../domain.ts'
import type { Runtime } from '../runtime.ts'
import { openAuthenticator } from './auth/authenticator.ts'
import type { Authenticator } from './auth/identity.ts'
import type { GatewayStages } from './calls.ts'
import { Gateway } from './gateway.ts'
import type { GatewayCounters, GatewayObserver } from './observer.ts'
import type { Routes } from './port/http.ts'
import type { ListenOptions } from './port/listen.ts'
import {
  GatewayServer,
  type Health,
  type OpenPort,
  type Port,
  type ServerOptions,
} from './port/server.ts'

export interface EntranceOptions {
  readonly listen: ListenOptions
  readonly config: Config
  readonly runtime: Runtime
  readonly observer?: GatewayObserver | undefined
  /** What else is served by GET, by path. */
  readonly routes?: Routes
  /** What clients come in by, if it is not to be a server of HTTP. */
  readonly openPort?: OpenPort | undefined
}

export class Entrance {
  readonly #options: EntranceOptions
  readonly #authenticator: Authenticator | undefined
  readonly #port: Port
  #gateway: Gateway | undefined
  #health: () => Health = () => ({ status: 'replaying', done: 0, total: 0 })
  #isClosing = false

  /** @throws {ListenError} if strangers could come in, or a file that it needs is not right */
  constructor(options: EntranceOptions) {
    const { listen, config, runtime, observer, routes = {}, openPort } = options
    this.#options = options
    this.#authenticator = openAuthenticator(listen, runtime)
    const portOptions: ServerOptions = {
      listen,
      authenticator: this.#authenticator,
      config,
      runtime,
      observer,
      routes,
      health: () => (this.#isClosing ? { status: 'stopping' } : this.#health()),
      connect: () => {
        const gateway = this.#gateway
        return gateway && !this.#isClosing ? gateway.connect.bind(gateway) : undefined
      },
    }
    this.#port = openPort ? openPort(portOptions) : new GatewayServer(portOptions)
  }

  /** Where it listens. */
  get address(): { readonly host: string; readonly port: number } {
    return this.#port.address
  }

  /** How the gateway stands; undefined before it is opened. */
  counters(): GatewayCounters | undefined {
    return this.#gateway?.counters()
  }

  /** @throws {ListenError} if the port is taken or the host is not ours */
  listen(): Promise<void> {
    return this.#port.listen()
  }

  /** Says in `/health` how far the replay has come, in events. */
  replaying(done: number, total: number): void {
    this.#health = () => ({ status: 'replaying', done, total })
  }

  /** Lets clients in. */
  open(stages: GatewayStages): void {
    const { config, runtime, observer } = this.#options
    const { log, view } = stages
    const authenticator = this.#authenticator
    this.#gateway = new Gateway({ stages, config, runtime, authenticator, observer })
    this.#health = () => ({ status: 'ready', epoch: log.epoch, eventId: view.eventId })
  }

  /** Tells those who watch, after the receipts were given. */
  tell(recorded: readonly Recorded[], changes: readonly Change[]): void {
    this.#gateway?.tell(recorded, changes)
  }

  /** Lets nobody in any more, and tells those who are in that the server is stopping. */
  announceStop(): void {
    this.#isClosing = true
    this.#gateway?.announceStop()
  }

  /** Answers what has come, closes every socket, and stops listening. */
  async close(): Promise<void> {
    await this.#gateway?.close()
    await this.#port.close()
  }
}
