import { existsSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Domain } from '../../domain.ts'
import { CheckpointDamagedError } from '../../errors.ts'
import type { EventLog } from '../../log/event-log.ts'
import { faultOfPlainFile } from '../../log/pages/plain-file.ts'
import { type About, type Origin, whyNot } from './about.ts'
import { CheckpointFile } from './checkpoint-file.ts'
import { fingerprintOf } from './fingerprint.ts'

export const checkpointFile = 'checkpoint.mdb'

/**
 * A file that was begun, and has nothing yet, is no longer (LMDB's two first pages). What a power cut
 * left of it is not worth a word.
 */
const begunBytesMax = 128 * 1024

export interface OpenedCheckpoint {
  readonly file: CheckpointFile
  readonly origin: Origin
  /** Why the one that was there is not gone on from; undefined where it is, or there was none. */
  readonly removed: string | undefined
}

/**
 * Opens the checkpoint of a folder's log, to be gone on from, or an empty one: one that is damaged, or
 * that is not of this log and this domain as they are now, is removed.
 */
export async function openCheckpoint(
  folder: string,
  log: EventLog,
  domain: Domain,
): Promise<OpenedCheckpoint> {
  const path = join(folder, checkpointFile)
  const origin = originOf(log, domain)
  const { firstEventId } = log
  const open = () => new CheckpointFile(path, firstEventId, { readOnly: false })
  let removed = faultOfPlainFile(path)
  if (removed !== undefined && statSync(path).size <= begunBytesMax) removed = undefined
  else if (removed === undefined) {
    const file = tryOpen(open)
    if (typeof file === 'object') {
      removed = file.about && (await whyNotHere(file.about, origin, log))
      if (removed === undefined) return { file, origin, removed }
      await file.close()
    } else removed = file
  }
  for (const name of [path, `${path}-lock`]) rmSync(name, { force: true, recursive: true })
  return { file: open(), origin, removed }
}

/**
 * Opens the checkpoint of a folder's log to be read as it is now. Undefined where there is none, or a
 * start would not go on from it.
 *
 * @throws {CheckpointDamagedError} if it is damaged
 */
export async function openCheckpointForReading(
  folder: string,
  log: EventLog,
  domain: Domain,
): Promise<CheckpointFile | undefined> {
  const path = join(folder, checkpointFile)
  if (!existsSync(path)) return undefined
  const fault = faultOfPlainFile(path)
  if (fault !== undefined) throw new CheckpointDamagedError(path, fault)
  const file = new CheckpointFile(path, log.firstEventId, { readOnly: true })
  const { about } = file
  if (about && (await whyNotHere(about, originOf(log, domain), log)) === undefined) return file
  await file.close()
  return undefined
}

const originOf = ({ epoch, firstEventId }: EventLog, domain: Domain): Origin => ({
  ...{ epoch, firstEventId },
  ...{ domain: domain.name, fingerprint: fingerprintOf(domain) },
})

function tryOpen(open: () => CheckpointFile): CheckpointFile | string {
  try {
    return open()
  } catch (error) {
    if (error instanceof CheckpointDamagedError) return 'its first record is damaged'
    throw error
  }
}

/** Also where the log was put back to what it was earlier, and has other events since. */
async function whyNotHere(
  about: About,
  origin: Origin,
  log: EventLog,
): Promise<string | undefined> {
  const why = whyNot(about, origin, log.head)
  if (why !== undefined) return why
  const { orderId, version, recordedAt } = about.newest
  for await (const [event] of log.readBack(about.eventId, 1)) {
    const isSame =
      event?.orderId === orderId && event.version === version && event.recordedAt === recordedAt
    return isSame ? undefined : `event ${about.eventId} of the log is another one`
  }
  return `event ${about.eventId} of the log is missing`
}
