import type { AnyMachineSnapshot } from 'xstate'
import type { RecordedEvent } from '../domain.ts'
import { type HistoryOptions, readHistory } from '../log/history.ts'
import type { Fold } from './fold.ts'

/** What an order has heard up to some event, and the state that it led to. */
export interface Past {
  /** Oldest first. */
  readonly events: readonly RecordedEvent[]
  readonly snapshot: AnyMachineSnapshot
}

/**
 * Reads an order's history from its newest event on, and folds it up to `last`; others get their
 * turn meanwhile, however long it is.
 *
 * @throws {CorruptLogError} naming the event at which the chain is broken
 * @throws {ReplayError} naming the event that the machine does not take
 */
export async function readPast(
  fold: Fold,
  options: HistoryOptions,
  head: number,
  last = head,
): Promise<Past> {
  const history = await readHistory(options, head)
  const events = last < head ? history.filter(({ eventId }) => eventId <= last) : history
  const { eventsPerTurn, turn } = options
  let { initial: snapshot } = fold
  for (let done = 0; done < events.length; done += eventsPerTurn) {
    if (done > 0) await turn()
    snapshot = fold.all(events.slice(done, done + eventsPerTurn), snapshot)
  }
  return { events, snapshot }
}
