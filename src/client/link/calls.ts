/** The calls that wait for an answer, over any number of connections. */
import type { RpcError } from '../../protocol/jsonrpc.ts'
import type { FailedOutcome } from '../../protocol/wire.ts'
import { aborted, ClientError, outcomeOf } from '../errors.ts'
import { limits } from '../limits.ts'
import type { Answer, Hello } from '../messages.ts'
import type { Timers } from '../platform.ts'
import { onAborted } from '../signals.ts'
import { Backoff } from './backoff.ts'
import type { Connection } from './connection.ts'

export interface Call {
  readonly method: string
  /** Made each time it is sent, once the server has said who we are. */
  readonly params: (hello: Hello) => object
  /** It changes something, so that it matters whether it was applied. */
  readonly isCommand: boolean
  /** To be sent again where the connection ended before the answer, or the server has no time. */
  readonly resend: boolean
  readonly signal?: AbortSignal | undefined
  readonly giveUpAfterMs?: number | undefined
}

/** The final answer; for an error with what is known of the command, all sendings of it together. */
export type Settled =
  | { readonly result: unknown }
  | { readonly error: RpcError; readonly outcome: FailedOutcome }

/** Answers after which a call is sent again by itself. */
const passing = new Set<unknown>(['RATE_LIMITED', 'OVERLOADED', 'STOPPING'])

/** The codes above are an order's refusals, the bundled domain's or another's. */
const refusalsOfOrders = 2000

interface Waiting {
  readonly call: Call
  readonly backoff: Backoff
  readonly resolve: (settled: Settled) => void
  readonly reject: (error: ClientError) => void
  /** Sent on the connection that is there now, and not answered. */
  isSent: boolean
  /** A sending of it got no answer, or the answer that it may have been applied. */
  mayBeApplied: boolean
  /** Cancels the wait before it is sent again; undefined where it does not wait. */
  rest: (() => void) | undefined
  /** The answer that it rests after. */
  lastRefusal: RpcError | undefined
  release: () => void
}

export class Calls {
  readonly #timers: Timers
  readonly #random: () => number
  /** In the order in which they were made. */
  readonly #waiting = new Set<Waiting>()
  #connection: Connection | undefined
  #hello: Hello | undefined
  #over: ClientError | undefined

  constructor(timers: Timers, random: () => number) {
    this.#timers = timers
    this.#random = random
  }

  get size(): number {
    return this.#waiting.size
  }

