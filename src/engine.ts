/**
 * The engine: what happens to a command, in the order in which it happens.
 *
 *   1 ask      gateway     a call comes in, by socket or by `submit`
 *   2 decide   sequencer   the order's actor says which event it leads to, or why to none
 *   3 number   sequencer   the event gets the next eventId
 *   4 keep     event log   it is flushed to the disk, with others
 *   5 show     order view  the latest state of its order
 *   6 tell     gateway     the receipt, then everyone who watches
 */
import { type Config, configure, defaults } from './config.ts'
import type { Change, Command, Domain, Outcome, Recorded, RecordedEvent, View } from './domain.ts'
import { type EngineOptions, type Kept, openKept } from './engine-options.ts'
import { ClosedError } from './errors.ts'
import { Entrance } from './gateway/entrance.ts'
import { routesOf } from './gateway/port/routes.ts'
import type { EventLog } from './log/event-log.ts'
import { LogLines } from './log-lines/log-lines.ts'
import { Metrics } from './metrics/metrics.ts'
import { type OrderView as Order, type OrderCommands, orderDomain } from './order/index.ts'
import { CommandForms, type CommandOptions } from './protocol/commands.ts'
import { readMethods } from './protocol/methods.ts'
import { callOut, type Runtime, systemRuntime } from './runtime.ts'
import { Asked } from './sequencer/asked.ts'
import { checkDomain } from './sequencer/check-domain.ts'
import { Sequencer } from './sequencer/sequencer.ts'
import { compile } from './statechart/compiled/compile.ts'
import { handedOut, handedOutPage } from './view/handed-out.ts'
import { KeptView } from './view/kept-view.ts'
import {
  assertEventId,
  type Counts,
  type ListQuery,
  type OrderView,
  type Page,
} from './view/order-view.ts'
import type { Progress } from './view/rebuild.ts'
import { Subscribers } from './view/subscribers.ts'

type Commands = Record<string, object>

/**
 * Opens an engine: its log, its view rebuilt from it, and its gateway if it is to listen.
 *
 * @throws {DataFolderError} if the folder cannot be used
 * @throws {LogLockedError} if another process writes it
 * @throws {ListenError} if it cannot listen there
 * @throws {CorruptLogError} naming the first event that is damaged
 * @throws {ReplayError} naming the first event that the order's machine does not take
 * @throws {DomainError} if the domain cannot be run
 * @throws {RangeError} if a limit is unknown or out of range; TypeError without `data` and `log`
 */
export function openEngine(options: EngineOptions): Promise<Engine<OrderCommands, Order>>
export function openEngine<C extends Commands, V extends View>(
  options: EngineOptions & { readonly domain: Domain<C, V> },
): Promise<Engine<C, V>>
export async function openEngine(
  options: EngineOptions & { readonly domain?: unknown },
): Promise<unknown> {
  const domain = (options.domain ?? orderDomain) as Domain
  checkDomain(domain, Object.keys(readMethods(defaults)))
  const config = configure(options.limits)
  const runtime = options.runtime ?? systemRuntime
  const kept = await openKept(options, domain, runtime)
  let toClose: { close(): Promise<void> } = kept
  try {
    const engine = new Engine<Commands, View>(domain, kept, config, runtime, options)
    toClose = engine
    await engine.start(options.onProgress)
    return engine
  } catch (error) {
    await toClose.close()
    throw error
  }
}

/** An engine that is open. Made by `openEngine`. */
export class Engine<C extends Commands = OrderCommands, V extends View = Order> {
  readonly #log: EventLog
  readonly #view: OrderView<V>
  readonly #kept: KeptView<V>
  readonly #domain: Domain
  readonly #runtime: Runtime
  readonly #forms: CommandForms
  readonly #sequencer: Sequencer
  readonly #entrance: Entrance | undefined
  readonly #metrics: Metrics | undefined
  readonly #lines: LogLines
  readonly #subscribers: Subscribers<V>
  /** What is shown, and is to be told. */
  readonly #changes: Change<V>[] = []
  #closed: Promise<void> | undefined
  #isClosed = false

  /** Wires the stages; `openEngine` is what calls it. */
  constructor(
    domain: Domain,
    kept: Kept,
    config: Config,
    runtime: Runtime,
    { listen, openPort, inspect, onFault, logger }: EngineOptions,
  ) {
    this.#domain = domain
    this.#log = kept.log
    this.#runtime = runtime
    this.#subscribers = new Subscribers(runtime)
    this.#lines = new LogLines(logger)
    const observer = this.#lines
    if (listen) {
      const counted = () => ({
        ...{ sequencer: this.#sequencer, view: this.#view },
        gateway: this.#entrance?.counters(),
      })
      const metrics = new Metrics(Object.keys(domain.methods), counted, runtime)
      this.#metrics = metrics
      const routes = routesOf({ domain, config, listen, runtime, metrics, observer })
      this.#entrance = new Entrance({ listen, openPort, config, runtime, observer, routes })
    }
    this.#forms = new CommandForms(domain, runtime)
    this.#kept = new KeptView<V>({ domain: domain as never, ...kept, config, runtime, observer })
    this.#view = this.#kept.view
    this.#sequencer = new Sequencer({
      domain,
      log: kept.log,
      heads: this.#kept.heads,
      config,
      runtime,
      inspect: inspect && ((event) => callOut(runtime, () => inspect(event))),
      ownerOf: (orderId) => this.#view.ownerOfOrder(orderId),
      observe: this.#metrics,
      show: (recorded, head) => {
        const before = head.view as V | undefined
        const view = this.#view.apply(recorded, head)
        if (this.#entrance || this.#subscribers.size > 0) this.#changes.push({ view, before })
      },
      tell: (batch) => this.#tell(batch),
      onStalledReader: (reader) => this.#lines.readerStalled(reader),
      onFault: (fault) => {
        this.#lines.writerStopped(fault)
        if (onFault) callOut(runtime, () => onFault(fault))
      },
    })
  }

