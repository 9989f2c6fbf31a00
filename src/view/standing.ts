import type { RecordedEvent, Standing } from '../domain.ts'
import { shareNumbers } from '../numbers.ts'

type Recorded = Pick<RecordedEvent, 'orderId' | 'eventId' | 'version' | 'recordedAt'>

/** Where an order stands after an event; `createdAt` is undefined after its first. */
export function standingOf(event: Recorded, createdAt: number | undefined): Standing {
  const { orderId, eventId, version, recordedAt } = event
  return { orderId, eventId, version, createdAt: createdAt ?? recordedAt, updatedAt: recordedAt }
}

shareNumbers((recordedAt) =>
  standingOf({ orderId: '', eventId: 0, version: 0, recordedAt }, recordedAt),
)
