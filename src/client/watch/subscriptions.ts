/** What is watched, over any number of connections: opened again on each, from where it had got to. */

import { CallError, ClientError } from '../errors.ts'
import { Backoff } from '../link/backoff.ts'
import type { Connection } from '../link/connection.ts'
import type { Answer, Hello, Subscribed } from '../messages.ts'
import type { Timers } from '../platform.ts'

/** One thing that is watched. */
export interface Watch {
  readonly method: 'views.subscribe' | 'events.subscribe'
  /** With what it has seen of it, a watch is as the server was at the greeting. */
  readonly isCaughtUp: boolean
  /**
   * The params to open it with, from where it had got to.
   *
   * @throws {ClientError} where it cannot go on from there
   */
  params(hello: Hello): object
  opened(subscribed: Subscribed, hello: Hello): void
  /**
   * Takes a notification in; false where something before it is missing.
   *
   * @throws {ClientError} where it cannot go on
   */
  notified(method: string, params: never): boolean
  /** It is not open any more, and will be opened again. */
  lost(): void
  /** It will not be opened again. */
  ended(error: ClientError): void
}

interface Entry {
  readonly watch: Watch
  readonly backoff: Backoff
  /** Its number on the connection that is there now. */
  subscription: number | undefined
  /** Of its openings; an answer to an earlier one opens nothing. */
  opening: number
  /** It was opened anew for a gap, and nothing has fitted since. */
  isMending: boolean
  /** Up to which event it is to be acked. */
  toAck: number
  cancelRetry: () => void
}

export interface SubscriptionsHandlers {
  /** What is watched, or how far it has got, is not what it was. */
  changed(): void
  /** Something that was watched has ended, by no wish of the program. */
  failed(error: ClientError): void
}

const nothing = () => {}

export class Subscriptions {
  readonly #timers: Timers
  readonly #random: () => number
  readonly #on: SubscriptionsHandlers
  readonly #entries = new Map<Watch, Entry>()
  readonly #byNumber = new Map<number, Entry>()
  /** What stops a cancelling that is to be tried again. */
  readonly #cancels = new Set<() => void>()
  #connection: Connection | undefined
  #hello: Hello | undefined
  #over: ClientError | undefined

  constructor(timers: Timers, random: () => number, on: SubscriptionsHandlers) {
    this.#timers = timers
    this.#random = random
    this.#on = on
  }

