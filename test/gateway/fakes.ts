/** A socket and a runtime that do nothing by themselves: the test says what happens when. */
import type { Socket, SocketHandlers } from '../../src/gateway/session/socket.ts'
import { type Runtime, systemRuntime } from '../../src/runtime.ts'

/** Timers that run when the test says so; all else is the system's. */
export class HandTimers {
  readonly runtime: Runtime
  readonly #waiting = new Set<{ readonly ms: number; readonly run: () => void }>()

  constructor(runtime: Partial<Runtime> = {}) {
    this.runtime = { ...systemRuntime, after: (ms, run) => this.#after(ms, run), ...runtime }
  }

  /** Runs the timers of this length that are waiting now. */
  fire(ms: number): void {
    for (const timer of [...this.#waiting].filter((one) => one.ms === ms)) {
      this.#waiting.delete(timer)
      timer.run()
    }
  }

  count(ms: number): number {
    return [...this.#waiting].filter((one) => one.ms === ms).length
  }

  #after(ms: number, run: () => void): () => void {
    const timer = { ms, run }
    this.#waiting.add(timer)
    return () => this.#waiting.delete(timer)
  }
}

/** A socket whose other side takes what it is sent only when the test says so. */
export class FakeSocket implements Socket {
  handlers: SocketHandlers = {
    text: () => {},
    binary: () => {},
    pong: () => {},
    drain: () => {},
    closed: () => {},
  }
  readonly remote = '127.0.0.1'
  readonly sent: any[] = []
  bufferedBytes = 0
  isPaused = false
  isTaking = false
  pings = 0
  closedWith: number | undefined
  isCutOff = false
  /** Whether the other side answers a close, and so ends the connection. */
  saysGoodbye = false

  send(text: string | Buffer): void {
    if (this.closedWith !== undefined) return
    this.sent.push(JSON.parse(text.toString()))
    if (!this.isTaking) this.bufferedBytes += text.length
  }

  /** The other side takes all that waits. */
  take(): void {
    this.bufferedBytes = 0
    this.handlers.drain()
  }

  /** A call comes in. */
  call(id: unknown, method: string, params: object = {}): void {
    this.handlers.text(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
  }

  cork(): void {}
  uncork(): void {}

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
  }

  ping(): void {
    this.pings++
  }

  close(code: number): boolean {
    this.closedWith ??= code
    if (this.saysGoodbye) queueMicrotask(() => this.handlers.closed(code))
    return true
  }

  terminate(): void {
    this.isCutOff = true
    this.handlers.closed(1006)
  }
}
