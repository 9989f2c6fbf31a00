/** Binds the ws library to the gateway's Socket; nothing else knows it. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Config } from '../../config.ts'
import { subprotocol } from '../../protocol/handshake.ts'
import type { Socket, SocketHandlers } from '../session/socket.ts'
import { textFrames } from './text-frame.ts'

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

/** Of bytes that several sockets are sent: their frame, made once. */
const frames = new WeakMap<Buffer, Buffer>()
let last: { readonly bytes: Buffer; readonly frame: Buffer } | undefined

function frameOf(bytes: Buffer): Buffer {
  if (last?.bytes === bytes) return last.frame
  let frame = frames.get(bytes)
  if (!frame) {
    frame = textFrames([bytes])
    frames.set(bytes, frame)
  }
  last = { bytes, frame }
  return frame
}

/**
 * Text frames are written past the library: whole, one write for all that is sent in one go, where
 * it writes header and text of each. The order stays: without compression it keeps nothing back.
 */
class WsSocket implements Socket {
  handlers = idle
  readonly remote: string | undefined
  readonly #webSocket: WebSocket
  readonly #connection: Duplex
  #isCorked = false
  #gathered: (string | Buffer)[] = []
  /** Characters and bytes of these: nearly the bytes that they become. */
  #gatheredLength = 0
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
    return this.#webSocket.bufferedAmount + this.#gatheredLength
  }

  send(text: string | Buffer): void {
    if (!this.#isCorked) {
      this.#write(typeof text === 'string' ? textFrames([text]) : frameOf(text))
      return
    }
    this.#gathered.push(text)
    this.#gatheredLength += text.length
  }

  cork(): void {
    this.#isCorked = true
  }

  uncork(): void {
    const gathered = this.#gathered
    this.#isCorked = false
    if (gathered.length === 0) return
    this.#gathered = []
    this.#gatheredLength = 0
    const [first] = gathered
    const isShared = gathered.length === 1 && typeof first !== 'string'
    this.#write(isShared ? frameOf(first!) : textFrames(gathered))
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

  #write(frame: Buffer): void {
    if (this.#webSocket.readyState === this.#webSocket.OPEN) {
      this.#connection.write(frame, this.#left)
    }
  }
}
