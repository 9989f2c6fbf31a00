import type { AnyMachineSnapshot } from 'xstate'
import type { Checkpoints } from '../checkpoint/checkpoints.ts'
import { Fold } from '../checkpoint/fold.ts'
import type { Head, OrderHeads } from '../checkpoint/heads.ts'
import { readPast } from '../checkpoint/past.ts'
import { type Config, defaults } from '../config.ts'
import type { Domain, RecordedEvent, Standing, View } from '../domain.ts'
import type { EventLog } from '../log/event-log.ts'
import { type Runtime, yieldTurn } from '../runtime.ts'
import type { OrderView } from './order-view.ts'

/** An order as its events up to now left it: less to keep than the newest of them. */
class Latest {
  readonly orderId: string
  readonly createdAt: number
  eventId = 0
  version = 0
  updatedAt = 0
  snapshot: AnyMachineSnapshot

  constructor(orderId: string, createdAt: number, snapshot: AnyMachineSnapshot) {
    this.orderId = orderId
    this.createdAt = createdAt
    this.snapshot = snapshot
  }

  get standing(): Standing {
    const { orderId, eventId, version, createdAt, updatedAt } = this
    return { orderId, eventId, version, createdAt, updatedAt }
  }

  hear(event: RecordedEvent, fold: Fold): void {
    this.snapshot = fold.apply(this.snapshot, event)
    this.eventId = event.eventId
    this.version = event.version
    this.updatedAt = event.recordedAt
  }
}

/** Orders that are shown in one turn of the event loop, at a replay. */
const ordersPerTurn = 1000

/** How far a replay has come, in events. */
export interface Progress {
  readonly done: number
  readonly total: number
}

export interface RebuildOptions<V extends View> {
  readonly domain: Domain<never, V>
  readonly log: EventLog
  /** Empty, or as a checkpoint has them. */
  readonly heads: OrderHeads
  readonly view: OrderView<V>
  readonly runtime: Runtime
  readonly config?: Pick<Config, 'checkpointOrdersMax' | 'eventsPerTurnMax'> | undefined
  /** Writes what there is meanwhile, so that not all orders have to be in memory. */
  readonly checkpoints?: Checkpoints | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

/**
 * Reads the log from where the view is, to its head, and brings view and heads there. The events of an
 * order are folded one by one, and the order is shown once: as the last of them left it.
 *
 * @throws {CorruptLogError} if an event is damaged, missing, or follows the wrong one
 * @throws {ReplayError} if the order's machine does not take a recorded event
 */
export async function rebuild<V extends View>(options: RebuildOptions<V>): Promise<void> {
  const { log, heads, view, runtime, config = defaults, checkpoints, onProgress } = options
  const from = Math.max(view.eventId + 1, log.firstEventId)
  const total = log.head - from + 1
  const reader = new Reader(options, config.eventsPerTurnMax)
  let done = 0
  let written: Promise<void> | undefined
  for await (const batch of log.read(from)) {
    for (const event of batch) {
      const head = heads.apply(event)
      const hears = reader.hear(event, head)
      if (hears) await hears
      view.applied(event.eventId, head.place)
    }
    done += batch.length
    onProgress?.({ done, total })
    await yieldTurn(runtime)
    if (!checkpoints || reader.orders.size < config.checkpointOrdersMax) continue
    await reader.show()
    // One is written while the next orders are read.
    await written
    written = checkpoints.write()
  }
  await reader.show()
  await written
}

/** The orders that events were read of, and are not shown yet. */
class Reader<V extends View> {
  orders = new Map<Head, Latest>()
  readonly #options: RebuildOptions<V>
  readonly #fold: Fold
  readonly #eventsPerTurn: number

  constructor(options: RebuildOptions<V>, eventsPerTurn: number) {
    this.#options = options
    this.#fold = new Fold(options.domain.machine)
    this.#eventsPerTurn = eventsPerTurn
  }

  /** Takes an event in. What is returned, of an order that was shown before, is to be waited for. */
  hear(event: RecordedEvent, head: Head): Promise<void> | undefined {
    const known = this.orders.get(head)
    if (known) {
      known.hear(event, this.#fold)
      return undefined
    }
    if (event.previousEventId === null) {
      this.#begin(head, event, event.recordedAt, this.#fold.initial)
      return undefined
    }
    return this.#goOn(head, event, event.previousEventId)
  }

  /** Shows all of them. */
  async show(): Promise<void> {
    const { view, runtime } = this.#options
    let shown = 0
    for (const [head, { standing, snapshot }] of this.orders) {
      view.show(head, standing, snapshot)
      if (++shown % ordersPerTurn === 0) await yieldTurn(runtime)
    }
    this.orders = new Map()
  }

  async #goOn(head: Head, event: RecordedEvent, previousEventId: number): Promise<void> {
    const { log, runtime } = this.#options
    const turn = () => yieldTurn(runtime)
    const history = { log, eventsPerTurn: this.#eventsPerTurn, turn }
    const { snapshot } = await readPast(this.#fold, history, previousEventId)
    this.#begin(head, event, head.view!.createdAt, snapshot)
  }

  #begin(head: Head, event: RecordedEvent, createdAt: number, before: AnyMachineSnapshot): void {
    const latest = new Latest(event.orderId, createdAt, before)
    this.orders.set(head, latest)
    latest.hear(event, this.#fold)
  }
}
