import type { RecordedEvent } from '../domain.ts'
import { CorruptLogError } from '../errors.ts'
import { type Runtime, yieldTurn } from '../runtime.ts'
import type { EventLog } from './event-log.ts'

/** Events read before others get their turn. */
const eventsPerTurn = 256

/**
 * The events of one order up to `head`, oldest first, read by walking from each to the one before.
 *
 * @throws {CorruptLogError} naming the event at which the chain is broken
 */
export async function readHistory(
  log: Pick<EventLog, 'get'>,
  runtime: Runtime,
  head: number,
): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = []
  let next: number | null = head
  while (next !== null) {
    const event = await log.get(next)
    if (event === undefined) throw new CorruptLogError(next, 'it is missing')
    const after = events.at(-1)
    if (after) assertChain(event, after)
    events.push(event)
    next = event.previousEventId
    if (events.length % eventsPerTurn === 0) await yieldTurn(runtime)
  }
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
