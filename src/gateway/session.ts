/** One socket: its calls, in the order in which they came, and its subscriptions. */
import type { Config } from '../config.ts'
import { closeCodes } from '../protocol/handshake.ts'
import {
  type Call,
  errorText,
  type Parsed,
  parseFrame,
  type RpcError,
  resultText,
  rpcCodes,
} from '../protocol/jsonrpc.ts'
import type { Runtime } from '../runtime.ts'
import type { Calls, Reply, Subscriber } from './calls.ts'
import { Outbox } from './outbox.ts'
import { Reading } from './reading.ts'
import { overloaded, type ReadAnswer } from './reads.ts'
import type { Socket } from './socket.ts'
import { ViewsSubscription } from './views.ts'

export interface SessionOptions {
  readonly socket: Socket
  readonly calls: Calls
  readonly epoch: string
  readonly config: Config
  readonly runtime: Runtime
  readonly onClosed: (session: Session) => void
}

/** Takes the text of one answer. */
type Give = (text: string) => void

export class Session implements Subscriber {
  readonly #options: SessionOptions
  readonly #reading: Reading
  readonly #outbox: Outbox
  readonly #subscriptions = new Map<number, ViewsSubscription>()
  #lastSubscription = 0
  /** Calls and batches that are not answered yet. */
  #pending = 0
  /** Ends with the read that came last: they are answered one after the other. */
  #lastRead: Promise<void> = Promise.resolve()
  #takesCalls = true
  #isOpen = true
  #answersPing = true
  #onAnswered: (() => void) | undefined
  #cancelCutOff: () => void = () => {}

  constructor(options: SessionOptions) {
    const { socket, config, runtime } = options
    const onTooSlow = () => this.close(closeCodes.tooSlow, 'too slow: come back and resume')
    this.#options = options
    this.#reading = new Reading(socket)
    this.#outbox = new Outbox({ socket, reading: this.#reading, config, runtime, onTooSlow })
    socket.handlers = {
      text: (text) => this.#receive(text),
      binary: () => this.close(closeCodes.badFrame, 'frames must be text'),
      pong: () => {
        this.#answersPing = true
      },
      drain: () => this.#outbox.drained(),
      closed: () => this.#closed(),
    }
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
    if (this.#pending > 0) {
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
    const { socket, config, runtime } = this.#options
    this.#outbox.flush()
    this.#release()
    socket.close(code, reason)
    this.#cancelCutOff = runtime.after(config.drainMs, () => socket.terminate())
  }

  terminate(): void {
    this.#options.socket.terminate()
  }

  subscribeViews(orderId: string | undefined): ReadAnswer {
    const { calls, config, epoch } = this.#options
    if (this.#subscriptions.size >= config.subscriptionsMax) {
      return overloaded(
        `A socket may have ${config.subscriptionsMax} subscriptions. Cancel one first.`,
      )
    }
    const id = ++this.#lastSubscription
    const subscription = new ViewsSubscription(id, orderId, calls.watchers, this.#outbox)
    this.#subscriptions.set(id, subscription)
    subscription.start()
    return { result: { subscription: id, epoch, recovered: false, reason: 'no position given' } }
  }

  cancel(id: number): ReadAnswer {
    this.#subscriptions.get(id)?.end()
    return { result: { cancelled: this.#subscriptions.delete(id) } }
  }

  #receive(text: string): void {
    if (!this.#takesCalls) return
    const { isBatch, parts } = parseFrame(text, this.#options.config.batchCallsMax)
    if (isBatch) void this.#runBatch(parts)
    else for (const part of parts) void this.#run(part, (answer) => this.#outbox.answer(answer))
  }

  /**
   * Runs the calls in the order of the array, and answers them together. Commands follow each other
   * without waiting; a call that reads sees what those before it did, and nothing of those after.
   */
  async #runBatch(parts: readonly Parsed[]): Promise<void> {
    const { calls, config } = this.#options
    this.#began()
    this.#outbox.hold()
    const answers: string[] = []
    let length = 0
    const give = (text: string) => {
      answers.push(text)
      length += text.length
    }
    let running: Promise<void>[] = []
    for (const part of parts) {
      const reads = !('error' in part) && !calls.isCommand(part.method)
      if (!reads) {
        running.push(this.#run(part, give))
        continue
      }
      await Promise.all(running)
      running = []
      if (length <= config.outboxCloseBytes) await this.#run(part, give)
      else if (part.id !== undefined) give(errorText(part.id, calls.refusal(tooLong(config))))
    }
    await Promise.all(running)
    if (answers.length > 0) this.#outbox.answer(`[${answers.join()}]`)
    this.#outbox.release()
    this.#answered()
  }

  /** Resolves when the call is answered; a notification is answered by nothing, and not executed. */
  async #run(part: Parsed, give: Give): Promise<void> {
    if ('error' in part) return give(errorText(part.id, part.error))
    if (part.id === undefined) return
    this.#began()
    await new Promise<void>((resolve) => {
      this.#call(part, (given) => {
        const id = part.id ?? null
        if ('error' in given) give(errorText(id, given.error))
        else give(resultText(id, given.result))
        this.#answered()
        resolve()
      })
    })
  }

  #call(call: Call, reply: Reply): void {
    const { calls } = this.#options
    if (calls.isCommand(call.method)) calls.command(call.method, call.params, reply)
    else this.#lastRead = this.#readAfter(this.#lastRead, call, reply)
  }

  /** Reads once the reads before are answered and the outbox has room: no answers pile up. */
  async #readAfter(before: Promise<void>, { method, params }: Call, reply: Reply): Promise<void> {
    await before
    await this.#outbox.room()
    if (this.#isOpen) await this.#options.calls.read(method, params, this, reply)
    else reply({ error: gone })
  }

  #began(): void {
    this.#pending++
    if (this.#pending >= this.#options.config.callsPendingMax) this.#reading.pause('calls')
  }

  #answered(): void {
    this.#pending--
    if (this.#pending * 2 < this.#options.config.callsPendingMax) this.#reading.resume('calls')
    if (this.#pending === 0) this.#onAnswered?.()
  }

  #closed(): void {
    this.#release()
    this.#cancelCutOff()
    this.#options.onClosed(this)
  }

  /** Nothing is taken, told or sent from here on. */
  #release(): void {
    this.#isOpen = false
    this.#takesCalls = false
    for (const subscription of this.#subscriptions.values()) subscription.end()
    this.#subscriptions.clear()
    this.#outbox.close()
    this.#reading.end()
  }
}

/** The answer to a call whose socket has closed: nobody gets it. */
const gone: RpcError = { code: rpcCodes.internalError, message: 'The socket is closed.' }

function tooLong({ outboxCloseBytes }: Config) {
  return overloaded(
    `The answers of this batch are over ${outboxCloseBytes} bytes already. Ask for less at once.`,
  )
}
