import type { AnyMachineSnapshot } from 'xstate'
import type { Checkpoints } from '../checkpoint/checkpoints.ts'
import { Fold } from '../checkpoint/fold.ts'
import type { Head, OrderHeads } from '../checkpoint/heads.ts'
import { readPast } from '../checkpoint/past.ts'
import { type Config, defaults } from '../config.ts'
import type { Domain, RecordedEvent, Standing, View } from '../domain.ts'
import type { EventLog } from '../log/event-log.ts'
import { shareNumbers } from '../numbers.ts'
import { type Runtime, yieldTurn } from '../runtime.ts'
import type { OrderView } from './order-view.ts'

/** An order as its events up to now left it: less to keep than the newest of them. */
class Latest {
  readonly head: Head
  readonly createdAt: number
  version = 0
  updatedAt = 0
  snapshot: AnyMachineSnapshot

  constructor(head: Head, createdAt: number, snapshot: AnyMachineSnapshot) {
    this.head = head
    this.createdAt = createdAt
    this.snapshot = snapshot
  }

  get standing(): Standing {
    const { head, version, createdAt, updatedAt } = this
    return { orderId: head.orderId, eventId: head.eventId, version, createdAt, updatedAt }
  }

  /** Hears an event, which its head has taken in. */
  hear(event: RecordedEvent, fold: Fold): void {
    this.snapshot = fold.apply(this.snapshot, event)
    this.version = event.version
    this.updatedAt = event.recordedAt
  }
}

shareNumbers((time) => {
  const latest = new Latest({} as Head, time, {} as never)
  latest.updatedAt = time
  return latest.standing
})

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
      const latest = reader.latestOf(event)
      const head = heads.apply(event, latest?.head)
      const reads = latest ? reader.hear(event, latest) : reader.begin(event, head)
      if (reads) await reads
      view.applied(event.eventId, head.place)
    }
    done += batch.length
    onProgress?.({ done, total })
    await yieldTurn(runtime)
    if (!checkpoints || reader.size < config.checkpointOrdersMax) continue
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
  readonly #options: RebuildOptions<V>
  readonly #fold: Fold
  readonly #eventsPerTurn: number
  /** They are found as the users of their heads. */
  #orders: Latest[] = []
  /** The eventId of the first of these events. */
  #from = Number.POSITIVE_INFINITY

  constructor(options: RebuildOptions<V>, eventsPerTurn: number) {
    this.#options = options
    this.#fold = new Fold(options.domain.machine)
    this.#eventsPerTurn = eventsPerTurn
  }

  get size(): number {
    return this.#orders.length
  }

  /**
   * The order of an event, if it is one of these: found by the event that it follows, as numbers are found
   * faster than texts.
   */
  latestOf({ orderId, eventId, previousEventId }: RecordedEvent): Latest | undefined {
    if (previousEventId === null || previousEventId < this.#from) return undefined
    if (previousEventId >= eventId) return undefined
    const { heads, view } = this.#options
    const head = heads.keptAt(view.placeOfEvent(previousEventId))
    return head?.orderId === orderId ? (head.user as Latest | undefined) : undefined
  }

  /** Takes in an event of an order that is one of these. */
  hear(event: RecordedEvent, latest: Latest): undefined {
    latest.hear(event, this.#fold)
  }

  /** Takes in an event of an order that is new; or was shown before, and is read first. */
  begin(event: RecordedEvent, head: Head): Promise<void> | undefined {
    this.#from = Math.min(this.#from, event.eventId)
    const { previousEventId, recordedAt } = event
    if (previousEventId !== null) return this.#goOn(event, head, previousEventId)
    this.#begin(new Latest(head, recordedAt, this.#fold.initial), event)
    return undefined
  }

  /** Shows all of them. */
  async show(): Promise<void> {
    const { heads, view, runtime } = this.#options
    let shown = 0
    for (const latest of this.#orders) {
      view.show(latest.head, latest.standing, latest.snapshot)
      heads.letGoOf(latest.head)
      if (++shown % ordersPerTurn === 0) await yieldTurn(runtime)
    }
    this.#orders = []
    this.#from = Number.POSITIVE_INFINITY
  }

  async #goOn(event: RecordedEvent, head: Head, previousEventId: number): Promise<void> {
    const { log, runtime } = this.#options
    const turn = () => yieldTurn(runtime)
    const history = { log, eventsPerTurn: this.#eventsPerTurn, turn }
    const { snapshot } = await readPast(this.#fold, history, previousEventId)
    this.#begin(new Latest(head, head.view!.createdAt, snapshot), event)
  }

  #begin(latest: Latest, event: RecordedEvent): void {
    latest.hear(event, this.#fold)
    this.#orders.push(latest)
    latest.head.user = latest
  }
}