  /** @throws {ClientError} where there is no answer, and there will be none */
  make(call: Call): Promise<Settled> {
    return new Promise((resolve, reject) => {
      if (this.#over) return reject(this.#over)
      if (call.signal?.aborted) return reject(aborted(call.signal))
      // Those that were given up and are still to be answered take room, too, here and over there.
      const unanswered = this.#connection?.unanswered ?? 0
      if (Math.max(this.#waiting.size, unanswered) >= limits.callsMax) {
        const message = `${limits.callsMax} calls wait for an answer already.`
        return reject(new ClientError('TOO_MANY_CALLS', message, { retryable: true }))
      }
      const waiting: Waiting = {
        call,
        backoff: new Backoff(this.#random),
        resolve,
        reject,
        isSent: false,
        mayBeApplied: false,
        rest: undefined,
        lastRefusal: undefined,
        release: () => {},
      }
      this.#waiting.add(waiting)
      waiting.release = this.#limit(waiting)
      this.#send(waiting)
    })
  }

  /** The server takes calls on this connection from now on: those that wait are sent, in order. */
  ready(connection: Connection, hello: Hello): void {
    this.#connection = connection
    this.#hello = hello
    for (const waiting of [...this.#waiting]) this.#send(waiting)
  }

  /** The server takes no new calls; those that were sent are still answered. */
  pause(): void {
    this.#connection = undefined
  }

  /** The connection has ended: what was sent on it is not going to be answered. */
  lost(): void {
    this.#connection = undefined
    for (const waiting of [...this.#waiting].filter(({ isSent }) => isSent)) {
      waiting.isSent = false
      waiting.mayBeApplied = true
      if (waiting.call.resend) continue
      const message = 'The connection ended before the answer came.'
      this.#fail(waiting, 'CONNECTION_LOST', message, { retryable: true })
    }
  }

  /** There will be no more connections. */
  end(error: ClientError): void {
    this.#connection = undefined
    this.#over = error
    for (const waiting of [...this.#waiting]) {
      const { reason, message, retryable, cause } = error
      this.#fail(waiting, reason, message, { retryable, cause })
    }
  }

  #send(waiting: Waiting): void {
    const connection = this.#connection
    const hello = this.#hello
    if (!connection || !hello || waiting.isSent || waiting.rest) return
    const { call } = waiting
    const text = connection.text(call.method, call.params(hello))
    // Such a frame would end the connection, and the next one, too.
    if (isLonger(text, hello.limits.frameBytesMax)) {
      const message = `${call.method} is longer than the ${hello.limits.frameBytesMax} bytes of a frame.`
      return this.#fail(waiting, 'TOO_LONG', message)
    }
    waiting.isSent = true
    waiting.lastRefusal = undefined
    connection.send(text, (answer) => this.#answered(waiting, answer))
  }

  #answered(waiting: Waiting, answer: Answer): void {
    if (!this.#waiting.has(waiting)) return
    waiting.isSent = false
    if ('result' in answer) return this.#settle(waiting, answer)
    const { error } = answer
    if (outcomeOf(error.data) === 'unknown') waiting.mayBeApplied = true
    const { reason, retryAfterMs } = (error.data ?? {}) as Record<string, unknown>
    if (!waiting.call.resend || !passing.has(reason)) return this.#settle(waiting, answer)
    waiting.lastRefusal = error
    const wait = Math.max(waiting.backoff.next(), Number(retryAfterMs) || 0)
    waiting.rest = this.#timers.after(wait, () => {
      waiting.rest = undefined
      this.#send(waiting)
    })
  }

  /** Watches for the signal and the time limit; returns what ends that. */
  #limit(waiting: Waiting): () => void {
    const { signal, giveUpAfterMs } = waiting.call
    const release = onAborted(signal, () => {
      this.#remove(waiting)
      waiting.reject(aborted(signal as AbortSignal, this.#outcome(waiting)))
    })
    const onTime = () => this.#giveUp(waiting)
    const cancel =
      giveUpAfterMs === undefined ? () => {} : this.#timers.after(giveUpAfterMs, onTime)
    return () => {
      release()
      cancel()
    }
  }

  /** Where the last that was heard is a refusal, that is the answer. */
  #giveUp(waiting: Waiting): void {
    const { lastRefusal, call } = waiting
    if (lastRefusal) return this.#settle(waiting, { error: lastRefusal })
    const message = `There was no answer to ${call.method} in ${call.giveUpAfterMs} ms.`
    this.#fail(waiting, 'GAVE_UP', message, { retryable: true })
  }

  #settle(waiting: Waiting, answer: Answer): void {
    if ('error' in answer && this.#isOfAllSendings(answer.error)) {
      waiting.mayBeApplied = outcomeOf(answer.error.data) === 'unknown'
    }
    this.#remove(waiting)
    if ('result' in answer) waiting.resolve(answer)
    else waiting.resolve({ error: answer.error, outcome: this.#outcome(waiting) })
  }

  /**
   * True where an answer is true of each earlier sending, too, whose own answer was lost: the server
   * has looked for a receipt under the commandId, and there is none. Refusals of the order come after
   * that look, and so does `STORAGE_FULL`; what is malformed, not allowed or too much, before it.
   *
   * Two of the order's say less than they seem to. `COMMAND_ID_REUSED` has found a receipt, and it may
   * be ours: the server knows a repeat by the hash of what it made of the params, the token's customer
   * filled in, and makes another one of the same call with another token, or in another release.
   * `ORDER_NOT_FOUND` is what a customer's token is told of every order that is somebody else's; where
   * the one before was another's, so may this order be.
   */
  #isOfAllSendings({ code, data }: RpcError): boolean {
    const { reason } = (data ?? {}) as Record<string, unknown>
    if (reason === 'COMMAND_ID_REUSED') return false
    if (reason === 'ORDER_NOT_FOUND') return this.#hello?.customerId === null
    return reason === 'STORAGE_FULL' || code > refusalsOfOrders
  }

  #fail(
    waiting: Waiting,
    reason: string,
    message: string,
    told: { readonly retryable?: boolean; readonly cause?: unknown } = {},
  ): void {
    this.#remove(waiting)
    waiting.reject(new ClientError(reason, message, { ...told, outcome: this.#outcome(waiting) }))
  }

  #remove(waiting: Waiting): void {
    this.#waiting.delete(waiting)
    waiting.release()
    waiting.rest?.()
  }

  #outcome({ call, isSent, mayBeApplied }: Waiting): FailedOutcome {
    return call.isCommand && (isSent || mayBeApplied) ? 'unknown' : 'not_applied'
  }
}

/** True where a text takes more bytes than that, as UTF-8. */
function isLonger(text: string, bytes: number): boolean {
  // A UTF-16 unit takes three bytes at the most, so that short texts need not be encoded.
  return text.length * 3 > bytes && new TextEncoder().encode(text).length > bytes
}
