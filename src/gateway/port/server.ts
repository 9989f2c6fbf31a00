/** The one port: HTTP for health and other routes, and the upgrade to WebSocket. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket as NetSocket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Config } from '../../config.ts'
import { ListenError } from '../../errors.ts'
import type { Runtime } from '../../runtime.ts'
import { identify } from '../auth/bearer.ts'
import { type Authenticator, type Identity, mayDo, nobodyInParticular } from '../auth/identity.ts'
import type { ConnectionRefusal, GatewayObserver } from '../observer.ts'
import type { Socket } from '../session/socket.ts'
import { type Admission, admissionTo, turnedAway } from './admission.ts'
import {
  asksForWebSocket,
  challenges,
  pathOf,
  type Route,
  type Routes,
  refuse,
  responseOn,
  send,
  sendJson,
  toOriginForm,
} from './http.ts'
import { checkListen, type ListenOptions, placeOf } from './listen.ts'
import { pageRoutes } from './page.ts'
import { Handshakes, readTls } from './tls.ts'
import { WebSockets } from './ws.ts'

/** What `/health` says: ready, or how far the replay has come. */
export type Health =
  | { readonly status: 'ready'; readonly epoch: string; readonly eventId: number }
  | { readonly status: 'replaying'; readonly done: number; readonly total: number }
  | { readonly status: 'stopping' }

/** Takes a socket in. Without an identity, it has yet to say hello. */
export type Connect = (socket: Socket, identity: Identity | undefined) => void

export interface ServerOptions {
  readonly listen: ListenOptions
  /** Undefined where no tokens are asked for. */
  readonly authenticator: Authenticator | undefined
  readonly config: Config
  readonly runtime: Runtime
  readonly health: () => Health
  /** Takes the sockets in; undefined while there is no gateway yet. */
  readonly connect: () => Connect | undefined
  /** What else is served by GET, by path. */
  readonly routes?: Routes
  readonly observer?: GatewayObserver | undefined
}

/** What clients come in by. */
export interface Port {
  /** Where it listens. */
  readonly address: { readonly host: string; readonly port: number }
  /** @throws {ListenError} if it cannot listen there */
  listen(): Promise<void>
  /** Lets nobody in any more, and resolves when all are gone. */
  close(): Promise<void>
}

/** Makes a port, such as one of a simulated network in place of the real one. */
export type OpenPort = (options: ServerOptions) => Port

export class GatewayServer implements Port {
  readonly #options: ServerOptions
  readonly #http: Server
  readonly #handshakes: Handshakes | undefined
  readonly #webSockets: WebSockets
  readonly #routes: ReadonlyMap<string, Route>
  readonly #page: ReadonlyMap<string, Route>
  /** Connections that asked for another protocol than WebSocket: HTTP has let go of them. */
  readonly #letGo = new Set<NetSocket>()
  #admission: Admission
  #port = 0

