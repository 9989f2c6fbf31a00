/** A server that does only what the test says, a clock that goes only when the test says so. */
import type { Client, ConnectOptions } from '../../src/client/index.ts'
import { connect } from '../../src/client/index.ts'
import type { ClientSocket, Timers } from '../../src/client/platform.ts'

export class HandClock implements Timers {
  #now = 0
  readonly #timers = new Set<{ readonly at: number; readonly run: () => void }>()

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Timers that are still to run. */
  get pending(): number {
    return this.#timers.size
  }

  /** When the next timer runs, in ms from now. */
  get next(): number | undefined {
    const times = [...this.#timers].map(({ at }) => at - this.#now)
    return times.length === 0 ? undefined : Math.min(...times)
  }

  /** Lets time pass, and runs what is due in its order. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (!due) break
      this.#timers.delete(due)
      this.#now = due.at
      due.run()
      await settled()
    }
    this.#now = end
  }
}

/** Lets everything that is waiting on promises run. */
export const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

export interface SentCall {
  readonly id: number
  readonly method: string
  readonly params: any
}

/** The client's end of a connection, with the server's end in the hand of the test. */
export class FakeSocket implements ClientSocket {
  onopen: ClientSocket['onopen'] = null
  onmessage: ClientSocket['onmessage'] = null
  onerror: ClientSocket['onerror'] = null
  onclose: ClientSocket['onclose'] = null
  readonly protocols: readonly string[]
  /** What the client sent, and the test has not looked at. */
  readonly calls: SentCall[] = []
  /** What the client sent, all of it. */
  readonly all: SentCall[] = []
  closedWith: number | undefined
  isTerminated = false
  onCall: ((call: SentCall) => void) | undefined

  constructor(protocols: readonly string[]) {
    this.protocols = protocols
  }

  send(text: string): void {
    const call = JSON.parse(text)
    this.all.push(call)
    if (this.onCall) this.onCall(call)
    else this.calls.push(call)
  }

  close(code = 1005): void {
    this.closedWith = code
  }

  terminate(): void {
    this.isTerminated = true
  }

  open(): void {
    this.onopen?.({})
  }

  say(message: unknown): void {
    const data = typeof message === 'string' ? message : JSON.stringify(message)
    this.onmessage?.({ data })
  }

  notify(method: string, params: object): void {
    this.say({ jsonrpc: '2.0', method, params })
  }

  answer({ id }: { readonly id: number }, result: unknown): void {
    this.say({ jsonrpc: '2.0', id, result })
  }

  refuse({ id }: { readonly id: number }, code: number, reason: string, more: object = {}): void {
    const retryable = code >= 1004 && code <= 1007
    const data = { reason, retryable, outcome: 'not_applied', ...more }
    this.say({ jsonrpc: '2.0', id, error: { code, message: `refused: ${reason}`, data } })
  }

  hangUp(code = 1006, reason = ''): void {
    this.onclose?.({ code, reason })
  }

  /** Takes the next call that the client sent. */
  take(method?: string): SentCall {
    const call = this.calls.shift()
    if (!call) throw new Error(`The client has sent no ${method ?? 'call'}.`)
    if (method !== undefined && call.method !== method) {
      throw new Error(`The client has sent ${call.method}, not ${method}.`)
    }
    return call
  }
}

export const hello = {
  epoch: 'e1',
  eventId: 0,
  limits: {
    frameBytesMax: 4096,
    batchCallsMax: 1000,
    callsPerSecondMax: 1000,
    subscriptionsMax: 3,
    listOrdersMax: 1000,
    readEventsMax: 1000,
    ackLagMax: 8,
  },
  heartbeatMs: 15_000,
  roles: ['admin'],
  customerId: null as string | null,
}

/** A client, and all the connections that it has made. */
export class Scene {
  readonly clock = new HandClock()
  readonly sockets: FakeSocket[] = []
  readonly client: Client
  hello = { ...hello }
  /** What chance gives; the most by default, so that waits are as long as they can be. */
  chance = 0.999
  onSocket: ((socket: FakeSocket) => void) | undefined

  constructor(options: ConnectOptions = {}) {
    this.client = connect('ws://server/ws', {
      timers: this.clock,
      random: () => this.chance,
      socket: (_, protocols) => {
        const socket = new FakeSocket(protocols)
        this.sockets.push(socket)
        this.onSocket?.(socket)
        return socket
      },
      ...options,
    })
  }

  /** The newest connection. */
  get socket(): FakeSocket {
    const socket = this.sockets.at(-1)
    if (!socket) throw new Error('The client has made no connection.')
    return socket
  }

  /** The newest connection is made, and the client greeted. */
  async greet(changes: Partial<typeof hello> = {}): Promise<FakeSocket> {
    Object.assign(this.hello, changes)
    const { socket } = this
    socket.open()
    socket.answer(socket.take('session.hello'), this.hello)
    await settled()
    return socket
  }

  /** The connection is lost, and the next one made and greeted. */
  comeBack(code = 1006, changes: Partial<typeof hello> = {}): Promise<FakeSocket> {
    this.socket.hangUp(code)
    return this.comeBackAfterDrop(changes)
  }

  /** The client has dropped the connection by itself; the next one is made and greeted. */
  async comeBackAfterDrop(changes: Partial<typeof hello> = {}): Promise<FakeSocket> {
    const before = this.sockets.length
    await settled()
    while (this.sockets.length === before) await this.clock.advance(this.clock.next ?? 0)
    return this.greet(changes)
  }
}

export async function scene(options: ConnectOptions = {}): Promise<Scene> {
  const made = new Scene(options)
  await made.greet()
  return made
}

/** A view with no more in it than the client looks at. */
export const view = (orderId: string, eventId: number, status = 'created') =>
  ({ orderId, eventId, version: 1, status }) as any
export const event = (eventId: number, orderId = `order-${eventId}`) =>
  ({ eventId, orderId, type: 'NewOrderEvent', data: {} }) as any

/** How a promise ended: its value, or the error that it was rejected with. */
export const outcomeOf = (promise: Promise<unknown>): Promise<any> =>
  promise.then(
    (value) => value,
    (error) => error,
  )
