/** Events for tests of the log, which does not care what is in them. */
import fc from 'fast-check'
import type { RecordedEvent } from '../../src/domain.ts'
import type { EventLog } from '../../src/log/event-log.ts'
import { recorded } from '../support/orders.ts'

/** A batch of events that may follow `head`. */
export function following(head: number, count = 1, parts: Partial<RecordedEvent> = {}) {
  return Array.from({ length: count }, (_, index) =>
    recorded({ ...parts, eventId: head + 1 + index }),
  )
}

/** Appends a batch that follows the head, and gives it back. */
export async function appendTo(log: EventLog, count = 1, parts: Partial<RecordedEvent> = {}) {
  const batch = following(log.head, count, parts)
  await log.append(batch, log.head)
  return batch
}

/** All events that a read yields. */
export async function allOf(read: AsyncIterable<readonly RecordedEvent[]>) {
  const events: RecordedEvent[] = []
  for await (const batch of read) events.push(...batch)
  return events
}

/** One event; undefined where the log does not hold it. */
export async function eventAt(log: EventLog, eventId: number) {
  for await (const [event] of log.readBack(eventId, 1)) return event
  return undefined
}

export const idsOf = (events: readonly RecordedEvent[]) => events.map((event) => event.eventId)

/** The whole numbers from `first` to `last`. */
export const range = (first: number, last: number) =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index)

const id = fc.stringMatching(/^[A-Za-z0-9_.:-]{1,64}$/)
const hash = fc.stringMatching(/^[0-9a-f]{32}$/)
/** Any string that JavaScript has, lone surrogates too. */
const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code))
const data = fc
  .dictionary(fc.string({ unit }), fc.jsonValue({ stringUnit: unit }), { noNullPrototype: true })
  // As JSON has it, which knows no negative zero.
  .map((value) => JSON.parse(JSON.stringify(value)) as object)
const command = fc.oneof(
  fc.constant({ commandId: null, commandHash: null }),
  fc.record({ commandId: id, commandHash: hash }),
)
const parts = fc.record({
  type: id,
  orderId: id,
  version: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  previousEventId: fc.option(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
  recordedAt: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  by: fc.option(fc.string({ unit: 'grapheme', maxLength: 200 })),
  schema: fc.integer({ min: 0, max: 2 ** 16 - 1 }),
  data,
})

/** What may be in an event, but for its eventId. */
export const anyParts: fc.Arbitrary<Omit<RecordedEvent, 'eventId'>> = fc
  .tuple(parts, command)
  .map(([some, others]) => ({ ...some, ...others }))
