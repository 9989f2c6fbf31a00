/** The one port: HTTP for health, and the upgrade to WebSocket. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Config } from '../config.ts'
import { ListenError } from '../errors.ts'
import { isLoopback, turnedAway } from './admission.ts'
import type { Socket } from './socket.ts'
import { WebSockets } from './ws.ts'

/** What `/health` says: ready, or how far the replay has come. */
export type Health =
  | { readonly status: 'ready'; readonly epoch: string; readonly eventId: number }
  | { readonly status: 'replaying'; readonly done: number; readonly total: number }
  | { readonly status: 'stopping' }

export interface ServerOptions {
  readonly host: string
  /** 0 for one that is free. */
  readonly port: number
  readonly config: Config
  readonly health: () => Health
  /** Takes the sockets in; undefined while there is no gateway yet. */
  readonly connect: () => ((socket: Socket) => void) | undefined
}

export class GatewayServer {
  readonly #options: ServerOptions
  readonly #http: Server
  readonly #webSockets: WebSockets
  #port = 0

  constructor(options: ServerOptions) {
    this.#options = options
    this.#webSockets = new WebSockets(options.config)
    this.#http = createServer((request, response) => this.#answer(request, response))
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
  }

  /** Where it listens: host and port. */
  get address(): { readonly host: string; readonly port: number } {
    return { host: this.#options.host, port: this.#port }
  }

  /**
   * @throws {ListenError} if the port is taken or the host is not ours; or if it is reachable from
   * other machines, which needs tokens and TLS
   */
  async listen(): Promise<void> {
    const { host, port } = this.#options
    if (!isLoopback(host)) {
      throw new ListenError(
        `${host} can be reached from other machines, and this version has no tokens and no TLS ` +
          'to keep strangers out. Listen on 127.0.0.1, and put a proxy before it that does.',
      )
    }
    await new Promise<void>((resolve, reject) => {
      // It stays: a connection that cannot be accepted, for want of a descriptor say, is an error
      // of the server too, and only that connection's loss.
      this.#http.on('error', (error) => reject(listenError(error, host, port)))
      this.#http.listen(port, host, resolve)
    })
    this.#port = (this.#http.address() as AddressInfo).port
  }

  /** Takes no more connections, and resolves when the last one has ended. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()))
    // Requests are answered as soon as they are whole. What is still open never became one, and
    // sockets are the gateway's to close.
    this.#http.closeAllConnections()
    await closed
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const away = turnedAway(request.headers, this.#options.host, this.#port)
    const path = pathOf(request)
    if (away !== undefined) return send(response, 403, { error: away })
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD')
      return send(response, 405, { error: `${request.method} is not served here.` })
    }
    if (path === '/health') {
      const health = this.#options.health()
      return send(response, health.status === 'ready' ? 200 : 503, health)
    }
    if (path === '/ws') {
      response.setHeader('upgrade', 'websocket')
      return send(response, 426, { error: '/ws speaks WebSocket, with JSON-RPC 2.0 inside.' })
    }
    send(response, 404, { error: `There is no ${path}. There are /ws and /health.` })
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Until the library takes over, nobody else hears of a reset.
    socket.on('error', () => socket.destroy())
    const away = turnedAway(request.headers, this.#options.host, this.#port)
    const path = pathOf(request)
    const connect = this.#options.connect()
    if (away !== undefined) return refuse(socket, '403 Forbidden', away)
    if (path !== '/ws') return refuse(socket, '404 Not Found', 'WebSocket is at /ws.')
    if (!connect) return refuse(socket, '503 Service Unavailable', 'Not ready: see /health.')
    const refused = this.#webSockets.accept(request, socket, head, connect)
    if (refused !== undefined) refuse(socket, '400 Bad Request', refused)
  }
}

/** The path of a request. A target that is no URL is just a path that is not served. */
function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/'
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = `${JSON.stringify(body)}\n`
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(text)
}

function refuse(socket: Duplex, status: string, reason: string): void {
  const body = `${JSON.stringify({ error: reason })}\n`
  const head = [
    `HTTP/1.1 ${status}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  // The server keeps half-open connections: without this, one that never hangs up would stay.
  socket.once('finish', () => socket.destroy())
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): ListenError {
  if (error.code === 'EADDRINUSE') {
    const message = `${host}:${port} is in use. Stop what listens there, or choose another port.`
    return new ListenError(message, { cause: error })
  }
  if (error.code === 'EACCES') {
    return new ListenError(`Port ${port} needs rights that this process does not have.`, {
      cause: error,
    })
  }
  return new ListenError(`Cannot listen on ${host}:${port}: ${error.message}.`, { cause: error })
}
