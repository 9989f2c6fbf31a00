/** An engine for the client's tests, and clients of it whose connections can be cut. */
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { type Client, type ConnectOptions, connect, type Timers } from '../../src/client/index.ts'
import { limits } from '../../src/client/limits.ts'
import { type Config, type Engine, MemoryLog, openEngine } from '../../src/index.ts'

export const lines = [{ sku: 'widget', quantity: 5, unitPrice: 1000 }]
export const newOrder = (orderId: string, customerId = 'bob') => ({
  ...{ orderId, customerId, currency: 'USD', lines },
})

type Entrance = { readonly tokensFile?: string; readonly jwtSecretFile?: string }

/** An engine that can be stopped and started again on the same log and port. */
export class House {
  readonly #log = new MemoryLog()
  engine!: Engine
  port = 0

  /** @param entrance who may come in; everyone where it says nothing of tokens */
  async open(limits: Partial<Config> = {}, entrance: Entrance = {}): Promise<void> {
    const listen = { port: this.port, ...entrance }
    this.engine = await openEngine({ log: this.#log, listen, limits })
    this.port = this.engine.address!.port
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/ws`
  }
}

export async function house(bounds: Partial<Config> = {}, entrance?: Entrance): Promise<House> {
  const made = new House()
  await made.open(bounds, entrance)
  onTestFinished(() => made.engine.close())
  return made
}

/** Waits are cut short, so that a test that loses many connections is quick. */
export const hasty: Timers = {
  after(ms, run) {
    const isWait = ms <= limits.backoffMsMax && ms !== limits.openMsMax
    const timer = setTimeout(run, isWait ? ms / 50 : ms)
    return () => clearTimeout(timer)
  },
}

/** A client whose connections can be cut as a cable is. */
export function client(
  at: House,
  options: ConnectOptions = {},
): { client: Client; cut: () => void } {
  let socket: WebSocket | undefined
  const made = connect(at.url, {
    timers: hasty,
    socket: (url, protocols) => {
      socket = new WebSocket(url, protocols)
      return socket
    },
    ...options,
  })
  onTestFinished(() => made.close())
  return { client: made, cut: () => socket?.terminate() }
}

/** Resolves when a map of this client shows the event. */
export async function shows(map: ReturnType<Client['map']>, eventId: number): Promise<void> {
  await map.live
  if ((map.cursor?.eventId ?? 0) >= eventId) return
  await new Promise<void>((resolve) => {
    const leave = map.onChange(() => {
      if ((map.cursor?.eventId ?? 0) < eventId) return
      leave()
      resolve()
    })
  })
}
