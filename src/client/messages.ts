/** What the server says, as types. */
import type { View } from '../domain.ts'
import type { RpcError } from '../protocol/jsonrpc.ts'
import type { Role } from '../protocol/methods.ts'
import type { WireEvent } from '../protocol/wire.ts'

export type Answer = { readonly result: unknown } | { readonly error: RpcError }

/** How a connection ended: WebSocket's close code, 1006 where it ended without one. */
export interface Closed {
  readonly code: number
  /** For people; empty where none was given. */
  readonly reason: string
}

/** A place in a log: what comes after it is still to be sent. */
export interface Cursor {
  /** Names the log: a restored backup has another. */
  readonly epoch: string
  readonly eventId: number
}

/** What the server says of itself, and of whom it takes us for. */
export interface Hello extends Cursor {
  readonly limits: {
    readonly frameBytesMax: number
    readonly batchCallsMax: number
    readonly callsPerSecondMax: number
    readonly subscriptionsMax: number
    readonly listOrdersMax: number
    readonly readEventsMax: number
    readonly ackLagMax: number
  }
  /** Time between two heartbeats of the server, in ms. */
  readonly heartbeatMs: number
  /** What the token may do. */
  readonly roles: readonly Role[]
  /** The customer whose orders alone this token sees; null for all. */
  readonly customerId: string | null
}

export interface Subscribed {
  readonly subscription: number
  readonly epoch: string
  /** Of views: true where the changes since the cursor follow, false where a snapshot does. */
  readonly recovered?: boolean
}

interface OfSubscription {
  readonly subscription: number
  readonly eventId: number
}

export interface ViewsSnapshot<V extends View> extends OfSubscription {
  readonly part: number
  readonly last: boolean
  readonly views: readonly V[]
}

export interface ViewsNext<V extends View> extends OfSubscription {
  readonly previous: number
  readonly views: readonly V[]
  readonly gone?: readonly string[]
}

export interface EventsNext<E extends WireEvent> extends OfSubscription {
  readonly previous: number
  readonly events: readonly E[]
}
