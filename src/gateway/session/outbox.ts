import type { Config } from '../../config.ts'
import type { Departing, Departures } from './departures.ts'
import type { Reading } from './reading.ts'
import type { Socket } from './socket.ts'

/** Gives its notifications when the outbox has room for them; true where it has more to give. */
export interface Source {
  fill(send: (text: string | Buffer) => void): boolean
}

export interface OutboxOptions {
  readonly socket: Socket
  readonly reading: Reading
  readonly config: Config
  readonly departures: Departures
  /** The socket has fallen too far behind to be kept. */
  readonly onTooSlow: () => void
  /** A source threw: what it is to give cannot be read. Closes the outbox. */
  readonly onFault: (error: unknown) => void
}

/**
 * What waits to leave by one socket, flushed once a tick: first the answers, which are never
 * dropped, then the notifications, which their sources make only when they can be sent.
 *
 * A receipt is put in before the view that it caused is told, so it leaves before it.
 */
export class Outbox implements Departing {
  readonly #options: OutboxOptions
  readonly #send: (text: string | Buffer) => void
  #answers: string[] = []
  /** Characters of the answers above; nearly their bytes. */
  #answersLength = 0
  /** The longest answer that may not have left yet: to be sent much at once is not to be slow. */
  #longest = 0
  /** Notifications of the session itself, the newest of each method. */
  readonly #notices = new Map<string, string>()
  readonly #sources = new Set<Source>()
  /** A notification that leaves in this tick, before all that sources have, and whose it is. */
  #passing: Buffer | undefined
  #passingOf: Source | undefined
  #holds = 0
  #flushing = false
  #closed = false
  #onRoom: (() => void) | undefined

  constructor(options: OutboxOptions) {
    this.#options = options
    const { socket } = options
    this.#send = (text) => socket.send(text)
  }

  answer(text: string): void {
    if (this.#closed) return
    this.#answers.push(text)
    this.#answersLength += text.length
    this.#flushSoon()
  }

  /** Sends a notification of the session itself; one of the same method that waits gives way. */
  notice(method: string, text: string): void {
    if (this.#closed) return
    this.#notices.set(method, text)
    this.#flushSoon()
  }

  /** Says that the source has something to give. */
  offer(source: Source): void {
    if (this.#closed) return
    this.#sources.add(source)
    this.#flushSoon()
  }

  withdraw(source: Source): void {
    this.#sources.delete(source)
    if (this.#passingOf === source) this.#pass(undefined, undefined)
  }

  /** True where nothing waits, and what is given now leaves in this tick. */
  get isIdle(): boolean {
    if (this.#flushing || this.#closed || this.#holds > 0) return false
    if (this.#sources.size + this.#notices.size > 0) return false
    return !this.#isFull
  }

  /** Has a source's notification leave in this tick. Only where the outbox is idle. */
  pass(frame: Buffer, source: Source): void {
    this.#pass(frame, source)
    this.#flushSoon()
  }

  /** Keeps notifications back until as many `release`s: while a batch of calls is answered. */
  hold(): void {
    this.#holds++
  }

  release(): void {
    this.#holds--
    this.#flushSoon()
  }

  /**
   * Resolves when there is room for one more answer, however long: what waits is then bounded by
   * `outboxConflateBytes` and that one. At once where the outbox is closed. One may wait at a time.
   */
  async room(): Promise<void> {
    while (!this.#closed && this.#waiting > this.#options.config.outboxConflateBytes) {
      await new Promise<void>((resolve) => {
        this.#onRoom = resolve
      })
    }
  }

  /** Some of what was buffered has left: where that gives room, reading and filling go on. */
  drained(): void {
    const { socket, reading, config } = this.#options
    if (socket.bufferedBytes > config.outboxConflateBytes) return
    if (socket.bufferedBytes === 0) this.#longest = 0
    reading.resume('bytes')
    this.#onRoom?.()
    if (this.#sources.size + this.#notices.size > 0) this.#flushSoon()
  }

  /** Sends what is there now, without waiting for the tick. */
  flush(): void {
    this.load()
    this.leave()
  }

  /** Gives the socket what is there, which `leave` then sends. */
  load(): void {
    this.#flushing = false
    if (this.#closed || this.#passesOnly) return
    const { socket } = this.#options
    socket.cork()
    if (this.#answers.length > 0) this.#sendAnswers()
    if (this.#passing) {
      socket.send(this.#passing)
      this.#pass(undefined, undefined)
    }
    if (this.#sources.size + this.#notices.size > 0) this.#fill()
  }

  leave(): void {
    const { socket } = this.#options
    if (this.#passing) {
      socket.send(this.#passing)
      this.#pass(undefined, undefined)
    } else socket.uncork()
    if (!this.#closed) this.#watchRoom()
  }

  close(): void {
    this.#closed = true
    this.#answers = []
    this.#answersLength = 0
    this.#notices.clear()
    this.#sources.clear()
    this.#pass(undefined, undefined)
    this.#onRoom?.()
  }

  /** Bytes that have not left yet. */
  get bytes(): number {
    return this.#waiting
  }

  get #waiting(): number {
    return this.#options.socket.bufferedBytes + this.#answersLength
  }

  #flushSoon(): void {
    if (this.#flushing || this.#closed) return
    this.#flushing = true
    this.#options.departures.add(this)
  }

  /** True where what passes is all that is to leave. */
  get #passesOnly(): boolean {
    if (!this.#passing || this.#answers.length > 0) return false
    return this.#sources.size + this.#notices.size === 0
  }

  get #isFull(): boolean {
    const { socket, config } = this.#options
    return socket.bufferedBytes > config.outboxConflateBytes
  }

  #pass(frame: Buffer | undefined, source: Source | undefined): void {
    this.#passing = frame
    this.#passingOf = source
  }

  #sendAnswers(): void {
    const answers = this.#answers
    this.#answers = []
    this.#answersLength = 0
    for (const text of answers) {
      this.#longest = Math.max(this.#longest, text.length)
      this.#options.socket.send(text)
    }
  }

  #fill(): void {
    if (this.#holds > 0 || this.#isFull) return
    const { socket } = this.#options
    for (const text of this.#notices.values()) socket.send(text)
    this.#notices.clear()
    try {
      for (const source of [...this.#sources]) {
        if (this.#isFull) return
        const more = source.fill(this.#send)
        this.#sources.delete(source)
        // Whoever has more goes to the end, so that all get their turn where there is little room.
        if (more) this.#sources.add(source)
      }
    } catch (error) {
      this.#sources.clear()
      return this.#options.onFault(error)
    }
    if (this.#sources.size > 0) this.#flushSoon()
  }

  /** A socket that does not take its answers is not read from; one far behind is given up. */
  #watchRoom(): void {
    const { socket, reading, config, onTooSlow } = this.#options
    const { bufferedBytes } = socket
    if (bufferedBytes > config.outboxCloseBytes + this.#longest) onTooSlow()
    else if (bufferedBytes > config.outboxConflateBytes) reading.pause('bytes')
  }
}
