import type { AnyMachineSnapshot } from 'xstate'
import { Fold } from '../checkpoint/fold.ts'
import type { OrderHeads } from '../checkpoint/heads.ts'
import type { Domain, View } from '../domain.ts'
import type { EventLog } from '../log/event-log.ts'
import { type Runtime, yieldTurn } from '../runtime.ts'
import type { OrderView } from './order-view.ts'

/** How far a replay has come, in events. */
export interface Progress {
  readonly done: number
  readonly total: number
}

/**
 * Reads the whole log, and brings an empty view and empty heads to its head.
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
  const snapshots = new Map<string, AnyMachineSnapshot>()
  const total = log.head - log.firstEventId + 1
  let done = 0
  for await (const batch of log.read(log.firstEventId)) {
    for (const event of batch) {
      const { place } = heads.apply(event)
      const snapshot = fold.apply(snapshots.get(event.orderId) ?? fold.initial, event)
      snapshots.set(event.orderId, snapshot)
      view.apply({ event, snapshot }, place)
    }
    done += batch.length
    onProgress?.({ done, total })
    await yieldTurn(runtime)
  }
}