  /** Names the log: a cursor of another epoch means nothing here. */
  get epoch(): string {
    return this.#log.epoch
  }

  /** eventId of the newest event that is durable and shown. */
  get eventId(): number {
    return this.#view.eventId
  }

  /** Where the gateway listens; undefined where it does not. */
  get address(): { readonly host: string; readonly port: number } | undefined {
    return this.#entrance?.address
  }

  /**
   * Submits a command. Resolves with a receipt once its event is durable and `get` shows it, or with
   * a refusal, which is a value: nothing was recorded.
   *
   * @param asks `by`, who it is that asks, is recorded with the event
   * @throws {InvalidParamsError} naming what is wrong with the params, or with `by`
   * @throws {UnknownMethodError} if the domain has no such method
   * @throws {OutcomeUnknownError} if the engine stopped while the command was being written
   */
  submit<Name extends keyof C & string>(
    method: Name,
    params: C[Name] & CommandOptions,
    asks?: { readonly by?: string | null },
  ): Promise<Outcome> {
    let command: Command
    try {
      command = this.#forms.copied(method, params, asks?.by ?? null)
    } catch (error) {
      return Promise.reject(error)
    }
    const asked = new Asked(command)
    this.#sequencer.take(asked)
    return asked.answer
  }

  /** The latest view of an order; undefined where there is none. Once closed, it may throw ClosedError. */
  get(orderId: string): V | undefined {
    return handedOut(this.#view.get(orderId))
  }

  /**
   * A page of orders, in the order in which they were placed: `{ orders, next? }`. `status` and
   * `customerId` filter; `after`, the `next` of the page before, is the orderId to go on after, and
   * leads nowhere where there is no such order; `limit` is `listOrdersDefault` unless it is given.
   *
   * @throws {RangeError} if the limit is not a whole number from 1 on; TypeError for what is no query
   */
  list(query: Partial<ListQuery> = {}): Page<V> {
    return handedOutPage(this.#view.list(query))
  }

  /** How many orders there are, by status and by state. */
  counts(): Counts {
    return this.#view.counts()
  }

  /**
   * All events of an order, oldest first; undefined where there is none.
   *
   * @throws {ClosedError} if the engine is closed; CorruptLogError if an event is damaged
   */
  async history(orderId: string): Promise<readonly RecordedEvent[] | undefined> {
    this.#assertReadable()
    return this.#view.history(orderId)
  }

  /**
   * The order as it was just after an event, its own or another's; undefined before its first.
   *
   * @throws {PositionAheadError} if there is no such event yet; RangeError if it can be none
   * @throws {ClosedError} if the engine is closed; CorruptLogError if an event is damaged
   */
  async at(orderId: string, eventId: number): Promise<V | undefined> {
    this.#assertReadable()
    return handedOut(await this.#view.at(orderId, eventId))
  }

  /**
   * All events from `from` (inclusive), or from the first, up to the head as it is at the call: in
   * ascending eventId, in batches that are not empty. Slow readers hold nothing open.
   *
   * @throws {RangeError} if `from` is not a whole number from 0 on
   * @throws {ClosedError} if the engine is closed, also meanwhile; CorruptLogError as `history`
   */
  events(from = this.#log.firstEventId): AsyncIterable<readonly RecordedEvent[]> {
    assertEventId('from', from)
    this.#assertReadable()
    return this.#log.read(from)
  }

  /**
   * Calls back with the views that have changed, in ascending eventId, after each commit, from the
   * next one on. The same function may be given again, and is then called twice. What it throws is
   * thrown outside of the engine.
   *
   * @returns what ends this subscription, at once
   */
  subscribe(watcher: (views: readonly V[]) => void): () => void {
    return this.#subscribers.add(watcher)
  }

  /** Answers what it was asked, takes no more, closes its sockets and its log. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  /** Listens, replays the log, and opens the gateway; `openEngine` is what calls it. */
  async start(onProgress?: (progress: Progress) => void): Promise<void> {
    this.#lines.starting(this.#domain.name, this.#log)
    this.#lines.interpreted(compile(this.#domain.machine).interpreted)
    await this.#entrance?.listen()
    const startedAt = this.#runtime.elapsed()
    await this.#kept.rebuild((progress) => {
      this.#entrance?.replaying(progress.done, progress.total)
      onProgress?.(progress)
    })
    this.#lines.replayed(this.#view, this.#runtime.elapsed() - startedAt)
    const stages = {
      ...{ domain: this.#domain, forms: this.#forms, log: this.#log, view: this.#view },
      take: this.#sequencer.take.bind(this.#sequencer),
      onReceipt: (ms: number) => this.#metrics?.receiptAfter(ms),
    }
    this.#entrance?.open(stages as never)
    this.#lines.ready(this.address, this.eventId)
  }

  #assertReadable(): void {
    if (this.#isClosed) throw new ClosedError('engine')
  }

  #tell(batch: readonly Recorded[]): void {
    const changes = this.#changes.splice(0)
    this.#entrance?.tell(batch, changes)
    this.#subscribers.tell(changes)
    this.#kept.changed()
  }

  async #close(): Promise<void> {
    const startedAt = this.#runtime.elapsed()
    this.#lines.stopping()
    this.#entrance?.announceStop()
    await this.#sequencer.close()
    await this.#entrance?.close()
    this.#metrics?.close()
    this.#isClosed = true
    await this.#kept.close()
    await this.#log.close()
    this.#lines.stopped(this.eventId, this.#runtime.elapsed() - startedAt)
  }
}
