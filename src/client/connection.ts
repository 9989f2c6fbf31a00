/**
 * One connection to a gateway: calls and their answers, and the notifications that come by
 * themselves. It knows no socket library: the socket is made by a factory, in a browser the
 * browser's own.
 */
import { subprotocol } from '../protocol/handshake.ts'

/** A WebSocket as browsers have it, as far as it is needed here. */
export interface ClientSocket {
  send(text: string): void
  close(code?: number, reason?: string): void
  onopen: ((event: never) => void) | null
  onmessage: ((event: { readonly data: unknown }) => void) | null
  onerror: ((event: never) => void) | null
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null
}

export type SocketFactory = (url: string, protocols: string[]) => ClientSocket

/** The error that a call was answered with. */
export class CallError extends Error {
  readonly code: number
  /** For refusals and faults: `reason`, `retryable`, `outcome`, and what is told besides. */
  readonly data: Readonly<Record<string, unknown>>

  constructor(error: { code: number; message: string; data?: Record<string, unknown> }) {
    super(error.message)
    this.name = 'CallError'
    this.code = error.code
    this.data = error.data ?? {}
  }
}

/** The connection ended, or never came about. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
}

export interface Closed {
  readonly code: number
  readonly reason: string
}

interface Waiting {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
}

export class Connection {
  /** Resolves when the connection has ended, and says how. */
  readonly closed: Promise<Closed>
  /** Called with each notification; set it before the first subscription. */
  onNotification: (method: string, params: unknown) => void = () => {}
  readonly #socket: ClientSocket
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0

  private constructor(socket: ClientSocket) {
    this.#socket = socket
    socket.onmessage = ({ data }) => this.#receive(String(data))
    this.closed = new Promise((resolve) => {
      socket.onclose = ({ code, reason }) => {
        const error = new ConnectionError(`The connection was closed (${code} ${reason}).`)
        for (const { reject } of this.#waiting.values()) reject(error)
        this.#waiting.clear()
        resolve({ code, reason })
      }
    })
  }

  /** @throws {ConnectionError} if nobody answers there */
  static async open(url: string, factory: SocketFactory): Promise<Connection> {
    const socket = factory(url, [subprotocol])
    const connection = new Connection(socket)
    await new Promise<void>((resolve, reject) => {
      socket.onopen = () => resolve()
      socket.onerror = () => {}
      void connection.closed.then(() => {
        reject(new ConnectionError(`There is no connection to ${url}. Is the server running?`))
      })
    })
    return connection
  }

  /**
   * Calls a method and waits for its answer.
   *
   * @throws {CallError} if it is answered with an error
   * @throws {ConnectionError} if the connection ends first: whether a command was applied is not known
   */
  call(method: string, params: object): Promise<unknown> {
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
    })
  }

  /** Closes the connection in good order. */
  close(): void {
    this.#socket.close(1000)
  }

  #receive(text: string): void {
    const message = JSON.parse(text)
    if (typeof message.method === 'string')
      return this.onNotification(message.method, message.params)
    const waiting = this.#waiting.get(message.id)
    this.#waiting.delete(message.id)
    if (message.error) waiting?.reject(new CallError(message.error))
    else waiting?.resolve(message.result)
  }
}
