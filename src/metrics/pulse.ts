/**
 * How the engine does right now, as numbers that a page can draw: `/pulse.json`. What is counted grows
 * for ever, so that each reader takes the difference to what it read before, at its own pace.
 */
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import type { Outcome } from '../domain.ts'
import type { Runtime } from '../runtime.ts'
import type { Measured } from './metrics.ts'

export interface Pulse {
  /** Milliseconds since some moment in the past, by a clock that is never set. */
  readonly elapsedMs: number
  readonly orders: number
  readonly eventId: number
  /** Commands answered with a receipt, replayed ones included, and those refused, by reason. */
  readonly receipts: number
  readonly refused: Readonly<Record<string, number>>
  readonly commits: number
  readonly commitEvents: number
  /** Over sockets, from the call to the answer: how many took up to each bound, and longer than the one before. */
  readonly receiptMs: { readonly bounds: readonly number[]; readonly counts: readonly number[] }
  /** The newest commit failed for want of room. */
  readonly isStorageFull: boolean
  readonly inbox: number
  readonly liveActors: number
  readonly sockets: number
  readonly subscriptions: number
  /** Over the last second or so. */
  readonly eventLoopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number }
}

const shortestMs = 0.05
const growth = 1.25
const boundCount = 56
const perStep = 1 / Math.log(growth)

/** Times counted by how long they were, each bound a quarter more than the one before: 0.05 ms to 10 s. */
export class Durations {
  readonly bounds = Array.from({ length: boundCount }, (_, n) =>
    Number((shortestMs * growth ** n).toPrecision(4)),
  )
  readonly counts = new Array<number>(boundCount).fill(0)

  add(ms: number): void {
    const step = Math.ceil(Math.log(ms / shortestMs) * perStep)
    this.counts[Math.min(Math.max(step, 0), boundCount - 1)]!++
  }
}

const resolutionMs = 10
/** Readers that come within this time share what was seen. */
const windowMs = 900
const onTime = { p50: 0, p99: 0, max: 0 }

/** How late the event loop is, looked at from the first reading on. */
export class RecentDelay {
  readonly #runtime: Runtime
  #monitor: IntervalHistogram | undefined
  #readAt = Number.NEGATIVE_INFINITY
  #last = onTime
  #isClosed = false

  constructor(runtime: Runtime) {
    this.#runtime = runtime
  }

  read(): Pulse['eventLoopDelayMs'] {
    if (this.#isClosed) return onTime
    if (!this.#monitor) {
      this.#monitor = monitorEventLoopDelay({ resolution: resolutionMs })
      this.#monitor.enable()
    }
    const now = this.#runtime.elapsed()
    if (now - this.#readAt < windowMs) return this.#last
    this.#readAt = now
    const monitor = this.#monitor
    const late = (percentile: number) =>
      monitor.count === 0 ? 0 : Math.max(0, monitor.percentile(percentile) / 1e6 - resolutionMs)
    this.#last = { p50: late(50), p99: late(99), max: late(100) }
    monitor.reset()
    return this.#last
  }

  close(): void {
    this.#isClosed = true
    this.#monitor?.disable()
  }
}

/** What is counted besides the commands themselves. */
export class PulseCounts {
  readonly receiptMs = new Durations()
  readonly delay: RecentDelay
  commits = 0
  commitEvents = 0
  isStorageFull = false
  readonly #runtime: Runtime

  constructor(runtime: Runtime) {
    this.#runtime = runtime
    this.delay = new RecentDelay(runtime)
  }

  answered(answer: Outcome | Error): void {
    if ('refused' in answer && answer.refused === 'STORAGE_FULL') this.isStorageFull = true
  }

  committed(events: number): void {
    this.commits++
    this.commitEvents += events
    this.isStorageFull = false
  }

  /** The numbers of the stages, and these. */
  with({ sequencer, view, gateway }: Measured) {
    const { bounds, counts } = this.receiptMs
    return {
      elapsedMs: this.#runtime.elapsed(),
      orders: view.size,
      eventId: view.eventId,
      commits: this.commits,
      commitEvents: this.commitEvents,
      receiptMs: { bounds, counts },
      isStorageFull: this.isStorageFull,
      inbox: sequencer.waiting,
      liveActors: sequencer.liveActors,
      sockets: gateway?.sockets ?? 0,
      subscriptions: gateway?.subscriptions ?? 0,
      eventLoopDelayMs: this.delay.read(),
    }
  }
}
