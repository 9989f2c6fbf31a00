/** One socket: its calls, in the order in which they came, and its subscriptions. */
import type { Config } from '../../config.ts'
import type { EventLog } from '../../log/event-log.ts'
import { webSocketCodes } from '../../protocol/close-codes.ts'
import { closeCodes } from '../../protocol/handshake.ts'
import {
  type Call,
  type CallId,
  errorText,
  type Parsed,
  parseFrame,
  type RpcError,
  rpcCodes,
} from '../../protocol/jsonrpc.ts'
import { type ReadParams, toldLimits } from '../../protocol/methods.ts'
import type { Runtime, TurnClock } from '../../runtime.ts'
import type { OrderView } from '../../view/order-view.ts'
import { type Authenticator, type Identity, nobodyInParticular } from '../auth/identity.ts'
import type { Caller, Calls, Reply } from '../calls.ts'
import type { GatewayObserver, SocketIdentity } from '../observer.ts'
import type { ReadAnswer } from '../reads.ts'
import { Subscriptions, type Watchers } from '../watch/subscriptions.ts'
import { Answering, type Answers } from './answers.ts'
import { runBatch, Turns } from './batch.ts'
import { Credentials } from './credentials.ts'
import type { Departures } from './departures.ts'
import { Outbox } from './outbox.ts'
import { RateLimit, rateLimited } from './rate-limit.ts'
import { Backlog, Reading } from './reading.ts'
import type { Socket } from './socket.ts'
import type { Successions } from './successions.ts'

/** What all sessions of a gateway share. */
export interface SessionShared {
  readonly calls: Calls
  readonly watchers: Watchers
  readonly log: EventLog
  readonly view: OrderView
  readonly authenticator: Authenticator | undefined
  readonly config: Config
  readonly runtime: Runtime
  readonly clock: TurnClock
  readonly departures: Departures
  readonly successions: Successions
  readonly observer: GatewayObserver
}

export interface SessionOptions {
  readonly id: number
  readonly socket: Socket
  /** Undefined where a token is still to come. */
  readonly identity: Identity | undefined
  readonly shared: SessionShared
  readonly onClosed: (session: Session) => void
}

export class Session implements Caller {
  readonly subscriptions: Subscriptions
  readonly #options: SessionOptions
  readonly #reading: Reading
  readonly #outbox: Outbox
  readonly #credentials: Credentials
  readonly #rateLimit: RateLimit
  /** Ends when a session.hello that is under way has been answered. */
  #identifying: Promise<void> | undefined
  #client: string | null = null
  /** How the gateway itself closed the socket, where it did so first. */
  #goodbye: { readonly code: number; readonly reason: string } | undefined
  /** How many subscriptions there were when it closed. */
  #subscriptionsLeft = 0
  readonly #openedAt: number
  #calls = 0
  /** Calls and batches that are not answered yet. */
  readonly #pending: Backlog
  /** Characters of the frames that they came in. */
  readonly #frames: Backlog
  readonly #turns = new Turns()
  /** Ends with the read that came last: they are answered one after the other. */
  #lastRead: Promise<void> = Promise.resolve()
  #takesCalls = true
  #isOpen = true
  #answersPing = true
  #onAnswered: (() => void) | undefined
  #cancelCutOff: () => void = () => {}

  constructor(options: SessionOptions) {
    const { socket, identity, shared } = options
    const { config, runtime, watchers, log, authenticator, departures } = shared
    const close = (code: number, reason: string) => this.close(code, reason)
    this.#options = options
    this.#openedAt = runtime.now()
    this.#reading = new Reading(socket)
    this.#pending = new Backlog(this.#reading, 'calls', config.callsPendingMax)
    this.#frames = new Backlog(this.#reading, 'frames', framesPendingMax * config.frameBytesMax)
    const onTooSlow = () => close(closeCodes.tooSlow, 'too slow: come back and resume')
    const onFault = (error: unknown) => {
      shared.observer.fault?.(error)
      close(webSocketCodes.internalError, 'the log could not be read')
    }
    const reading = this.#reading
    this.#outbox = new Outbox({ socket, reading, config, departures, onTooSlow, onFault })
    this.subscriptions = new Subscriptions({ watchers, outbox: this.#outbox, log, config, onFault })
    this.#rateLimit = new RateLimit(config.callsPerSecondMax, shared.clock)
    this.#credentials = new Credentials({ identity, authenticator, config, runtime, close })
    shared.observer.socketOpened?.(this.#facts())
    socket.handlers = {
      text: (text) => this.#receive(text),
      binary: () => this.close(closeCodes.badFrame, 'frames must be text'),
      pong: () => {
        this.#answersPing = true
      },
      drain: () => this.#outbox.drained(),
      closed: (code) => this.#closed(code),
    }
  }

  get identity(): Identity | undefined {
    return this.#credentials.identity
  }

  /** Bytes that have not left yet. */
  get outboxBytes(): number {
    return this.#outbox.bytes
  }

  /** Tells the client something of the session itself. */
  notice(method: string, text: string): void {
    this.#outbox.notice(method, text)
  }

  /** Pings the socket; cuts it off where it has not answered the ping before. */
  beat(): void {
    // While it was not read from, it could not be heard to answer.
    const isSilent = !this.#reading.wasPaused() && !this.#answersPing
    if (isSilent) return this.#options.socket.terminate()
    this.#answersPing = false
    this.#options.socket.ping()
  }

  /** Takes no more calls; resolves when all that came are answered, and the answers on their way. */
  async drain(): Promise<void> {
    this.#takesCalls = false
    if (this.#pending.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onAnswered = resolve
      })
    }
    this.#outbox.flush()
  }

  /** Closes the socket after what it is owed; what still comes is not taken. Cut off if it stays. */
  close(code: number, reason: string): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    const { socket, shared } = this.#options
    const { config, runtime } = shared
    this.#outbox.flush()
    this.#release()
    if (socket.close(code, reason)) this.#goodbye = { code, reason }
    this.#cancelCutOff = runtime.after(config.cutOffMs, () => socket.terminate())
  }

