/** One socket: calls and their answers, and the notifications that come by themselves. */
import type { Answer, Closed } from '../messages.ts'
import type { ClientSocket } from '../platform.ts'

export interface ConnectionHandlers {
  opened(): void
  /** A frame came, whatever is in it. */
  heard(): void
  notified(method: string, params: unknown): void
  /** Once, however it ended; not after `close`. */
  closed(closed: Closed): void
}

/** The code of a connection that ended without saying why. */
const abnormal = 1006

export class Connection {
  readonly #socket: ClientSocket
  readonly #handlers: ConnectionHandlers
  readonly #settles = new Map<number, (answer: Answer) => void>()
  #lastId = 0
  #isOver = false

  constructor(socket: ClientSocket, handlers: ConnectionHandlers) {
    this.#socket = socket
    this.#handlers = handlers
    socket.onopen = () => {
      if (!this.#isOver) handlers.opened()
    }
    socket.onmessage = ({ data }: { readonly data: unknown }) => {
      if (!this.#isOver) this.#receive(data)
    }
    // What `ws` says of it, browsers do not; without a listener, `ws` would throw.
    let error = ''
    socket.onerror = (event: { readonly message?: string } | undefined) => {
      error = event?.message ?? ''
    }
    socket.onclose = ({ code, reason }: Closed) => this.#end({ code, reason: reason || error })
  }

  /** Calls that are not answered yet. */
  get unanswered(): number {
    return this.#settles.size
  }

  /** Calls a method. `settle` is not called where the connection ends before the answer. */
  call(method: string, params: object, settle: (answer: Answer) => void): void {
    this.send(this.text(method, params), settle)
  }

  /** The text of a call, for the next `send`. */
  text(method: string, params: object): string {
    return JSON.stringify({ jsonrpc: '2.0', id: this.#lastId + 1, method, params })
  }

  send(text: string, settle: (answer: Answer) => void): void {
    this.#settles.set(++this.#lastId, settle)
    this.#socket.send(text)
  }

  /** Ends it as if the other side had, without waiting for it. */
  drop(reason: string, code = abnormal): void {
    if (this.#socket.terminate) this.#socket.terminate()
    else this.#socket.close()
    this.#end({ code, reason })
  }

  /** Closes it in good order, and says no more. */
  close(): void {
    this.#isOver = true
    this.#settles.clear()
    this.#socket.close(1000)
  }

  #receive(data: unknown): void {
    this.#handlers.heard()
    try {
      this.#take(JSON.parse(String(data)))
    } catch (error) {
      this.drop(`the server sent what is not understood: ${String(error)}`)
    }
  }

  #take(message: unknown): void {
    if (typeof message !== 'object' || message === null) return
    const { id, method, params, ...answer } = message as Record<string, unknown>
    if (typeof method === 'string') return this.#handlers.notified(method, params)
    const settle = this.#settles.get(id as number)
    this.#settles.delete(id as number)
    settle?.(answer as unknown as Answer)
  }

  #end(closed: Closed): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#settles.clear()
    this.#handlers.closed(closed)
  }
}
