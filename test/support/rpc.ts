/** A JSON-RPC client for tests, on the ws library alone: none of the project's code is in it. */
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'

export interface Answer {
  readonly id: string | number | null
  readonly result?: any
  readonly error?: { readonly code: number; readonly message: string; readonly data?: any }
}
export interface Notification {
  readonly method: string
  readonly params: any
}
type Message = (Answer & { method?: undefined }) | Notification | readonly Answer[]

export class RpcClient {
  /** All that came, in the order in which it came. */
  readonly messages: Message[] = []
  readonly socket: WebSocket
  readonly closed: Promise<{ code: number; reason: string }>
  #lastId = 0
  #looking = new Set<() => void>()

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (data) => {
      this.messages.push(JSON.parse(data.toString()))
      for (const look of [...this.#looking]) look()
    })
    socket.on('error', () => {})
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }))
    })
  }

  /** Sends a call and waits for its answer. */
  async call(method: string, params?: unknown): Promise<Answer> {
    const id = ++this.#lastId
    this.send({ jsonrpc: '2.0', id, method, params })
    return this.find<Answer>((message) => 'id' in message && message.id === id)
  }

  /** Sends a text as it is, or anything else as JSON. */
  send(frame: unknown): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
  }

  /** The notifications of a method that have come so far. */
  notifications(method: string): Notification[] {
    return this.messages.filter(
      (message): message is Notification => 'method' in message && message.method === method,
    )
  }

  /** The first message that fits, at once or when it comes. Rejects when the socket closes. */
  find<T = Message>(fits: (message: Message) => boolean): Promise<T> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.messages.find(fits)
        if (found === undefined) return
        this.#looking.delete(look)
        resolve(found as T)
      }
      this.#looking.add(look)
      void this.closed.then(({ code, reason }) => reject(new Error(`closed: ${code} ${reason}`)))
      look()
    })
  }
}

/** Connects to the gateway of an engine, and hangs up when the test ends. */
export async function connect(
  address: { readonly host: string; readonly port: number } | undefined,
  protocols: string[] = [],
  headers: Record<string, string> = {},
): Promise<RpcClient> {
  if (!address) throw new Error('The engine does not listen.')
  const socket = new WebSocket(`ws://${address.host}:${address.port}/ws`, protocols, { headers })
  const client = new RpcClient(socket)
  onTestFinished(() => socket.terminate())
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  return client
}
