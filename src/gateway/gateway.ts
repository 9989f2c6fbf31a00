/** Stages 1 and 6: takes commands in, and tells everyone who watches what became of the orders. */
import type { Config } from '../config.ts'
import type { Change, Recorded } from '../domain.ts'
import { closeCodes } from '../protocol/handshake.ts'
import { notificationText } from '../protocol/jsonrpc.ts'
import { type Runtime, TurnClock } from '../runtime.ts'
import type { Authenticator, Identity } from './auth/identity.ts'
import { Calls, type GatewayStages } from './calls.ts'
import type { GatewayCounters, GatewayObserver } from './observer.ts'
import { Paths } from './paths.ts'
import { Departures } from './session/departures.ts'
import { Session, type SessionShared } from './session/session.ts'
import type { Socket } from './session/socket.ts'
import { Successions } from './session/successions.ts'
import { EventWatchers } from './watch/events.ts'
import { Passages } from './watch/passages.ts'
import { ViewWatchers } from './watch/views.ts'

export interface GatewayOptions {
  readonly stages: GatewayStages
  readonly config: Config
  readonly runtime: Runtime
  /** Undefined where no tokens are asked for. */
  readonly authenticator?: Authenticator | undefined
  readonly observer?: GatewayObserver | undefined
}

export class Gateway {
  readonly #shared: SessionShared
  readonly #sessions = new Set<Session>()
  readonly #passages: Passages
  #lastId = 0
  #stopBeating: () => void = () => {}
  #onEmpty: (() => void) | undefined

  constructor({ stages, config, runtime, authenticator, observer = {} }: GatewayOptions) {
    const { log, view, domain } = stages
    const paths = new Paths(domain.machine)
    const { initial } = paths
    const passages = new Passages({ machine: domain.machine, initial, config, runtime })
    this.#passages = passages
    const clock = new TurnClock(runtime)
    this.#shared = {
      calls: new Calls({ stages, config, runtime, clock, observer, paths, passages }),
      watchers: {
        views: new ViewWatchers(view, config),
        events: new EventWatchers(log, view, config, runtime),
      },
      log,
      view,
      authenticator,
      config,
      runtime,
      clock,
      departures: new Departures(runtime),
      successions: new Successions(config.clientsRememberedMax),
      observer,
    }
    this.#beatLater()
  }

  /** How it stands now. */
  counters(): GatewayCounters {
    const { views, events } = this.#shared.watchers
    let outboxBytes = 0
    for (const session of this.#sessions) outboxBytes += session.outboxBytes
    return {
      sockets: this.#sessions.size,
      subscriptions: views.subscriptions.size + events.subscriptions.size,
      outboxBytes,
      conflations: views.conflations,
      slowestLag: greatestLag([...views.subscriptions, ...events.subscriptions]),
    }
  }

  /**
   * Takes a socket in, or closes it where there are too many.
   *
   * @param identity undefined where a token is still to come
   */
  connect(socket: Socket, identity: Identity | undefined): void {
    const { config, runtime, observer } = this.#shared
    if (this.#sessions.size >= config.socketsMax) {
      const { tooManySockets: status } = closeCodes
      observer.connectionRefused?.({ status, why: 'too many sockets', remote: socket.remote })
      socket.close(status, `${config.socketsMax} sockets are open`)
      const cancel = runtime.after(config.cutOffMs, () => socket.terminate())
      socket.handlers = { ...socket.handlers, closed: cancel }
      return
    }
    const session = new Session({
      id: ++this.#lastId,
      socket,
      identity,
      shared: this.#shared,
      onClosed: (closed) => {
        this.#sessions.delete(closed)
        this.#shared.successions.end(closed)
        if (this.#sessions.size === 0) this.#onEmpty?.()
      },
    })
    this.#sessions.add(session)
  }

  /** Tells the watchers of what was recorded and has changed, after the receipts were given. */
  tell(recorded: readonly Recorded[], changes: readonly Change[]): void {
    this.#passages.tell(recorded, changes)
    const { views, events } = this.#shared.watchers
    if (views.subscriptions.size > 0) views.tell(changes)
    else views.shared.forget()
    if (events.subscriptions.size > 0) events.tell(recorded.map(({ event }) => event))
  }

  /** Tells all clients that the server is stopping. */
  announceStop(): void {
    const { drainMs } = this.#shared.config
    this.#notice('session.shutdown', { drainMs })
  }

  /** Answers what has come, and waits until every socket has closed; one that stays is cut off. */
  async close(): Promise<void> {
    this.#stopBeating()
    const { config, runtime } = this.#shared
    const cancel = runtime.after(config.cutOffMs, () => {
      for (const session of this.#sessions) session.terminate()
    })
    const closing = [...this.#sessions].map(async (session) => {
      await session.drain()
      session.close(closeCodes.shuttingDown, 'shutting down')
    })
    await Promise.all(closing)
    if (this.#sessions.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve
      })
    }
    cancel()
  }

  #beatLater(): void {
    const { config, runtime, log, view } = this.#shared
    this.#stopBeating = runtime.after(config.heartbeatMs, () => {
      for (const session of this.#sessions) session.beat()
      this.#notice('session.heartbeat', { epoch: log.epoch, eventId: view.eventId })
      this.#beatLater()
    })
  }

  #notice(method: string, params: object): void {
    const text = notificationText(method, JSON.stringify(params))
    for (const session of this.#sessions) session.notice(method, text)
  }
}

function greatestLag(subscriptions: readonly { readonly lag: number }[]): number {
  return subscriptions.reduce((greatest, { lag }) => Math.max(greatest, lag), 0)
}
