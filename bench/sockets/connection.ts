import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import type { Socket } from 'node:net'
import { closeFrame, FrameReader, opcodes, pongFrame } from './frames.ts'

/** One WebSocket of a client of the suite, to a server on this machine. */
export class Connection {
  /** Hears each text that comes; its bytes are valid during the call alone. */
  onText: (payload: Buffer) => void = () => {}
  /** Hears that the server ended it, or that it broke. */
  onEnd: (error: Error) => void = () => {}
  readonly #socket: Socket
  #isClosing = false

  private constructor(socket: Socket, head: Buffer) {
    this.#socket = socket
    const reader = new FrameReader((opcode, payload) => {
      if (opcode === opcodes.text) this.onText(payload)
      else if (opcode === opcodes.ping) socket.write(pongFrame)
      else if (opcode === opcodes.close) socket.end(closeFrame)
    })
    const read = (chunk: Buffer) => {
      // What is sent in answer to a chunk goes out together, as it came in together.
      socket.cork()
      reader.read(chunk)
      socket.uncork()
    }
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.on('close', () => {
      if (!this.#isClosing) this.onEnd(new Error('The server has ended a connection.'))
    })
    if (head.length > 0) read(head)
    socket.on('data', read)
  }

  /** @throws {Error} if the server does not upgrade it */
  static open(port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const headers = {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
      }
      const opening = request({ host: '127.0.0.1', port, path: '/ws', headers })
      opening.on('upgrade', (_, socket, head) => resolve(new Connection(socket as Socket, head)))
      opening.on('response', ({ statusCode }) =>
        reject(new Error(`It was answered ${statusCode}.`)),
      )
      opening.on('error', reject)
      opening.end()
    })
  }

  /** @param frame as `textFrame` makes it */
  send(frame: Buffer): void {
    this.#socket.write(frame)
  }

  close(): void {
    this.#isClosing = true
    this.#socket.destroy()
  }
}

/** Opens so many, a few at a time. */
export async function openConnections(port: number, count: number): Promise<Connection[]> {
  const atOnce = 50
  const connections: Connection[] = []
  while (connections.length < count) {
    const some = Math.min(atOnce, count - connections.length)
    const opening = Array.from({ length: some }, () => Connection.open(port))
    connections.push(...(await Promise.all(opening)))
  }
  return connections
}
