/** What the gateway tells whoever keeps an eye on it. Never a token, a param or a payload. */

/** Numbers that are counted up or looked up when somebody asks. */
export interface GatewayCounters {
  /** Sockets that are open. */
  readonly sockets: number
  /** Their subscriptions, to views and to events. */
  readonly subscriptions: number
  /** Bytes that wait in all their outboxes, answers and what the sockets hold included. */
  readonly outboxBytes: number
  /** Views that gave way to a newer one of the same order before they were sent, since the start. */
  readonly conflations: number
  /** Events between the head and what the slowest watcher has been sent; 0 where there is none. */
  readonly slowestLag: number
}

/** Who is at a socket, as far as it has said. */
export interface SocketIdentity {
  /** Numbered from 1 since the start. */
  readonly socket: number
  /** The address at the other end, a proxy's where there is one. */
  readonly remote: string | undefined
  /** The subject of its token; null without one. */
  readonly subject: string | null
  /** The customer that its token is bound to; null without one. */
  readonly customerId: string | null
  /** The name that it gave in `session.hello`; null before. */
  readonly client: string | null
}

export interface SocketClosed extends SocketIdentity {
  /** The close code, 1006 where there was none. */
  readonly code: number
  /** Why, in the gateway's own words; empty where the other side closed, whatever it said. */
  readonly reason: string
  /** How long it was open. */
  readonly ms: number
  /** Calls that it made. */
  readonly calls: number
  /** Subscriptions that it had at the end. */
  readonly subscriptions: number
}

/** Why a request for a socket was turned away. The words of the request are not repeated. */
export type ConnectionRefusal =
  | 'host'
  | 'origin'
  | 'path'
  | 'subprotocol'
  | 'token'
  | 'not ready'
  | 'too many sockets'

export interface ConnectionRefused {
  /** The HTTP status that it was answered with, or the close code where it was a socket already. */
  readonly status: number
  readonly why: ConnectionRefusal
  readonly remote: string | undefined
}

/** Hears of what is worth a line in a log. */
export interface GatewayObserver {
  socketOpened?(socket: SocketIdentity): void
  socketClosed?(socket: SocketClosed): void
  connectionRefused?(refusal: ConnectionRefused): void
  /** A call was answered with -32603: the method's name, and what was thrown. */
  callFailed?(method: string, error: unknown): void
  /** The chart of the machine could not be laid out. */
  chartFailed?(error: Error): void
  /** Something broke while a socket was served, and the socket was closed for it. */
  fault?(error: unknown): void
}
