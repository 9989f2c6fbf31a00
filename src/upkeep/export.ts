import { isDeepStrictEqual } from 'node:util'
import type { RecordedEvent } from '../domain.ts'
import { DataFolderError, PositionAheadError } from '../errors.ts'
import type { EventLog } from '../log/event-log.ts'
import { markOf } from '../log/folder/mark.ts'
import { openLogForReading } from '../log/lmdb-log.ts'
import { cloudEventOf } from './cloud-event.ts'
import type { OnProgress } from './progress.ts'

/** Some events as text, with a CloudEvent on each line. */
export interface Exported {
  readonly text: string
  /** eventIds of the first and the last of them. */
  readonly first: number
  readonly last: number
}

export interface ExportOptions {
  readonly folder: string
  /** The eventId to begin with; that of the log's first event where it is left out. */
  readonly from: number | undefined
  /** The event on the line before, where there is one: the log has to have the same. */
  readonly after: RecordedEvent | undefined
  readonly onProgress: OnProgress
}

/**
 * The events of a log up to the newest one at the call, also beside the process that writes it.
 *
 * @throws {PositionAheadError} if `from` is after the event that comes next
 * @throws {DataFolderError} if there is no log, or it has another event than `after`
 * @throws {CorruptLogError} if an event is damaged
 */
export async function* exportEvents(options: ExportOptions): AsyncGenerator<Exported> {
  const { folder, from, after, onProgress } = options
  const { domain, epoch, firstEventId } = markOf(folder)
  const log = openLogForReading(folder)
  try {
    if (after && !isDeepStrictEqual(await eventAt(log, after.eventId), after)) {
      throw new DataFolderError(`${folder} is not the log that event ${after.eventId} is of.`)
    }
    const { head } = log
    const begin = Math.max(from ?? firstEventId, firstEventId)
    if (begin > head + 1) throw new PositionAheadError(begin, head)
    const total = head - begin + 1
    let last = begin - 1
    for await (const batch of log.read(begin)) {
      const first = last + 1
      last += batch.length
      const lines = batch.map((event) => `${JSON.stringify(cloudEventOf(event, domain, epoch))}\n`)
      yield { text: lines.join(''), first, last }
      onProgress({ of: 'events', done: last - begin + 1, total })
    }
  } finally {
    await log.close()
  }
}

async function eventAt(log: EventLog, eventId: number): Promise<RecordedEvent | undefined> {
  for await (const [event] of log.readBack(eventId, 1)) return event
  return undefined
}
