import assert from 'node:assert/strict'
import type { RecordedEvent } from '../domain.ts'

/**
 * Asserts that a batch is one that may follow `expectedHead`: not empty, and numbered without gaps.
 * A batch that is not is a fault of the caller, and is caught before anything is written.
 */
export function assertFollows(batch: readonly RecordedEvent[], expectedHead: number): void {
  assert(batch.length > 0, 'An append needs at least one event.')
  let eventId = expectedHead
  for (const event of batch) {
    eventId++
    assert(event.eventId === eventId, 'eventIds must follow the head.')
  }
}

/**
 * Walks from an event to the one that it names as its order's before, and on, as `readBack` does.
 *
 * @param eventAt gives undefined where the log does not hold the event, at which the walk ends
 */
export async function* walkBack(
  eventId: number,
  batchEventsMax: number,
  eventAt: (eventId: number) => RecordedEvent | undefined,
): AsyncGenerator<readonly RecordedEvent[]> {
  let batch: RecordedEvent[] = []
  let event = eventAt(eventId)
  while (event) {
    batch.push(event)
    if (batch.length === batchEventsMax) {
      yield batch
      batch = []
    }
    event = event.previousEventId === null ? undefined : eventAt(event.previousEventId)
  }
  if (batch.length > 0) yield batch
}
