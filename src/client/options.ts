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

/** All of it may be left out. */
export interface ConnectOptions {
  /** Sent first on each connection; never in the address. A function renews it. */
  readonly token?: string | TokenSource
  /** A name for the server's logs, of 64 characters at the most. */
  readonly client?: string
  /** Makes the sockets. The default is the platform's WebSocket; Node 20 has none: give it `ws`'s. */
  readonly socket?: SocketFactory
  /** Closes the client when it is aborted. */
  readonly signal?: AbortSignal
  /** False to close the client when the first connection, or try, ends; true unless given. */
  readonly reconnect?: boolean
  /** Where time comes in; the platform's own unless given. */
  readonly timers?: Timers
  /** Where chance comes in, for jitter and ids: from 0 up to, but not including, 1. */
  readonly random?: () => number
}

export interface CallOptions {
  /** Ends the wait for the answer, with `ABORTED`. What was sent may still be applied: see `outcome`. */
  readonly signal?: AbortSignal
  /**
   * Time in ms after which the last refusal is the answer (`RATE_LIMITED`, `OVERLOADED`, `STOPPING`),
   * or there is none (`GAVE_UP`). Without it, a call waits as long as the client lives.
   */
  readonly giveUpAfterMs?: number
}

export interface SubmitOptions extends CallOptions {
  /** The idempotency key, in place of one in the params; made where there is none. */
  readonly commandId?: string
}

export interface WatchOptions {
  /** Ends what is watched, quietly. */
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
