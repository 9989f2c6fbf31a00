/** What the client and its calls can be given. */
import type { SocketFactory, Timers } from './platform.ts'

/**
 * Gives the token. It is asked each time that a connection has been made, and has 8 seconds to answer.
 *
 * A token that comes to its end while connected is renewed so. Where the server does not take a token,
 * the function is asked once more; does it not take that one either, the client closes. Where the
 * function throws, gives no string or takes too long, `status.error` says so (`NO_TOKEN`, with what was
 * thrown as its `cause`), and it is asked again on the next connection, after the usual wait.
 */
export type TokenSource = () => string | Promise<string>

export interface ConnectOptions {
  /** Sent first on each connection; never in the address. A function renews it. */
  readonly token?: string | TokenSource
  /** A name for the server's logs. */
  readonly client?: string
  /** Makes the sockets. The default is the platform's WebSocket; Node 20 has none: give it `ws`'s. */
  readonly socket?: SocketFactory
  /** Closes the client. */
  readonly signal?: AbortSignal
  /** False to close the client with the first connection, instead of making another. */
  readonly reconnect?: boolean
  /** Where time comes in; the platform's own unless given. */
  readonly timers?: Timers
  /** Where chance comes in, for jitter and ids: from 0 up to, but not including, 1. */
  readonly random?: () => number
}

export interface CallOptions {
  readonly signal?: AbortSignal
  /** Time after which the last refusal is the answer, or there is none (`GAVE_UP`). */
  readonly giveUpAfterMs?: number
}

export interface SubmitOptions extends CallOptions {
  /** The idempotency key; made where there is none. */
  readonly commandId?: string
}

export interface WatchOptions {
  readonly signal?: AbortSignal
}

/** For views and events that are handed to a listener. */
export interface ListenOptions extends WatchOptions {
  /**
   * Told once, where it ends by no wish of the program: with the error of the server, of the client,
   * or the one that the listener threw. `ended` rejects with the same.
   */
  readonly onError?: (error: unknown) => void
}
