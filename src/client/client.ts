/** What a program has of the SDK: commands, reads, and what it watches. */
import type { Receipt, View } from '../domain.ts'
import type { OrderCommands, OrderView } from '../order/index.ts'
import type { CommandOptions } from '../protocol/commands.ts'
import type { WireEvent } from '../protocol/wire.ts'
import { aborted, CallError, ClientError, type Refused, refusedOf } from './errors.ts'
import type { Settled } from './link/calls.ts'
import { type ClientState, type ClientStatus, Link } from './link/link.ts'
import type { Hello } from './messages.ts'
import type {
  CallOptions,
  ConnectOptions,
  ListenOptions,
  SubmitOptions,
  WatchOptions,
} from './options.ts'
import type { OrderWireEvent } from './order-events.ts'
import { newId, platformRandom, platformSocket, platformTimers } from './platform.ts'
import { onAborted } from './signals.ts'
import { type EventsFilter, watchEvents } from './watch/events.ts'
import { expectNotAborted, type Feed, listen, type Watching } from './watch/feed.ts'
import { ViewMap } from './watch/view-map.ts'
import { type ViewsChange, type ViewsFilter, watchViews } from './watch/views.ts'

/**
 * A connection to a gateway that comes back by itself, with the calls that wait for their answer and
 * all that is watched. `connect` makes one.
 */
export class Client<
  C extends object = OrderCommands,
  V extends View = OrderView,
  E extends WireEvent = OrderWireEvent,
