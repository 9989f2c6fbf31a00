import { markOf } from '../log/folder/mark.ts'
import { openLogForReading } from '../log/lmdb-log.ts'
import type { Runtime } from '../runtime.ts'
import { ChainChecks } from './chain-checks.ts'
import { makeLog } from './make-log.ts'
import type { OnProgress } from './progress.ts'

/** A copy that was made. */
export interface Copy {
  readonly firstEventId: number
  /** eventId of the newest event that is in it; `firstEventId - 1` where it has none. */
  readonly head: number
  readonly orders: number
  /** Of the log that it was made of. It is the copy's, too, until it is first written. */
  readonly epoch: string
}

/**
 * Copies a log, also beside the process that writes it: all events up to the newest one at the call,
 * which is what the log was at that moment. Each is checked when it is read, but for what the machine
 * of its order says to it; the copy is read again when it is written.
 *
 * @throws {DataFolderError} if there is no log, or no empty folder that it can be copied to
 * @throws {CorruptLogError} if an event is damaged; there is no copy then
 */
export async function backupLog(
  source: string,
  target: string,
  runtime: Runtime,
  onProgress: OnProgress,
): Promise<Copy> {
  const mark = markOf(source)
  const log = openLogForReading(source)
  const createdAt = new Date(runtime.now()).toISOString()
  const copyMark = { ...mark, createdAt, copyOf: mark.epoch }
  try {
    return await makeLog(target, copyMark, runtime, onProgress, async (append) => {
      const { firstEventId, epoch } = mark
      const checks = new ChainChecks(firstEventId)
      const total = log.head - checks.head
      let done = 0
      for await (const batch of log.read(firstEventId)) {
        for (const event of batch) checks.take(event)
        await append(batch)
        done += batch.length
        onProgress({ of: 'events', done, total })
      }
      return { firstEventId, head: checks.head, orders: checks.orders, epoch }
    })
  } finally {
    await log.close()
  }
}
