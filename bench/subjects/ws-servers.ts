/** Servers on the ws library alone, next to which the gateway is measured. */
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

export interface EmptyServer {
  readonly port: number
  /** How many frames came. */
  readonly frames: number
  /** Sends the bytes to all that are connected, the fastest way that ws offers. */
  broadcast(bytes: Buffer): void
  close(): Promise<void>
}

/** Parses each frame as JSON, and answers it with a text that has the size of a receipt. */
export async function openEmptyServer(answer: (id: number) => string): Promise<EmptyServer> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
  let frames = 0
  server.on('connection', (socket: WebSocket) => {
    socket.on('message', (data) => {
      frames++
      socket.send(answer(JSON.parse(data.toString()).id))
    })
    // The clients cut themselves off.
    socket.on('error', () => {})
  })
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    get frames() {
      return frames
    },
    broadcast(bytes) {
      // The bytes are made once; ws adds a header of a few bytes for each socket.
      for (const socket of server.clients) socket.send(bytes, asText)
    },
    close() {
      for (const socket of server.clients) socket.terminate()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

const asText = { binary: false, compress: false }

/** The text of an answer with a receipt as long as the engine's. */
export function receiptText(id: number): string {
  return `{"jsonrpc":"2.0","id":${id},"result":{"orderId":"order-00000001","version":2,"eventId":100000,"recordedAt":1795000000000,"replayed":false}}`
}
