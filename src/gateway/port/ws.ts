/** Binds the ws library to the gateway's Socket; nothing else knows it. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Config } from '../../config.ts'
import { subprotocol } from '../../protocol/handshake.ts'
import type { Socket, SocketHandlers } from '../session/socket.ts'

export class WebSockets {
  readonly #server: WebSocketServer

  constructor(config: Config) {
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: config.frameBytesMax,
      maxFragments: config.fragmentsMax,
      // Four times the CPU and ten times the memory, for frames this small.
      perMessageDeflate: false,
      handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
    })
  }

  /** Upgrades a connection and hands its socket on; or returns why it is refused. */
  accept(
    request: IncomingMessage,
    connection: Duplex,
    head: Buffer,
    connect: (socket: Socket) => void,
  ): string | undefined {
    const offered = request.headers['sec-websocket-protocol']
    if (offered !== undefined && !offered.split(',').some((name) => name.trim() === subprotocol)) {
      return `The subprotocol is ${subprotocol}; ${offered} is not known.`
    }
    this.#server.handleUpgrade(request, connection, head, (webSocket) => {
      connect(new WsSocket(webSocket, connection, request.socket.remoteAddress))
    })
    return undefined
  }
}

const idle: SocketHandlers = {
  text: () => {},
  binary: () => {},
  pong: () => {},
  drain: () => {},
  closed: () => {},
}

class WsSocket implements Socket {
  handlers = idle
  readonly remote: string | undefined
  readonly #webSocket: WebSocket
  readonly #connection: Duplex
  /** Also called where a send comes after the close, which its own event has told already. */
  readonly #left = () => this.handlers.drain()

  constructor(webSocket: WebSocket, connection: Duplex, remote: string | undefined) {
    this.remote = remote
    this.#webSocket = webSocket
    this.#connection = connection
    webSocket.on('message', (data, isBinary) => {
      if (isBinary) this.handlers.binary()
      else this.handlers.text(data.toString())
    })
    webSocket.on('pong', () => this.handlers.pong())
    webSocket.on('close', (code) => this.handlers.closed(code))
    // The close that follows says all that the gateway needs to know.
    webSocket.on('error', () => {})
  }

  get bufferedBytes(): number {
    return this.#webSocket.bufferedAmount
  }

  send(text: string | Buffer): void {
    this.#webSocket.send(text, { binary: false }, this.#left)
  }

  cork(write: () => void): void {
    this.#connection.cork()
    try {
      write()
    } finally {
      this.#connection.uncork()
    }
  }

  pause(): void {
    this.#webSocket.pause()
  }

  resume(): void {
    this.#webSocket.resume()
  }

  ping(): void {
    this.#webSocket.ping()
  }

  close(code: number, reason: string): boolean {
    // The library answers a close by itself, and says so only when the connection has ended, too.
    const isFirst = this.#webSocket.readyState === this.#webSocket.OPEN
    this.#webSocket.close(code, reason)
    return isFirst
  }

  terminate(): void {
    this.#webSocket.terminate()
  }
}
