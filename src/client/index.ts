/**
 * The SDK, for browsers and Node: `ordinal-engine/client`.
 *
 * It takes types from the rest of the project, and no code but the names of the handshake.
 */
import type { View } from '../domain.ts'
import type { OrderCommands, OrderView } from '../order/index.ts'
import type { WireEvent } from '../protocol/wire.ts'
import { Client } from './client.ts'
import type { ConnectOptions } from './options.ts'
import type { OrderWireEvent } from './order-events.ts'

/**
 * Connects to a gateway, such as `ws://127.0.0.1:7300/ws`.
 *
 * Returns the client at once, not a promise of it: it connects in the background, again and again,
 * and a page needs its state meanwhile. Calls wait for the connection; `client.ready` resolves on
 * the first one. A server that is not there, or a token that is wrong, is therefore nothing that is
 * thrown here: `client.status` tells, and `client.closed` where it is for good.
 *
 * The types are the bundled domain's; for another, name its commands, its view and its events:
 * `connect<MyCommands, MyView, MyEvent>(url)`.
 *
 * @throws {ClientError} `NO_WEBSOCKET` where the platform has no WebSocket, and none is given;
 * `ABORTED` where the signal is aborted already
 * @throws what the socket factory throws: for an address that is none, a `SyntaxError` (the
 * platform's is a `DOMException` of that name)
 */
export function connect<
  C extends object = OrderCommands,
  V extends View = OrderView,
  E extends WireEvent = OrderWireEvent,
>(url: string, options: ConnectOptions = {}): Client<C, V, E> {
  return new Client<C, V, E>(url, options)
}

export type { Receipt, View } from '../domain.ts'
export type { OrderCommands, OrderStatus, OrderView } from '../order/index.ts'
export type { FailedOutcome, WireEvent } from '../protocol/wire.ts'
export { Client } from './client.ts'
export { CallError, ClientError, type ClientReason, type Refused } from './errors.ts'
export type { ClientState, ClientStatus } from './link/link.ts'
export type { Closed, Cursor, Hello } from './messages.ts'
export type {
  CallOptions,
  ConnectOptions,
  ListenOptions,
  SubmitOptions,
  WatchOptions,
} from './options.ts'
export type { OrderWireEvent } from './order-events.ts'
export type { ClientSocket, SocketFactory, Timers } from './platform.ts'
export type { EventsFilter } from './watch/events.ts'
export type { Feed, Watching } from './watch/feed.ts'
export type { MapChange, MapState, ViewMap } from './watch/view-map.ts'
export type { ViewsChange, ViewsFilter } from './watch/views.ts'
