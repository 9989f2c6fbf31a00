import assert from 'node:assert/strict'
import type { RecordedEvent } from '../domain.ts'

/**
 * Asserts that a batch is one that may follow `expectedHead`: not empty, and numbered without gaps.
 * A batch that is not is a fault of the caller, and is caught before anything is written.
 */
export function assertFollows(batch: readonly RecordedEvent[], expectedHead: number): void {
  assert(batch.length > 0, 'An append needs at least one event.')
  for (const [index, event] of batch.entries()) {
    assert.equal(event.eventId, expectedHead + 1 + index, 'eventIds must follow the head.')
  }
}
