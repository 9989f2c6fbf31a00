import type { RecordedEvent } from '../domain.ts'
import { CorruptLogError } from '../errors.ts'
import type { EventLog } from './event-log.ts'

export interface HistoryOptions {
  readonly log: Pick<EventLog, 'readBack'>
  /** Events read before others get their turn. */
  readonly eventsPerTurn: number
  /** Gives others their turn. */
  readonly turn: () => Promise<void>
}

/**
 * The events of one order up to `head`, oldest first, read by walking from each to the one before.
 *
 * @throws {CorruptLogError} naming the event at which the chain is broken
 */
export async function readHistory(
  { log, eventsPerTurn, turn }: HistoryOptions,
  head: number,
): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = []
  let next: number | null = head
  for await (const batch of log.readBack(head, eventsPerTurn)) {
    if (events.length > 0) await turn()
    for (const event of batch) {
      const after = events.at(-1)
      if (after) assertChain(event, after)
      events.push(event)
      next = event.previousEventId
    }
  }
  if (next !== null) throw new CorruptLogError(next, 'it is missing')
  const first = events.at(-1)
  if (first && first.version !== 1) {
    throw new CorruptLogError(first.eventId, `it has no event before it, and is no first event`)
  }
  return events.reverse()
}

function assertChain(event: RecordedEvent, after: RecordedEvent): void {
  if (event.orderId !== after.orderId || event.version !== after.version - 1) {
    throw new CorruptLogError(
      after.eventId,
      `the event before it should be ${event.eventId}, which is another order's or version's`,
    )
  }
  if (event.eventId >= after.eventId) {
    throw new CorruptLogError(after.eventId, 'the event before it does not come before it')
  }
}
