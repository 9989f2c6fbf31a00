import type { Config } from '../config.ts'
import { closeCodes } from '../protocol/methods.ts'
import type { Runtime } from '../runtime.ts'
import type { Socket } from './socket.ts'

/** Gives its notifications when the outbox has room for them; true where it has more to give. */
export interface Source {
  fill(send: (text: string | Buffer) => void): boolean
}

/**
 * What waits to leave by one socket, flushed once a tick: first the answers, which are never
 * dropped, then the notifications, which their sources make only when they can be sent.
 *
 * A receipt is put in before the view that it caused is told, so it leaves before it.
 */
export class Outbox {
  readonly #socket: Socket
  readonly #config: Config
  readonly #runtime: Runtime
  #answers: string[] = []
  readonly #sources = new Set<Source>()
  #holds = 0
  #flushing = false
  #paused = false
  #closed = false

  constructor(socket: Socket, config: Config, runtime: Runtime) {
    this.#socket = socket
    this.#config = config
    this.#runtime = runtime
  }

  answer(text: string): void {
    if (this.#closed) return
    this.#answers.push(text)
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
  }

  /** Keeps notifications back until as many `release`s: while a batch of calls is answered. */
  hold(): void {
    this.#holds++
  }

  release(): void {
    this.#holds--
    this.#flushSoon()
  }

  /** What was buffered has left: reading and filling go on. */
  drained(): void {
    if (this.#paused && this.#socket.bufferedBytes <= this.#config.outboxPauseBytes) {
      this.#paused = false
      this.#socket.resume()
    }
    this.#flushSoon()
  }

  /** Sends what is there now, without waiting for the tick. */
  flush(): void {
    if (this.#closed) return
    this.#socket.cork(() => {
      const answers = this.#answers
      this.#answers = []
      for (const text of answers) this.#socket.send(text)
      this.#fill()
    })
    this.#watchRoom()
  }

  close(): void {
    this.#closed = true
    this.#answers = []
    this.#sources.clear()
  }

  #flushSoon(): void {
    if (this.#flushing || this.#closed) return
    this.#flushing = true
    this.#runtime.soon(() => {
      this.#flushing = false
      this.flush()
    })
  }

  #fill(): void {
    if (this.#holds > 0) return
    for (const source of [...this.#sources]) {
      if (this.#socket.bufferedBytes > this.#config.outboxPauseBytes) return
      const more = source.fill((text) => this.#socket.send(text))
      if (!more) this.#sources.delete(source)
    }
    if (this.#sources.size > 0) this.#flushSoon()
  }

  /** A socket that does not take its answers is not read from; one far behind is closed. */
  #watchRoom(): void {
    const { bufferedBytes } = this.#socket
    if (bufferedBytes > this.#config.outboxCloseBytes) {
      this.#socket.close(closeCodes.tooSlow, 'too slow: come back and resume')
    } else if (bufferedBytes > this.#config.outboxPauseBytes && !this.#paused) {
      this.#paused = true
      this.#socket.pause()
    }
  }
}
