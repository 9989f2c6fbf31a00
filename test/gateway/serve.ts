/** An engine that listens, a client of it, and what must hold after whatever a test did to it. */
import { connect as connectTcp } from 'node:net'
import { expect, onTestFinished } from 'vitest'
import { type Engine, type EngineOptions, MemoryLog, openEngine } from '../../src/index.ts'
import { connect, type RpcClient } from '../support/rpc.ts'

/** What every refusal of the engine carries. */
export const notApplied = (reason: string, retryable = false) =>
  expect.objectContaining({ reason, retryable, outcome: 'not_applied' })

/** Opens an engine on a free port, closed when the test ends. */
export async function listening(options: Partial<EngineOptions> = {}): Promise<Engine> {
  const engine = await openEngine({ log: new MemoryLog(), listen: { port: 0 }, ...options })
  onTestFinished(() => engine.close())
  return engine
}

/** The same, and a client that is connected to it. */
export async function serve(
  options: Partial<EngineOptions> = {},
): Promise<{ engine: Engine; client: RpcClient }> {
  const engine = await listening(options)
  return { engine, client: await connect(engine.address) }
}

/** The params of a new order of this id. */
export const order = (orderId: string, quantity = 5) => ({
  orderId,
  customerId: 'bob',
  currency: 'USD',
  lines: [{ sku: 'widget', quantity, unitPrice: 1000 }],
})

let placed = 0

/** Another client can place an order, and its event is the first since `head`. */
export async function expectServesOn(engine: Engine, head: number): Promise<void> {
  const other = await connect(engine.address)
  const { result } = await other.call('order.new', order(`after-${++placed}`))
  expect(result).toMatchObject({ eventId: head + 1, version: 1 })
  other.socket.close()
}

/** Sends a text to the port as it is, and gives all that came back until the server hung up. */
export function raw(engine: Engine, text: string): Promise<string> {
  const { host, port } = engine.address!
  const socket = connectTcp(port, host)
  onTestFinished(() => {
    socket.destroy()
  })
  let heard = ''
  socket.setEncoding('utf8')
  socket.on('data', (data) => {
    heard += data
  })
  socket.on('connect', () => socket.write(text))
  return new Promise((resolve) => {
    socket.on('error', () => {})
    socket.on('close', () => resolve(heard))
  })
}

/** The text of an HTTP request; without a Host header of its own, with the right one. */
export function request(
  engine: Engine,
  line: string,
  headers: Record<string, string> = {},
): string {
  const { host, port } = engine.address!
  const all = { host: `${host}:${port}`, connection: 'close', ...headers }
  const list = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${line} HTTP/1.1\r\n${list.join('')}\r\n`
}

/** The headers that ask for a WebSocket. */
export const upgrade = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
}