> {
  readonly #link: Link
  readonly #random: () => number

  /** As `connect`, which throws the same. */
  constructor(url: string, options: ConnectOptions = {}) {
    const { token, client, signal, random = platformRandom, reconnect = true } = options
    expectNotAborted(signal)
    this.#random = random
    this.#link = new Link({
      url,
      socket: options.socket ?? platformSocket,
      timers: options.timers ?? platformTimers,
      random,
      ...{ token, name: client },
      reconnect,
    })
    const release = onAborted(signal, () => this.#link.end(aborted(signal as AbortSignal)))
    void this.#link.closed.then(release)
  }

  /** Where the connection stands: `connecting`, `catching up`, `live` or `closed`. */
  get state(): ClientState {
    return this.#link.status.state
  }

  /** The state, with how the last connection ended, when the next is tried, and what went wrong. */
  get status(): ClientStatus {
    return this.#link.status
  }

  /** What the server said of itself, the last time; undefined before the first connection. */
  get hello(): Hello | undefined {
    return this.#link.hello
  }

  /**
   * Resolves on the first connection, once the server has taken the token; rejects with a
   * `ClientError` where the client closes before. It need not be looked at.
   */
  get ready(): Promise<Hello> {
    return this.#link.ready
  }

  /**
   * Resolves when the client is closed, with why. The `reason` is `CLOSED` where `close` was called,
   * `ABORTED` where its signal was; `UNAUTHENTICATED`, `FORBIDDEN` or `REJECTED` where the server
   * closed it for good; `CONNECTION_LOST` or `NO_TOKEN` where it was not to reconnect. Never rejects.
   */
  get closed(): Promise<ClientError> {
    return this.#link.closed
  }

  /**
   * Calls back with each change of the status: of the state, with each failed try, and with an error.
   * Not with the status as it is now. Returns what takes the listener off.
   */
  onState(listener: (status: ClientStatus) => void): () => void {
    return this.#link.listeners.add(listener)
  }

  /**
   * Submits a command, and sends it again, under the same commandId, over lost connections and while
   * the server has no time (`RATE_LIMITED`, `OVERLOADED`, `STOPPING`), until there is an answer: it
   * takes effect once, or not at all. Where a new order has no orderId, the commandId is its id.
   * What is sent is the params as they are now, in JSON.
   *
   * Commands are sent in the order of their calls, but one that is sent again may come after others:
   * wait for the receipt before a command that rests on it.
   *
   * Resolves with the receipt, or with a refusal, which is a value.
   *
   * @throws {CallError} if the call is malformed (`INVALID_PARAMS`, with `data.faults`;
   * `UNKNOWN_METHOD`), or something broke in the server (`INTERNAL`)
   * @throws {ClientError} if there is no answer: `GAVE_UP`, `ABORTED`, `TOO_LONG`, `TOO_MANY_CALLS`,
   * or why the client is closed. `outcome` says whether it may have been applied
   * @throws {TypeError} if the params cannot be JSON
   */
  async submit<Name extends keyof C & string>(
    method: Name,
    params: C[Name] & CommandOptions,
    options: SubmitOptions = {},
  ): Promise<Receipt | Refused> {
    const own = copyOf(params)
    const { orderId } = own as { readonly orderId?: string }
    let commandId = own.commandId ?? options.commandId
    const withId = ({ customerId }: Hello) => {
      // A token that is bound to a customer places orders under ids that begin with it.
      const prefix = orderId === undefined && customerId !== null ? `${customerId}:` : ''
      commandId ??= prefix + newId(this.#random)
      return { ...own, commandId }
    }
    const settled = await this.#link.calls.make({
      ...{ method, params: withId, isCommand: true, resend: true },
      ...limitsOf(options),
    })
    if ('result' in settled) return settled.result as Receipt
    // The codes below zero are JSON-RPC's own: no refusals.
    if (settled.error.code > 0) return refusedOf(settled.error, settled.outcome)
    throw new CallError(settled.error, settled.outcome)
  }

  /**
   * Makes one call of any method, as it is. It is sent once: where the connection ends before the
   * answer, whether a command was applied is not known.
   *
   * @throws {CallError} if it is answered with an error, refusals such as `NOT_ALLOWED` included
   * @throws {ClientError} if there is no answer: `CONNECTION_LOST`, or as `submit`
   */
  async call(method: string, params: object = {}, options: CallOptions = {}): Promise<unknown> {
    const own = copyOf(params)
    const call = { method, params: () => own, isCommand: true, resend: false }
    return resultOf(await this.#link.calls.make({ ...call, ...limitsOf(options) }))
  }

  /**
   * The latest view of an order; undefined where there is none, or it is another customer's than the
   * token is for. It and the other reads are made again after a lost connection.
   *
   * @throws {CallError} if the server refuses it, such as `FORBIDDEN` without the role `read`
   * @throws {ClientError} if there is no answer, as `submit`
   */
  get(orderId: string, options?: CallOptions): Promise<V | undefined> {
    return this.#find<V>('order.get', { orderId }, options)
  }

  /**
   * A page of orders, in the order of placing, of 100 unless `limit` says otherwise; `next` is the
   * `after` of the next page, and there is none after the last. With `sort: 'changed'` the order that
   * changed last comes first, and a page goes on `before` the eventId of the last. Throws as `get`.
   */
  list(
    query: {
      readonly status?: V['status']
      readonly state?: string
      readonly customerId?: string
      readonly after?: string
      readonly limit?: number
      readonly sort?: 'placed' | 'changed'
      readonly before?: number
      readonly idPrefix?: string
    } = {},
    options?: CallOptions,
  ): Promise<{ readonly orders: readonly V[]; readonly next?: string }> {
    return this.#read('order.list', query, options)
  }

  /** All events of an order, oldest first; undefined where there is no such order. Throws as `get`. */
  async history(orderId: string, options?: CallOptions): Promise<readonly E[] | undefined> {
    type Found = { readonly events: readonly E[] }
    return (await this.#find<Found>('order.history', { orderId }, options))?.events
  }

  /**
   * The order as it was just after an event, its own or another's; undefined before its first. Throws
   * as `get`, and `POSITION_AHEAD` for an event that is not there yet.
   */
  at(orderId: string, eventId: number, options?: CallOptions): Promise<V | undefined> {
    return this.#find<V>('order.at', { orderId, eventId }, options)
  }

  /**
   * Events from the eventId `from` (inclusive) on, 1000 at the most; the newest eventId there is, and
   * the `from` to go on with, if there is more. Throws as `get`, and `POSITION_AHEAD` for a `from` past
   * the next event.
   */
  readEvents(
    { from, limit }: { readonly from: number; readonly limit?: number },
    options?: CallOptions,
  ): Promise<{ readonly events: readonly E[]; readonly head: number; readonly next?: number }> {
    const params = limit === undefined ? { from } : { from, limit }
    return this.#read('events.read', params, options)
  }

  /**
   * Views as they are, then each change: `for await`, or with a listener. A consumer that is slow
   * gets the newest view of each order, in ascending eventId.
   *
   * It ends quietly where the program ends it. Where the server refuses to show the views, at first
   * or after a lost connection, the loop throws, and `ended` of the listener's form rejects, with a
   * `CallError` such as `FORBIDDEN`; where the client closes for another reason, with that.
   *
   * @throws {ClientError} at once: `ABORTED`, `TOO_MANY_SUBSCRIPTIONS`, or why the client is closed
   */
  views(options?: ViewsFilter & WatchOptions): Feed<ViewsChange<V>>
  views(
    options: ViewsFilter & ListenOptions,
    listener: (change: ViewsChange<V>) => unknown,
  ): Watching
  views(
    { signal, onError, ...filter }: ViewsFilter & ListenOptions = {},
    listener?: (change: ViewsChange<V>) => unknown,
  ): Feed<ViewsChange<V>> | Watching {
    expectNotAborted(signal)
    const feed = watchViews<V>(this.#link.subscriptions, copyOf(filter), signal)
    return listener ? listen(feed, listener, onError) : feed
  }

  /**
   * Events, each exactly once and in order: `for await`, or with a listener, which is given the next
   * one when the promise that it returns is done. A consumer that is slow is sent them later. To go on
   * another time, keep `{ epoch, eventId }`: the epoch of `client.hello`, and of the last event.
   *
   * It ends as `views` does, and throws the same; besides, `EPOCH_CHANGED` where the server has another
   * log than the one of the cursor, `POSITION_AHEAD` where that is ahead of its head, and
   * `CUSTOMER_CHANGED` where the token is another customer's after a lost connection.
   */
  events(options?: EventsFilter<E> & WatchOptions): Feed<E>
  events(options: EventsFilter<E> & ListenOptions, listener: (event: E) => unknown): Watching
  events(
    { signal, onError, ...filter }: EventsFilter<E> & ListenOptions = {},
    listener?: (event: E) => unknown,
  ): Feed<E> | Watching {
    expectNotAborted(signal)
    const feed = watchEvents<E>(this.#link.subscriptions, copyOf(filter), signal)
    return listener ? listen(feed, listener, onError) : feed
  }

  /**
   * A local map of views that follows the server's. It tells of its end itself: `onChange`, `ended`.
   *
   * @throws {ClientError} at once: `ABORTED`, `TOO_MANY_SUBSCRIPTIONS`, or why the client is closed
   */
  map({ signal, ...filter }: ViewsFilter & WatchOptions = {}): ViewMap<V> {
    expectNotAborted(signal)
    return new ViewMap<V>(this.#link.subscriptions, copyOf(filter), signal)
  }

  /** Closes it for good, in good order: what waits for an answer is told, and nothing is left running. */
  close(): void {
    this.#link.end(new ClientError('CLOSED', 'The client was closed.'))
  }

  async #read<T>(method: string, params: object, options: CallOptions = {}): Promise<T> {
    const own = copyOf(params)
    const call = { method, params: () => own, isCommand: false, resend: true }
    return resultOf(await this.#link.calls.make({ ...call, ...limitsOf(options) })) as T
  }

  async #find<T>(method: string, params: object, options?: CallOptions): Promise<T | undefined> {
    try {
      return await this.#read<T>(method, params, options)
    } catch (error) {
      if (error instanceof CallError && error.reason === 'ORDER_NOT_FOUND') return undefined
      throw error
    }
  }
}

/**
 * What is sent again and again, whatever becomes of the caller's own meanwhile.
 *
 * @throws {TypeError} where it cannot be JSON
 */
function copyOf<T extends object>(params: T): T {
  return JSON.parse(JSON.stringify(params)) as T
}

function limitsOf({ signal, giveUpAfterMs }: CallOptions) {
  return { signal, giveUpAfterMs }
}

function resultOf(settled: Settled): unknown {
  if ('result' in settled) return settled.result
  throw new CallError(settled.error, settled.outcome)
}
