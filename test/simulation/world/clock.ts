/** Simulated time, and the processes that live in it. */
import type { Timers } from '../../../src/client/platform.ts'
import type { Runtime } from '../../../src/runtime.ts'
import { Chance } from '../../soak/chance.ts'

interface Due {
  readonly at: number
  /** Of two at the same time, the one that was asked for first goes first. */
  readonly order: number
  readonly run: () => void
  isCancelled: boolean
}

/** A clock that goes from one thing that is due to the next, and stands still meanwhile. */
export class SimClock implements Timers {
  #now = 0
  #order = 0
  #pending = 0
  /** A binary heap, the first on top. */
  readonly #heap: Due[] = []

  /** In ms from the start, with fractions. */
  get now(): number {
    return this.#now
  }

  /** How many are still to run. */
  get pending(): number {
    return this.#pending
  }

  after(ms: number, run: () => void): () => void {
    // Such a timer never runs.
    if (ms === Number.POSITIVE_INFINITY) return () => {}
    const due: Due = { at: this.#now + ms, order: this.#order++, run, isCancelled: false }
    this.#pending++
    this.#push(due)
    return () => {
      if (due.isCancelled) return
      due.isCancelled = true
      this.#pending--
    }
  }

  /** Runs what is due next, if anything is; false where nothing is. */
  step(): boolean {
    for (let due = this.#pop(); due; due = this.#pop()) {
      if (due.isCancelled) continue
      due.isCancelled = true
      this.#pending--
      this.#now = due.at
      due.run()
      return true
    }
    return false
  }

  #push(due: Due): void {
    const heap = this.#heap
    let place = heap.push(due) - 1
    while (place > 0) {
      const above = (place - 1) >> 1
      if (isBefore(heap[above]!, due)) break
      heap[place] = heap[above]!
      place = above
    }
    heap[place] = due
  }

  #pop(): Due | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (!first || !last || heap.length === 0) return first
    let place = 0
    for (;;) {
      let below = 2 * place + 1
      if (below >= heap.length) break
      if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below++
      if (isBefore(last, heap[below]!)) break
      heap[place] = heap[below]!
      place = below
    }
    heap[place] = last
    return first
  }
}

function isBefore(a: Due, b: Due): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

/** When the simulation begins, by the clocks on the wall. */
const beginning = Date.UTC(2030, 0, 1)

/** A process that can be killed: what it waited for never comes. */
export class SimProcess {
  readonly runtime: Runtime
  readonly #clock: SimClock
  #isAlive = true
  #ids = 0

  /** @param skewMs how far the clock on the wall is off, now */
  constructor(name: string, clock: SimClock, seed: number, skewMs: () => number) {
    this.#clock = clock
    this.runtime = {
      now: () => Math.floor(beginning + clock.now + skewMs()),
      elapsed: () => clock.now,
      after: (ms, run) => this.after(ms, run),
      soon: (run) => void this.after(0, run),
      id: () => `${name}-${++this.#ids}`,
      random: new Chance(seed).next,
    }
  }

  get isAlive(): boolean {
    return this.#isAlive
  }

  after(ms: number, run: () => void): () => void {
    if (!this.#isAlive) return () => {}
    return this.#clock.after(ms, () => {
      if (this.#isAlive) run()
    })
  }

  /** Resolves after so long; never, where the process dies before. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve))
  }

  kill(): void {
    this.#isAlive = false
  }
}

/** One of many streams of chance of a seed, so that taking one thing out leaves the others as they are. */
export function streamOf(seed: number, name: string): Chance {
  let mixed = seed >>> 0
  for (const char of name) mixed = Math.imul(mixed ^ char.charCodeAt(0), 0x01000193) >>> 0
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d) >>> 0
  return new Chance((mixed ^ (mixed >>> 15)) >>> 0)
}
