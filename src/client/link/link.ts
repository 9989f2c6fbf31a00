/** Keeps a connection up: dials, greets, listens for silence, and comes back as the server asks. */
import { closeCodes, subprotocol } from '../../protocol/handshake.ts'
import { CallError, ClientError } from '../errors.ts'
import { limits } from '../limits.ts'
import { Listeners } from '../listeners.ts'
import type { Answer, Closed, Hello } from '../messages.ts'
import type { TokenSource } from '../options.ts'
import { newId, type SocketFactory, type Timers } from '../platform.ts'
import { Subscriptions } from '../watch/subscriptions.ts'
import { Backoff } from './backoff.ts'
import { Calls } from './calls.ts'
import { Connection } from './connection.ts'
import { askForToken, noToken } from './token.ts'

/**
 * - `connecting`: there is no connection, and one is being made; what was there is still shown
 * - `catching up`: connected, and what was missed meanwhile is on its way
 * - `live`: all that is watched is as the server has it. What is watched by a filter counts from when
 *   the server goes on with it: what it missed may still be on its way, a moment long
 * - `closed`: for good
 */
export type ClientState = 'connecting' | 'catching up' | 'live' | 'closed'

/** Where the connection stands, at one moment: each change is a new object. */
export interface ClientStatus {
  readonly state: ClientState
  /** How the last connection ended, or the last try to make one; null before the first has. */
  readonly lost: Closed | null
  /** While `connecting`: the wait before the next try, in ms; 0 while one is under way. */
  readonly retryMs: number
  /**
   * The newest error that concerns more than one call; null before there was one. It is that of a
   * map, views or events that the server refuses to show (any more), which have ended with it, while
   * the rest may well be `live`; `NO_TOKEN` where the function for the token gave none, and is asked
   * again; and where the client is `closed`, why it is.
   */
  readonly error: ClientError | null
}

export interface LinkOptions {
  readonly url: string
  readonly socket: SocketFactory
  readonly timers: Timers
  readonly random: () => number
  readonly token: string | TokenSource | undefined
  /** A name for the server's logs. */
  readonly name: string | undefined
  /** False to end with the first connection. */
  readonly reconnect: boolean
}

const nothing = () => {}

export class Link {
  readonly calls: Calls
  readonly subscriptions: Subscriptions
  readonly listeners = new Listeners<ClientStatus>()
  /** Resolves with the first greeting; rejects where the client closes before. */
  readonly ready: Promise<Hello>
  /** Resolves when the client has closed, with why. */
  readonly closed: Promise<ClientError>
  readonly #options: LinkOptions
  readonly #backoff: Backoff
  /** Says which connection is the newest, so that the server takes nothing of one before. */
  #session: { readonly id: string; readonly connection: number }
  #connection: Connection | undefined
  #hello: Hello | undefined
  #isGreeted = false
  /** Tokens that the server did not take, or not any more, since the last greeting. */
  #tokensRefused = 0
  #status: ClientStatus = { state: 'connecting', lost: null, retryMs: 0, error: null }
  #cancelSilence = nothing
  #cancelDrain = nothing
  #cancelSteady = nothing
  #cancelDial = nothing
  #onReady: (hello: Hello) => void = nothing
  #onNeverReady: (error: ClientError) => void = nothing
  #onClosed: (error: ClientError) => void = nothing

  constructor(options: LinkOptions) {
    const { timers, random } = options
    this.#options = options
    this.#session = { id: newId(random), connection: 0 }
    this.#backoff = new Backoff(random)
    this.calls = new Calls(timers, random)
    this.subscriptions = new Subscriptions(timers, random, {
      changed: () => this.#refresh(),
      failed: (error) => this.#tell({ error }),
    })
    this.ready = new Promise((resolve, reject) => {
      this.#onReady = resolve
      this.#onNeverReady = reject
    })
    // Whoever wants to know asks; others have the state.
    this.ready.catch(nothing)
    this.closed = new Promise((resolve) => {
      this.#onClosed = resolve
    })
    this.#dial()
  }

  get status(): ClientStatus {
    return this.#status
  }

  /** The newest greeting; undefined before the first. */
  get hello(): Hello | undefined {
    return this.#hello
  }

  /** Ends it for good. Nothing is left running. */
  end(error: ClientError): void {
    if (this.#status.state === 'closed') return
    this.#quiet()
    this.#cancelDial()
    this.#connection?.close()
    this.#connection = undefined
    this.#isGreeted = false
    // Whoever is told that something has ended finds the client closed.
    this.#status = { ...this.#status, state: 'closed', retryMs: 0, error }
    this.#onNeverReady(error)
    this.calls.end(error)
    this.subscriptions.end(error)
    this.#tell({})
    this.listeners.clear()
    this.#onClosed(error)
  }

  #dial(): void {
    const { url, socket } = this.#options
    const connection = new Connection(socket(url, [subprotocol]), {
      opened: () => this.#opened(connection),
      heard: () => this.#heard(),
      notified: (method, params) => this.#notified(method, params),
      closed: (closed) => this.#lost(closed),
    })
    this.#connection = connection
    this.#expectWithin(limits.openMsMax)
  }

