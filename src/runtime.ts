/**
 * The only place where time and chance come in. Everything that needs a clock, a timer, an id or a
 * random number is given a Runtime, so that a whole engine can run under a simulated one.
 */
import { randomBytes, randomUUID } from 'node:crypto'

export interface Runtime {
  /** Milliseconds since the Unix epoch, as a whole number. */
  now(): number
  /** Milliseconds from some point on, with fractions; never goes back. For measuring how long. */
  elapsed(): number
  /** Runs once after `ms`; returns what cancels it. A pending timer does not keep a process alive. */
  after(ms: number, run: () => void): () => void
  /** Runs in the next turn of the event loop, after the I/O that is waiting. */
  soon(run: () => void): void
  /** A new id that matches `idPattern` and is never made twice. */
  id(): string
  /** A number from 0 up to, but not including, 1. */
  random(): number
}

export const systemRuntime: Runtime = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    timer.unref()
    return () => clearTimeout(timer)
  },
  soon: (run) => {
    setImmediate(run)
  },
  id: () => randomUUID(),
  random: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
}

/**
 * How late it is, looked up once for all that is done without a pause: for who would ask for each of
 * many things, and needs no answer finer than that.
 */
export class TurnClock {
  readonly #runtime: Pick<Runtime, 'elapsed'>
  #elapsed: number | undefined
  readonly #forget = () => {
    this.#elapsed = undefined
  }

  constructor(runtime: Pick<Runtime, 'elapsed'>) {
    this.#runtime = runtime
  }

  /** As `Runtime.elapsed`, as it was when it was first asked for since the last microtask. */
  elapsed(): number {
    if (this.#elapsed === undefined) {
      this.#elapsed = this.#runtime.elapsed()
      queueMicrotask(this.#forget)
    }
    return this.#elapsed
  }
}

/** Lets the I/O that is waiting run before the caller goes on. */
export function yieldTurn(runtime: Runtime): Promise<void> {
  return new Promise((resolve) => runtime.soon(resolve))
}

/**
 * Calls back into the program that runs the engine. What it throws is that program's to see, and
 * must not look like a fault of the engine's: it is thrown in a turn of its own.
 */
export function callOut(runtime: Runtime, run: () => void): void {
  try {
    run()
  } catch (error) {
    runtime.soon(() => {
      throw error
    })
  }
}
