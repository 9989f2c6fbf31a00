/** Stages 1 and 6: takes commands in, and tells everyone who watches what became of the orders. */
import type { Config } from '../config.ts'
import type { View } from '../domain.ts'
import { closeCodes } from '../protocol/handshake.ts'
import type { Runtime } from '../runtime.ts'
import { Calls, type GatewayStages } from './calls.ts'
import { Session } from './session.ts'
import type { Socket } from './socket.ts'

export class Gateway {
  readonly #calls: Calls
  readonly #epoch: string
  readonly #config: Config
  readonly #runtime: Runtime
  readonly #sessions = new Set<Session>()
  #stopBeating: () => void = () => {}

  constructor(stages: GatewayStages, config: Config, runtime: Runtime) {
    this.#calls = new Calls(stages, config)
    this.#epoch = stages.log.epoch
    this.#config = config
    this.#runtime = runtime
    this.#beatLater()
  }

  /** How many sockets are open. */
  get sockets(): number {
    return this.#sessions.size
  }

  /** How many subscriptions they have. */
  get subscriptions(): number {
    return this.#calls.watchers.size
  }

  /** Takes a socket in, or closes it where there are too many. */
  connect(socket: Socket): void {
    if (this.#sessions.size >= this.#config.socketsMax) {
      socket.close(closeCodes.tooManySockets, `${this.#config.socketsMax} sockets are open`)
      const cancel = this.#runtime.after(this.#config.drainMs, () => socket.terminate())
      socket.handlers = { ...socket.handlers, closed: cancel }
      return
    }
    const session = new Session({
      socket,
      calls: this.#calls,
      epoch: this.#epoch,
      config: this.#config,
      runtime: this.#runtime,
      onClosed: (closed) => this.#sessions.delete(closed),
    })
    this.#sessions.add(session)
  }

  /** Tells the watchers of views that have changed, after the receipts were given. */
  tell(changed: readonly View[]): void {
    this.#calls.watchers.tell(changed)
  }

  /** Answers what has come, and closes every socket; one that does not take it is cut off. */
  async close(): Promise<void> {
    this.#stopBeating()
    const cancel = this.#runtime.after(this.#config.drainMs, () => {
      for (const session of this.#sessions) session.terminate()
    })
    const closing = [...this.#sessions].map(async (session) => {
      await session.drain()
      session.close(closeCodes.shuttingDown, 'shutting down')
    })
    await Promise.all(closing)
    cancel()
  }

  #beatLater(): void {
    this.#stopBeating = this.#runtime.after(this.#config.heartbeatMs, () => {
      for (const session of this.#sessions) session.beat()
      this.#beatLater()
    })
  }
}