  #opened(connection: Connection): void {
    const { token } = this.#options
    if (typeof token !== 'function') return this.#greet(connection, token)
    const ms = limits.tokenMsMax
    const onTime = () => this.#withoutToken(connection, noToken(`it took more than ${ms} ms`))
    this.#within(ms, onTime)
    askForToken(token).then(
      (given) => this.#greet(connection, given),
      (error) => this.#withoutToken(connection, error),
    )
  }

  #withoutToken(connection: Connection, error: ClientError): void {
    if (this.#connection !== connection) return
    if (!this.#options.reconnect) return this.end(error)
    this.#status = { ...this.#status, error }
    connection.drop(error.message)
  }

  #greet(connection: Connection, token: string | undefined): void {
    if (this.#connection !== connection) return
    const { name } = this.#options
    const { id, connection: before } = this.#session
    this.#session = { id, connection: before + 1 }
    const hello = {
      ...(token !== undefined && { token }),
      ...(name !== undefined && { client: name }),
      session: this.#session,
    }
    this.#expectWithin(limits.openMsMax)
    connection.call('session.hello', hello, (answer) => this.#greeted(connection, answer))
  }

  #greeted(connection: Connection, answer: Answer): void {
    if ('error' in answer) {
      const error = new CallError(answer.error)
      // Something broke over there: that is none of our token's fault.
      const isPassing = error.retryable || error.reason === 'INTERNAL'
      if (isPassing || (error.reason === 'UNAUTHENTICATED' && this.#asksAgain())) {
        return connection.drop(error.message)
      }
      return this.end(error)
    }
    const hello = answer.result as Hello
    this.#hello = hello
    this.#isGreeted = true
    this.#tokensRefused = 0
    this.#heard()
    this.#cancelSteady = this.#options.timers.after(limits.steadyMs, () => this.#backoff.reset())
    // What is watched comes first: the answers to calls then meet a map that knows.
    this.subscriptions.ready(connection, hello)
    this.calls.ready(connection, hello)
    this.#onReady(hello)
    this.#refresh()
  }

  /** Any frame shows that the other side is there. */
  #heard(): void {
    if (!this.#isGreeted || !this.#hello) return
    this.#expectWithin(2 * this.#hello.heartbeatMs + limits.silenceMarginMs)
  }

  #expectWithin(ms: number): void {
    this.#within(ms, () => this.#connection?.drop(`nothing was heard for ${ms} ms`))
  }

  #within(ms: number, onTime: () => void): void {
    this.#cancelSilence()
    this.#cancelSilence = this.#options.timers.after(ms, onTime)
  }

  #notified(method: string, params: unknown): void {
    if (method === 'session.shutdown') return this.#drain((params as { drainMs: number }).drainMs)
    if (method !== 'session.heartbeat') this.subscriptions.notified(method, params)
  }

  /** The server stops: it answers what it was sent, and closes the connection. */
  #drain(drainMs: number): void {
    const { shuttingDown } = closeCodes
    const onTime = () => this.#connection?.drop('the server was slow to stop', shuttingDown)
    this.calls.pause()
    this.#cancelDrain()
    this.#cancelDrain = this.#options.timers.after(drainMs + limits.drainMarginMs, onTime)
  }

  #lost(closed: Closed): void {
    this.#quiet()
    this.#connection = undefined
    this.#isGreeted = false
    this.subscriptions.lost()
    this.calls.lost()
    const error = this.#finalError(closed)
    if (error) {
      this.#status = { ...this.#status, lost: closed }
      return this.end(error)
    }
    this.#dialIn(
      closed.code >= 4200 && closed.code < 4300 ? this.#backoff.soon() : undefined,
      closed,
    )
  }

  #dialIn(wait: number | undefined, lost: Closed): void {
    const retryMs = Math.ceil(wait ?? this.#backoff.next())
    this.#cancelDial = this.#options.timers.after(retryMs, () => {
      this.#tell({ state: 'connecting', lost, retryMs: 0 })
      if (this.#status.state === 'closed') return
      try {
        this.#dial()
      } catch (error) {
        this.#dialIn(undefined, { code: 1006, reason: String(error) })
      }
    })
    this.#tell({ state: 'connecting', lost, retryMs })
  }

  #finalError({ code, reason }: Closed): ClientError | undefined {
    const { unauthenticated, noHello, forbidden } = closeCodes
    if (code >= 4000 && code < 4100) {
      const isToken = code === unauthenticated || code === noHello
      if (isToken && this.#asksAgain()) return undefined
      const why = isToken ? 'UNAUTHENTICATED' : code === forbidden ? 'FORBIDDEN' : 'REJECTED'
      return new ClientError(why, `The server closed the connection for good (${code} ${reason}).`)
    }
    if (this.#options.reconnect) return undefined
    const message = this.#hello
      ? `The connection was closed (${[code, reason].join(' ').trim()}).`
      : `There is no connection to ${this.#options.url}. Is the server running?`
    return new ClientError('CONNECTION_LOST', message, { retryable: true })
  }

  /** Once after a greeting: another token may do where this one has come to its end. */
  #asksAgain(): boolean {
    const { token, reconnect } = this.#options
    return typeof token === 'function' && reconnect && this.#tokensRefused++ === 0
  }

  #quiet(): void {
    this.#cancelSilence()
    this.#cancelDrain()
    this.#cancelSteady()
  }

  #refresh(): void {
    if (!this.#isGreeted) return
    const state = this.subscriptions.areCaughtUp ? 'live' : 'catching up'
    if (state !== this.#status.state) this.#tell({ state, retryMs: 0 })
  }

  #tell(changes: Partial<ClientStatus>): void {
    this.#status = { ...this.#status, ...changes }
    this.listeners.tell(this.#status)
  }
}
