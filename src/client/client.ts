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
import { type EventsFilter, watchEvents } from './watch/events.ts'
import { expectNotAborted, type Feed, listen, type Watching } from './watch/feed.ts'
import { ViewMap } from './watch/view-map.ts'
import { type ViewsChange, type ViewsFilter, watchViews } from './watch/views.ts'

export class Client<
  C extends object = OrderCommands,
  V extends View = OrderView,
  E extends WireEvent = OrderWireEvent,
> {
  readonly #link: Link
  readonly #random: () => number

  /** @throws {ClientError} `NO_WEBSOCKET`; or what the factory throws, such as for a wrong address */
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
    const onAbort = () => this.#link.end(aborted(signal as AbortSignal))
    signal?.addEventListener('abort', onAbort)
    void this.#link.closed.then(() => signal?.removeEventListener('abort', onAbort))
  }

  get state(): ClientState {
    return this.#link.status.state
  }

  get status(): ClientStatus {
    return this.#link.status
  }

  /** What the server said of itself, the last time; undefined before the first connection. */
  get hello(): Hello | undefined {
    return this.#link.hello
  }

  /** Resolves on the first connection; rejects where the client closes before. */
  get ready(): Promise<Hello> {
    return this.#link.ready
  }

  /** Resolves when the client is closed, with why; `reason` is `CLOSED` where `close` was called. */
  get closed(): Promise<ClientError> {
    return this.#link.closed
  }

  /** Calls back with each change of the state, and with each failed try; returns what ends that. */
  onState(listener: (status: ClientStatus) => void): () => void {
    return this.#link.listeners.add(listener)
  }

  /**
   * Submits a command, and sends it again, under the same commandId, over lost connections and while
   * the server has no time (`RATE_LIMITED`, `OVERLOADED`, `STOPPING`), until there is an answer: it
   * takes effect once, or not at all. Where a new order has no orderId, the commandId is its id.
   *
   * Commands are sent in the order of their calls, but one that is sent again may come after others:
   * wait for the receipt before a command that rests on it.
   *
   * Resolves with the receipt, or with a refusal, which is a value.
   *
   * @throws {CallError} if the call is malformed (`INVALID_PARAMS`, `UNKNOWN_METHOD`), or something
   * broke in the server (`INTERNAL`)
   * @throws {ClientError} if there is no answer; `outcome` says whether it may have been applied
   */
  async submit<Name extends keyof C & string>(
    method: Name,
    params: C[Name] & CommandOptions,
    options: SubmitOptions = {},
  ): Promise<Receipt | Refused> {
    // What is sent again is what was sent first, whatever becomes of the params meanwhile.
    const own = JSON.parse(JSON.stringify(params)) as C[Name] & CommandOptions
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
   * @throws {CallError} if it is answered with an error
   * @throws {ClientError} if there is no answer
   */
  async call(method: string, params: object = {}, options: CallOptions = {}): Promise<unknown> {
    const own = JSON.parse(JSON.stringify(params)) as object
    const call = { method, params: () => own, isCommand: true, resend: false }
    return resultOf(await this.#link.calls.make({ ...call, ...limitsOf(options) }))
  }

  /** The latest view of an order; undefined where there is none. */
  get(orderId: string, options?: CallOptions): Promise<V | undefined> {
    return this.#find<V>('order.get', { orderId }, options)
  }

  /** A page of orders, in the order of placing; `next` is the `after` of the next page. */
  list(
    query: {
      readonly status?: V['status']
      readonly customerId?: string
      readonly after?: string
      readonly limit?: number
    } = {},
    options?: CallOptions,
  ): Promise<{ readonly orders: readonly V[]; readonly next?: string }> {
    return this.#read('order.list', query, options)
  }

  /** All events of an order, oldest first; undefined where there is no such order. */
  async history(orderId: string, options?: CallOptions): Promise<readonly E[] | undefined> {
    type Found = { readonly events: readonly E[] }
    return (await this.#find<Found>('order.history', { orderId }, options))?.events
  }

  /** The order as it was just after an event, its own or another's; undefined before its first. */
  at(orderId: string, eventId: number, options?: CallOptions): Promise<V | undefined> {
    return this.#find<V>('order.at', { orderId, eventId }, options)
  }

  /** Events from `from` (inclusive) on, the newest eventId there is, and where to go on, if at all. */
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
    const feed = watchViews<V>(this.#link.subscriptions, filter, signal)
    return listener ? listen(feed, listener, onError) : feed
  }

  /**
   * Events, each exactly once and in order: `for await`, or with a listener, which is given the next
   * one when the promise that it returns is done. A consumer that is slow is sent them later. Throws
   * `EPOCH_CHANGED` where the server has another log than the one of the cursor.
   */
  events(options?: EventsFilter<E> & WatchOptions): Feed<E>
  events(options: EventsFilter<E> & ListenOptions, listener: (event: E) => unknown): Watching
  events(
    { signal, onError, ...filter }: EventsFilter<E> & ListenOptions = {},
    listener?: (event: E) => unknown,
  ): Feed<E> | Watching {
    expectNotAborted(signal)
    const feed = watchEvents<E>(this.#link.subscriptions, filter, signal)
    return listener ? listen(feed, listener, onError) : feed
  }

  /** A local map of views that follows the server's. */
  map({ signal, ...filter }: ViewsFilter & WatchOptions = {}): ViewMap<V> {
    expectNotAborted(signal)
    return new ViewMap<V>(this.#link.subscriptions, filter, signal)
  }

  /** Closes it for good, in good order: what waits for an answer is told, and nothing is left running. */
  close(): void {
    this.#link.end(new ClientError('CLOSED', 'The client was closed.'))
  }

  async #read<T>(method: string, params: object, options: CallOptions = {}): Promise<T> {
    const call = { method, params: () => params, isCommand: false, resend: true }
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

function limitsOf({ signal, giveUpAfterMs }: CallOptions) {
  return { signal, giveUpAfterMs }
}

function resultOf(settled: Settled): unknown {
  if ('result' in settled) return settled.result
  throw new CallError(settled.error, settled.outcome)
}