  get areCaughtUp(): boolean {
    for (const { isCaughtUp } of this.#entries.keys()) if (!isCaughtUp) return false
    return true
  }

  /** @throws {ClientError} if the client is closed, or as many are open as the server allows */
  add(watch: Watch): void {
    if (this.#over) throw this.#over
    const max = this.#hello?.limits.subscriptionsMax ?? Number.POSITIVE_INFINITY
    if (this.#entries.size >= max) throw tooMany(max)
    const backoff = new Backoff(this.#random)
    const entry: Entry = {
      ...{ watch, backoff, subscription: undefined },
      ...{ opening: 0, isMending: false, toAck: 0, cancelRetry: nothing },
    }
    this.#entries.set(watch, entry)
    this.#open(entry)
    this.#on.changed()
  }

  remove(watch: Watch): void {
    const entry = this.#entries.get(watch)
    if (!entry) return
    this.#entries.delete(watch)
    this.#close(entry)
    this.#on.changed()
  }

  /** Says up to which event a watch has been taken in. */
  ack(watch: Watch, eventId: number): void {
    const entry = this.#entries.get(watch)
    const subscription = entry?.subscription
    if (!entry || subscription === undefined) return
    entry.toAck = eventId
    this.#connection?.call('subscription.ack', { subscription, eventId }, (answer) => {
      if (entry.subscription !== subscription) return
      if ('result' in answer) return entry.backoff.reset()
      if (!new CallError(answer.error).retryable) return
      // Without the newest ack the server may wait for ever; one stands for all before it.
      this.#retry(entry, () => this.ack(watch, entry.toAck))
    })
  }

  ready(connection: Connection, hello: Hello): void {
    this.#hello = hello
    // How many it allows, it says only now: those that were added last are too many.
    const max = hello.limits.subscriptionsMax
    for (const entry of [...this.#entries.values()].slice(max)) this.#fail(entry, tooMany(max))
    this.#connection = connection
    for (const entry of [...this.#entries.values()]) this.#open(entry)
  }

  lost(): void {
    this.#forgetConnection()
    for (const entry of this.#entries.values()) {
      this.#forget(entry)
      entry.watch.lost()
    }
  }

  end(error: ClientError): void {
    this.#over = error
    this.#forgetConnection()
    const entries = [...this.#entries.values()]
    this.#entries.clear()
    for (const entry of entries) {
      this.#forget(entry)
      entry.watch.ended(error)
    }
  }

  notified(method: string, params: unknown): void {
    const { subscription } = params as { readonly subscription: number }
    const entry = this.#byNumber.get(subscription)
    if (!entry) return
    try {
      if (!entry.watch.notified(method, params as never)) return this.#mend(entry)
    } catch (error) {
      if (!(error instanceof ClientError)) throw error
      return this.#fail(entry, error)
    }
    entry.isMending = false
    this.#on.changed()
  }

  /** Opens it anew from its cursor; where that did not help, on a new connection. */
  #mend(entry: Entry): void {
    if (entry.isMending) return this.#connection?.drop('notifications are missing')
    entry.isMending = true
    this.#close(entry)
    entry.watch.lost()
    this.#open(entry)
    this.#on.changed()
  }

  #open(entry: Entry): void {
    const connection = this.#connection
    const hello = this.#hello
    const { watch } = entry
    if (!connection || !hello || !this.#entries.has(watch)) return
    let params: object
    try {
      params = watch.params(hello)
    } catch (error) {
      return this.#fail(entry, error as ClientError)
    }
    const opening = ++entry.opening
    connection.call(watch.method, params, (answer) => {
      const isWanted = entry.opening === opening && this.#entries.has(watch)
      if (isWanted) this.#opened(entry, answer, hello)
      else if ('result' in answer) this.#cancel(connection, answer.result as Subscribed)
    })
  }

  #opened(entry: Entry, answer: Answer, hello: Hello): void {
    const { watch } = entry
    if ('error' in answer) {
      const error = new CallError(answer.error)
      if (error.retryable) return this.#retry(entry, () => this.#open(entry))
      return this.#fail(entry, error)
    }
    const subscribed = answer.result as Subscribed
    entry.backoff.reset()
    entry.subscription = subscribed.subscription
    this.#byNumber.set(subscribed.subscription, entry)
    watch.opened(subscribed, hello)
    this.#on.changed()
  }

  #retry(entry: Entry, run: () => void): void {
    entry.cancelRetry()
    entry.cancelRetry = this.#timers.after(entry.backoff.next(), run)
  }

  /** Ends it for good, and says so to whoever watches and to the client. */
  #fail(entry: Entry, error: ClientError): void {
    if (!this.#entries.delete(entry.watch)) return
    this.#close(entry)
    entry.watch.ended(error)
    this.#on.failed(error)
    this.#on.changed()
  }

  #close(entry: Entry): void {
    const { subscription } = entry
    this.#forget(entry)
    if (subscription === undefined) return
    this.#byNumber.delete(subscription)
    if (this.#connection) this.#cancel(this.#connection, { subscription })
  }

  /** Until the server has done it, the subscription counts there, and is sent to. */
  #cancel(
    connection: Connection,
    { subscription }: Pick<Subscribed, 'subscription'>,
    backoff = new Backoff(this.#random),
  ): void {
    connection.call('subscription.cancel', { subscription }, (answer) => {
      if ('result' in answer || !new CallError(answer.error).retryable) return
      const stop = this.#timers.after(backoff.next(), () => {
        this.#cancels.delete(stop)
        this.#cancel(connection, { subscription }, backoff)
      })
      this.#cancels.add(stop)
    })
  }

  /** With the connection, all its subscriptions have ended. */
  #forgetConnection(): void {
    this.#connection = undefined
    this.#byNumber.clear()
    for (const stop of this.#cancels) stop()
    this.#cancels.clear()
  }

  #forget(entry: Entry): void {
    entry.opening++
    entry.subscription = undefined
    entry.cancelRetry()
    entry.cancelRetry = nothing
  }
}

function tooMany(max: number): ClientError {
  const message = `A client may have ${max} subscriptions on this server. Cancel one first.`
  return new ClientError('TOO_MANY_SUBSCRIPTIONS', message)
}
