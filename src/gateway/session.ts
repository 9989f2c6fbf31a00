/** One socket: its calls, in the order in which they came, and its subscriptions. */
import type { Config } from '../config.ts'
import { type Call, errorText, type Parsed, parseFrame, resultText } from '../protocol/jsonrpc.ts'
import { closeCodes } from '../protocol/methods.ts'
import type { Runtime } from '../runtime.ts'
import type { Calls, Reply, Subscriber } from './calls.ts'
import { Outbox } from './outbox.ts'
import type { ReadAnswer } from './reads.ts'
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

export class Session implements Subscriber {
  readonly #options: SessionOptions
  readonly #outbox: Outbox
  readonly #subscriptions = new Map<number, ViewsSubscription>()
  #lastSubscription = 0
  #pending = 0
  #full = false
  #closing = false
  #answersPing = true
  #onAnswered: (() => void) | undefined

  constructor(options: SessionOptions) {
    const { socket, config, runtime } = options
    this.#options = options
    this.#outbox = new Outbox(socket, config, runtime)
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
    if (!this.#answersPing) return this.#options.socket.terminate()
    this.#answersPing = false
    this.#options.socket.ping()
  }

  /** Resolves when every call that came has been answered, and the answers are on their way. */
  async drain(): Promise<void> {
    if (this.#pending > 0) {
      await new Promise<void>((resolve) => {
        this.#onAnswered = resolve
      })
    }
    this.#outbox.flush()
  }

  /** Closes the socket; what still comes by it is not read any more. */
  close(code: number, reason: string): void {
    this.#closing = true
    this.#options.socket.close(code, reason)
  }

  terminate(): void {
    this.#options.socket.terminate()
  }

  subscribeViews(orderId: string | undefined): ReadAnswer {
    const { calls, config, epoch } = this.#options
    if (this.#subscriptions.size >= config.subscriptionsMax) {
      const message = `A socket may have ${config.subscriptionsMax} subscriptions. Cancel one first.`
      return { refused: 'OVERLOADED', message, details: {} }
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
    if (this.#closing) return
    const { isBatch, parts } = parseFrame(text, this.#options.config.batchCallsMax)
    if (isBatch) void this.#runBatch(parts)
    else for (const part of parts) void this.#run(part, (answer) => this.#outbox.answer(answer))
  }

  /**
   * Runs the calls in the order of the array, and answers them together. Commands follow each other
   * without waiting; a call that reads sees what the commands before it did.
   */
  async #runBatch(parts: readonly Parsed[]): Promise<void> {
    this.#outbox.hold()
    const answers: string[] = []
    const collect = (text: string) => answers.push(text)
    let running: Promise<void>[] = []
    for (const part of parts) {
      const reads = !('error' in part) && !this.#options.calls.isCommand(part.method)
      if (reads) {
        await Promise.all(running)
        running = []
      }
      running.push(this.#run(part, collect))
    }
    await Promise.all(running)
    if (answers.length > 0) this.#outbox.answer(`[${answers.join()}]`)
    this.#outbox.release()
  }

  /** Resolves when the call is answered; a notification is answered by nothing, and not executed. */
  async #run(part: Parsed, answer: (text: string) => void): Promise<void> {
    if ('error' in part) return answer(errorText(part.id, part.error))
    if (part.id === undefined) return
    this.#began()
    await new Promise<void>((resolve) => {
      this.#call(part, (given) => {
        const id = part.id ?? null
        if ('error' in given) answer(errorText(id, given.error))
        else answer(resultText(id, given.result))
        this.#answered()
        resolve()
      })
    })
  }

  #call({ method, params }: Call, reply: Reply): void {
    const { calls } = this.#options
    if (calls.isCommand(method)) calls.command(method, params, reply)
    else void calls.read(method, params, this, reply)
  }

  #began(): void {
    this.#pending++
    if (this.#full || this.#pending < this.#options.config.callsPendingMax) return
    this.#full = true
    this.#options.socket.pause()
  }

  #answered(): void {
    this.#pending--
    if (this.#full && this.#pending * 2 < this.#options.config.callsPendingMax) {
      this.#full = false
      this.#options.socket.resume()
    }
    if (this.#pending === 0) this.#onAnswered?.()
  }

  #closed(): void {
    for (const subscription of this.#subscriptions.values()) subscription.end()
    this.#subscriptions.clear()
    this.#outbox.close()
    this.#options.onClosed(this)
  }
}
