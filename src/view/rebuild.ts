import type { AnyMachineSnapshot } from 'xstate'
import { Fold } from '../checkpoint/fold.ts'
import type { OrderHeads } from '../checkpoint/heads.ts'
import type { Domain, RecordedEvent, Standing, View } from '../domain.ts'
import type { EventLog } from '../log/event-log.ts'
import { type Runtime, yieldTurn } from '../runtime.ts'
import type { OrderView } from './order-view.ts'
import { Recency } from './recency.ts'

/** An order as its events up to now left it: less to keep than the newest of them. */
class Latest {
  readonly orderId: string
  readonly createdAt: number
  eventId = 0
  version = 0
  updatedAt = 0
  snapshot: AnyMachineSnapshot

  constructor({ orderId, recordedAt }: RecordedEvent, initial: AnyMachineSnapshot) {
    this.orderId = orderId
    this.createdAt = recordedAt
    this.snapshot = initial
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

/**
 * Reads the whole log, and brings an empty view and empty heads to its head. The events of an order
 * are folded one by one, and the order is shown once: as the last of them left it.
 *
 * @throws {CorruptLogError} if an event is damaged, missing, or follows the wrong one
 * @throws {ReplayError} if the order's machine does not take a recorded event
 */
export async function rebuild<V extends View>(
  domain: Domain<never, V>,
  log: EventLog,
  heads: OrderHeads,
  view: OrderView<V>,
  runtime: Runtime,
  onProgress?: (progress: Progress) => void,
): Promise<void> {
  const fold = new Fold(domain.machine)
  const orders: Latest[] = []
  const recency = new Recency()
  const total = log.head - log.firstEventId + 1
  let done = 0
  for await (const batch of log.read(log.firstEventId)) {
    for (const event of batch) {
      const { place } = heads.apply(event)
      let latest = orders[place]
      if (!latest) {
        latest = new Latest(event, fold.initial)
        orders.push(latest)
      }
      latest.hear(event, fold)
      recency.touch(place)
    }
    done += batch.length
    onProgress?.({ done, total })
    await yieldTurn(runtime)
  }
  for (const [place, latest] of orders.entries()) {
    view.restore(latest.standing, latest.snapshot)
    if (place % ordersPerTurn === 0) await yieldTurn(runtime)
  }
  view.restored(log.head, recency)
}
