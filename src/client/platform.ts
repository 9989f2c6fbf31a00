/** The only place of the client where sockets, time and chance come in. */
import { ClientError } from './errors.ts'

/**
 * A WebSocket as browsers have it, as far as it is needed here. The handlers take anything, so that
 * the types of a browser fit it, and those of `ws`.
 */
export interface ClientSocket {
  send(text: string): void
  close(code?: number, reason?: string): void
  /** Ends it without waiting for the other side, where the library can: `ws` does. */
  terminate?(): void
  onopen: ((event: any) => void) | null
  onmessage: ((event: any) => void) | null
  onerror: ((event: any) => void) | null
  onclose: ((event: any) => void) | null
}

/** Makes a socket that connects by itself, such as `(url, protocols) => new WebSocket(url, protocols)`. */
export type SocketFactory = (url: string, protocols: string[]) => ClientSocket

/** The timers that the client waits with, such as a test's that go when it says so. */
export interface Timers {
  /** Runs once after `ms`, which may be `Infinity`; returns what cancels it. */
  after(ms: number, run: () => void): () => void
}

/** The longest time that a timer of a platform can wait, some 24 days; a longer one runs at once. */
const timerMsMax = 2 ** 31 - 1

export const platformTimers: Timers = {
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, timerMsMax))
    return () => clearTimeout(timer)
  },
}

/** From 0 up to, but not including, 1: strong enough for ids, in pages without TLS, too. */
export function platformRandom(): number {
  const [drawn = 0] = crypto.getRandomValues(new Uint32Array(1))
  return drawn / 2 ** 32
}

/** @throws {ClientError} `NO_WEBSOCKET` where the platform has none */
export const platformSocket: SocketFactory = (url, protocols) => {
  type WebSocketClass = new (url: string, protocols: string[]) => ClientSocket
  const { WebSocket } = globalThis as { readonly WebSocket?: WebSocketClass }
  if (WebSocket) return new WebSocket(url, protocols)
  throw new ClientError(
    'NO_WEBSOCKET',
    'There is no WebSocket on this platform. On Node 20, install ws and pass ' +
      '{ socket: (url, protocols) => new WebSocket(url, protocols) } with its WebSocket.',
  )
}

const idAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-'
const idChars = 21

/** A new id of 126 random bits, in the characters that ids may have. */
export function newId(random: () => number): string {
  const char = () => idAlphabet[Math.floor(random() * idAlphabet.length)]
  return Array.from({ length: idChars }, char).join('')
}