  terminate(): void {
    this.#options.socket.terminate()
  }

  /** Says who calls, and tells what the server is. */
  async hello({ token, client, session }: ReadParams<'session.hello'>): Promise<ReadAnswer> {
    const refusal = await this.#credentials.hello(token)
    if (refusal) return refusal
    const { log, view, config, successions } = this.#options.shared
    const { subject, roles, customerId } = this.#credentials.identity ?? nobodyInParticular
    if (session) successions.begin(this, session, subject)
    this.#client = client ?? this.#client
    const server = { epoch: log.epoch, eventId: view.eventId, limits: toldLimits(config) }
    const { heartbeatMs } = config
    return { result: { ...server, heartbeatMs, roles, customerId } }
  }

  #receive(text: string): void {
    if (!this.#takesCalls) return
    const { isBatch, parts } = parseFrame(text, this.#options.shared.config.batchCallsMax)
    if (isBatch) void this.#runBatch(parts, text.length)
    else this.#runOne(parts[0]!, text.length)
  }

  #runOne(part: Parsed, frameLength: number): void {
    if ('error' in part) return this.#outbox.answer(errorText(part.id, part.error))
    if (part.id === undefined) return
    this.#frames.add(frameLength)
    this.#run(part, part.id, this.#outbox, () => {
      this.#frames.remove(frameLength)
      this.#answered()
    })
  }

  async #runBatch(parts: readonly Parsed[], frameLength: number): Promise<void> {
    this.#pending.add(1)
    this.#frames.add(frameLength)
    this.#outbox.hold()
    const { calls, config } = this.#options.shared
    const onAnswered = () => this.#answered()
    const run = (call: Call, id: CallId, answers: Answers) =>
      this.#run(call, id, answers, onAnswered, parts)
    let endTurn: (() => void) | undefined
    const answers = await runBatch(parts, calls, config, run, async () => {
      endTurn ??= await this.#turns.come()
    })
    if (answers.length > 0) this.#outbox.answer(`[${answers.join()}]`)
    endTurn?.()
    this.#outbox.release()
    this.#frames.remove(frameLength)
    this.#answered()
  }

  #run(call: Call, id: CallId, answers: Answers, onAnswered: () => void, batch?: object): void {
    const { calls } = this.#options.shared
    const reply = new Answering(id, answers, onAnswered)
    this.#pending.add(1)
    this.#calls++
    const retryAfterMs = this.#rateLimit.take()
    if (retryAfterMs > 0) return reply.give({ error: calls.refusal(rateLimited(retryAfterMs)) })
    if (call.method === 'session.hello') this.#identify(call, reply)
    else if (this.#identifying)
      void this.#identifying.then(() => this.#dispatch(call, reply, batch))
    else this.#dispatch(call, reply, batch)
  }

  #dispatch(call: Call, reply: Reply, batch?: object): void {
    const { calls } = this.#options.shared
    if (!this.#isOpen) reply.give({ error: gone })
    else if (calls.isCommand(call.method))
      calls.command(call.method, call.params, this, reply, batch)
    else this.#lastRead = this.#readAfter(this.#lastRead, call, reply)
  }

  /** Calls that come while a token is looked at wait for what becomes of it. */
  #identify(call: Call, reply: Reply): void {
    const identifying = this.#readAfter(this.#lastRead, call, reply).then(() => {
      if (this.#identifying === identifying) this.#identifying = undefined
    })
    this.#identifying = identifying
    this.#lastRead = identifying
  }

  /** Reads once the reads before are answered and the outbox has room: no answers pile up. */
  async #readAfter(before: Promise<void>, { method, params }: Call, reply: Reply): Promise<void> {
    await before
    await this.#outbox.room()
    if (this.#isOpen) await this.#options.shared.calls.read(method, params, this, reply)
    else reply.give({ error: gone })
  }

  #answered(): void {
    this.#pending.remove(1)
    if (this.#pending.size === 0) this.#onAnswered?.()
  }

  #closed(code: number): void {
    const { shared, onClosed } = this.#options
    if (this.#isOpen) this.#release()
    shared.observer.socketClosed?.({
      ...this.#facts(),
      ...(this.#goodbye ?? { code, reason: '' }),
      ms: shared.runtime.now() - this.#openedAt,
      calls: this.#calls,
      subscriptions: this.#subscriptionsLeft,
    })
    this.#cancelCutOff()
    onClosed(this)
  }

  #facts(): SocketIdentity {
    const { id: socket, socket: near } = this.#options
    const { subject = null, customerId = null } = this.#credentials.identity ?? {}
    return { socket, remote: near.remote, subject, customerId, client: this.#client }
  }

  /** Nothing is taken, told or sent from here on. */
  #release(): void {
    this.#isOpen = false
    this.#takesCalls = false
    this.#subscriptionsLeft = this.subscriptions.size
    this.subscriptions.end()
    this.#credentials.end()
    this.#outbox.close()
    this.#reading.end()
  }
}

/** Frames of the greatest length that wait with their calls; beyond it, the socket is not read from. */
const framesPendingMax = 4

/** The answer to a call whose socket has closed: nobody gets it. */
const gone: RpcError = { code: rpcCodes.internalError, message: 'The socket is closed.' }