  /** @throws {ListenError} if strangers could come in, or if a file that it needs is not right */
  constructor(options: ServerOptions) {
    const { listen, config, routes = {} } = options
    checkListen(listen)
    this.#options = options
    this.#admission = admissionTo(listen, this.#port)
    this.#webSockets = new WebSockets(config)
    this.#routes = new Map(Object.entries(routes))
    this.#page = new Map(Object.entries(pageRoutes()))
    const { tlsCertFile, tlsKeyFile } = listen
    if (tlsCertFile !== undefined && tlsKeyFile !== undefined) {
      const server = createTlsServer(readTls(tlsCertFile, tlsKeyFile))
      this.#handshakes = new Handshakes(server)
      this.#http = server
    } else {
      this.#http = createServer()
    }
    this.#http.on('request', (request, response) => {
      toOriginForm(request)
      this.#answer(request, response)
    })
    this.#http.on('upgrade', (request, connection, head) => {
      // It is the connection that the server had; the type says less.
      const socket = connection as NetSocket
      // Until the library takes over, nobody else hears of a reset.
      socket.on('error', () => socket.destroy())
      toOriginForm(request)
      if (asksForWebSocket(request)) return this.#upgrade({ request, socket, head })
      this.#letGo.add(socket)
      socket.once('close', () => this.#letGo.delete(socket))
      this.#answer(request, responseOn(request, socket))
    })
  }

  /** Where it listens: host and port. */
  get address(): { readonly host: string; readonly port: number } {
    return { host: placeOf(this.#options.listen).host, port: this.#port }
  }

  /** @throws {ListenError} if the port is taken or the host is not ours */
  async listen(): Promise<void> {
    const { listen } = this.#options
    const { host, port } = placeOf(listen)
    await new Promise<void>((resolve, reject) => {
      // It stays: a connection that cannot be accepted, for want of a descriptor say, is an error
      // of the server too, and only that connection's loss.
      this.#http.on('error', (error) => reject(listenError(error, host, port)))
      this.#http.listen(port, host, resolve)
    })
    this.#port = (this.#http.address() as AddressInfo).port
    this.#admission = admissionTo(listen, this.#port)
  }

  /** Takes no more connections, and resolves when the last one has ended. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()))
    // Sockets are the gateway's to close, and an upgrade that waits for its token is refused when
    // that is known. What is open besides never became a request, or can be asked for again.
    this.#http.closeAllConnections()
    this.#handshakes?.cutOff()
    for (const socket of this.#letGo) socket.destroy()
    await closed
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const away = turnedAway(request.headers, this.#admission)
    const path = pathOf(request)
    if (away) return sendJson(response, 403, { error: away.message })
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD')
      return sendJson(response, 405, { error: `${request.method} is not served here.` })
    }
    if (path === '/health') {
      const health = this.#options.health()
      return sendJson(response, health.status === 'ready' ? 200 : 503, health)
    }
    if (path === '/ws') {
      response.setHeader('upgrade', 'websocket')
      return sendJson(response, 426, { error: '/ws speaks WebSocket, with JSON-RPC 2.0 inside.' })
    }
    const route = this.#routes.get(path) ?? this.#page.get(path)
    if (route) return void this.#answerRoute(route, request, response)
    const paths = ['/ws', '/health', ...this.#routes.keys()].join(', ')
    sendJson(response, 404, { error: `There is no ${path}. There are ${paths}.` })
  }

  async #answerRoute(
    route: Route,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    try {
      if (!(await this.#mayHave(route, request, response))) return
      send(response, await route.answer(request))
    } catch (error) {
      this.#options.observer?.callFailed?.(`GET ${pathOf(request)}`, error)
      sendJson(response, 500, { error: 'Something broke on the way to the answer.' })
    }
  }

  /** Answers where the caller may not have it. */
  async #mayHave(
    { role }: Route,
    { headers }: IncomingMessage,
    response: ServerResponse,
  ): Promise<boolean> {
    const { authenticator } = this.#options
    if (!authenticator || role === null) return true
    const identity = await identify(headers, authenticator)
    if (identity === 'none' || identity === 'wrong') {
      response.setHeader('www-authenticate', challenges[identity])
      sendJson(response, 401, { error: 'It takes a token: Authorization: Bearer.' })
      return false
    }
    if (mayDo(identity, role) && identity.customerId === null) return true
    response.setHeader('www-authenticate', challenges.mayNot)
    sendJson(response, 403, { error: `It takes a token with the role ${role}, of no customer.` })
    return false
  }

  #upgrade(asked: Upgrade): void {
    const { request } = asked
    const away = turnedAway(request.headers, this.#admission)
    if (away) return this.#refuse(asked, 403, away.why, away.message)
    if (pathOf(request) !== '/ws') return this.#refuse(asked, 404, 'path', 'WebSocket is at /ws.')
    if (!this.#options.connect()) return this.#notReady(asked)
    const { authenticator } = this.#options
    if (authenticator) void this.#authenticate(authenticator, asked)
    else this.#take(asked, nobodyInParticular)
  }

  /**
   * Takes the socket once it is known whose token it brings. Meanwhile nobody reads from it: what
   * comes waits in its buffer, which is bounded, and so is the wait.
   */
  async #authenticate(authenticator: Authenticator, asked: Upgrade): Promise<void> {
    const { runtime, config, observer } = this.#options
    let isLate = false
    const cancel = runtime.after(config.helloTimeoutMs, () => {
      isLate = true
      this.#notReady(asked)
    })
    const identity = await identify(asked.request.headers, authenticator).catch((error) => {
      // What broke is the authenticator's; to the caller, its token is not known.
      observer?.fault?.(error)
      return 'wrong' as const
    })
    cancel()
    if (isLate) return
    if (identity !== 'wrong') return this.#take(asked, identity === 'none' ? undefined : identity)
    const challenge = `www-authenticate: ${challenges.wrong}`
    this.#refuse(asked, 401, 'token', 'The token is not known here.', [challenge])
  }

  #take(asked: Upgrade, identity: Identity | undefined): void {
    const connect = this.#options.connect()
    if (!connect) return this.#notReady(asked)
    const { request, socket, head } = asked
    const refused = this.#webSockets.accept(request, socket, head, (accepted) =>
      connect(accepted, identity),
    )
    if (refused !== undefined) this.#refuse(asked, 400, 'subprotocol', refused)
  }

  #notReady(asked: Upgrade): void {
    this.#refuse(asked, 503, 'not ready', 'Not ready: see /health.')
  }

  #refuse(
    { request, socket }: Upgrade,
    status: number,
    why: ConnectionRefusal,
    message: string,
    headers: readonly string[] = [],
  ): void {
    const remote = request.socket.remoteAddress
    refuse(socket, status, message, headers)
    this.#options.observer?.connectionRefused?.({ status, why, remote })
  }
}

/** A request to speak WebSocket, its connection, and what came with it already. */
interface Upgrade {
  readonly request: IncomingMessage
  readonly socket: Duplex
  readonly head: Buffer
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
