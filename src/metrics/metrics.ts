/**
 * What is measured: plain numbers that the stages count up, or that are read from them when
 * somebody asks, as text for Prometheus.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Outcome } from '../domain.ts'
import type { GatewayCounters } from '../gateway/observer.ts'
import { type Runtime, systemRuntime } from '../runtime.ts'
import type { SequencerObserver } from '../sequencer/observer.ts'
import { CommandCounts } from './command-counts.ts'
import { EventLoopDelay, processMetrics } from './process-metrics.ts'
import { type Pulse, PulseCounts } from './pulse.ts'

/** What is read at the scrape. */
export interface Measured {
  readonly sequencer: { readonly waiting: number; readonly liveActors: number }
  readonly view: { readonly size: number; readonly keptCount: number; readonly eventId: number }
  /** Undefined while there is no gateway yet. */
  readonly gateway: GatewayCounters | undefined
}

/** Seconds; a flush takes a tenth of a millisecond to some tens of them. */
const latencyBuckets = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
]
const eventsBuckets = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000]

export class Metrics implements SequencerObserver {
  /** Its own, so that several engines in one process do not meet. */
  readonly #registry = new Registry()
  readonly #commands: CommandCounts
  readonly #eventLoop: EventLoopDelay
  readonly #events: Histogram
  readonly #latency: Histogram

  readonly #pulse: PulseCounts
  readonly #measured: () => Measured

  /**
   * @param methods the commands that are counted
   * @param measured asked at each scrape
   */
  constructor(
    methods: readonly string[],
    measured: () => Measured,
    runtime: Runtime = systemRuntime,
  ) {
    this.#measured = measured
    this.#pulse = new PulseCounts(runtime)
    const registers = [this.#registry]
    this.#commands = new CommandCounts(methods)
    this.#events = new Histogram({
      name: 'ordinal_commit_events',
      help: 'Events in one commit.',
      buckets: eventsBuckets,
      registers,
    })
    this.#latency = new Histogram({
      name: 'ordinal_commit_duration_seconds',
      help: 'Time from giving events to the log until they are durable.',
      buckets: latencyBuckets,
      registers,
    })
    this.#countCommands()
    this.#readStages(measured)
    this.#readGateway(measured)
    this.#eventLoop = new EventLoopDelay(this.#registry)
    processMetrics(this.#registry)
  }

  /** The media type of `text`. */
  get contentType(): string {
    return this.#registry.contentType
  }

  /** All of it, in Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics()
  }

  /** The same in short, for a page; see `Pulse`. */
  pulse(): Pulse {
    let receipts = 0
    const refused: Record<string, number> = {}
    for (const { outcome, reason, count } of this.#commands.entries()) {
      if (outcome === 'refused') refused[reason] = (refused[reason] ?? 0) + count
      else if (outcome !== 'fault') receipts += count
    }
    return { ...this.#pulse.with(this.#measured()), receipts, refused }
  }

  /** A command that came over a socket got its receipt after so many milliseconds. */
  receiptAfter(ms: number): void {
    this.#pulse.receiptMs.add(ms)
  }

  answered(method: string, answer: Outcome | Error): void {
    this.#commands.add(method, answer)
    this.#pulse.answered(answer)
  }

  committed(events: number, ms: number): void {
    this.#pulse.committed(events)
    this.#events.observe(events)
    this.#latency.observe(ms / 1000)
  }

  close(): void {
    this.#eventLoop.close()
    this.#pulse.delay.close()
  }

  #countCommands(): void {
    const commands = this.#commands
    new Counter({
      name: 'ordinal_commands_total',
      help: 'Commands answered, by outcome: receipt, replayed, refused or fault, with its reason.',
      labelNames: ['method', 'outcome', 'reason'],
      registers: [this.#registry],
      collect() {
        this.reset()
        for (const { count, ...labels } of commands.entries()) this.inc(labels, count)
      },
    })
  }

  #readStages(measured: () => Measured): void {
    this.#gauge(
      'inbox_commands',
      'Commands that wait to be decided.',
      () => measured().sequencer.waiting,
    )
    this.#gauge(
      'live_actors',
      'Order actors that are alive.',
      () => measured().sequencer.liveActors,
    )
    this.#gauge('orders', 'Orders, each with its view.', () => measured().view.size)
    this.#gauge('orders_in_memory', 'Orders in memory; the others are in the checkpoint.', () => {
      return measured().view.keptCount
    })
    this.#gauge('head_event_id', 'The newest event that is durable and shown.', () => {
      return measured().view.eventId
    })
  }

  #readGateway(measured: () => Measured): void {
    const gauge = (name: string, help: string, key: keyof GatewayCounters) =>
      this.#gauge(name, help, () => measured().gateway?.[key] ?? 0)
    gauge('sockets', 'Sockets that are open.', 'sockets')
    gauge('subscriptions', 'Subscriptions of the open sockets.', 'subscriptions')
    gauge('outbox_bytes', 'Bytes that wait in the outboxes of all sockets.', 'outboxBytes')
    gauge(
      'slowest_watcher_lag_events',
      'Events between the head and what the slowest watcher has been sent.',
      'slowestLag',
    )
    new Counter({
      name: 'ordinal_conflations_total',
      help: 'Views that gave way to a newer one of the same order before they were sent.',
      registers: [this.#registry],
      collect() {
        this.reset()
        this.inc(measured().gateway?.conflations ?? 0)
      },
    })
  }

  #gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name: `ordinal_${name}`,
      help,
      registers: [this.#registry],
      collect() {
        this.set(read())
      },
    })
  }
}
