import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Domain } from '../../domain.ts'
import { CheckpointDamagedError, DataFolderError, NoCheckpointError } from '../../errors.ts'
import type { EventLog } from '../../log/event-log.ts'
import { reasonOf } from '../../log/folder/reasons.ts'
import { whyNotNow, whyNotOpenable } from '../../log/openable.ts'
import { faultOfPlainFile, faultOfPlainStart } from '../../log/pages/plain-file.ts'
import { type Runtime, systemRuntime } from '../../runtime.ts'
import { type About, aboutKey, type Origin, whyNot } from './about.ts'
import { CheckpointFile } from './checkpoint-file.ts'
import { fingerprintOf } from './fingerprint.ts'
import { mixKey } from './layout.ts'
import { removeFiles } from './tree.ts'

export const checkpointFile = 'checkpoint.mdb'

export interface OpenedCheckpoint {
  readonly file: CheckpointFile
  readonly origin: Origin
  /** Why the one that was there is not gone on from; undefined where it is, or there was none. */
  readonly removed: string | undefined
}

/**
 * Opens the checkpoint of a folder's log, to be gone on from, or an empty one: one that is damaged, or
 * that is not of this log and this domain as they are now, is removed.
 *
 * @throws {NoCheckpointError} if it cannot be opened, and not be made anew
 */
export async function openCheckpoint(
  folder: string,
  log: EventLog,
  domain: Domain,
  runtime: Pick<Runtime, 'id'> = systemRuntime,
): Promise<OpenedCheckpoint> {
  // A program may work in another folder later.
  const path = resolve(folder, checkpointFile)
  const origin = originOf(log, domain)
  const { firstEventId } = log
  const open = () => new CheckpointFile({ path, firstEventId, readOnly: false, salt: runtime.id() })
  const found = statSync(path, { throwIfNoEntry: false })
  throwing(path, found && !found.isFile() ? 'it is no file' : undefined)
  throwing(path, found && whyNotNow(path))
  const file = found && (await openSound(path, open, origin, log))
  if (typeof file === 'object') return { file, origin, removed: undefined }
  removeFiles(path)
  throwing(path, whyNotOpenable(path, { readOnly: false }))
  return { file: open(), origin, removed: file }
}

function throwing(path: string, why: string | undefined): void {
  if (why !== undefined) throw new NoCheckpointError(path, `cannot be opened: ${why}`)
}

/** The checkpoint that is there, or why it is not gone on from. */
async function openSound(
  path: string,
  open: () => CheckpointFile,
  origin: Origin,
  log: EventLog,
): Promise<CheckpointFile | string> {
  let keys = 0
  let file: CheckpointFile | undefined
  let fault = whyNotOpenable(path, { readOnly: false })
  if (fault !== undefined) return fault
  try {
    fault = faultOfPlainFile(path, (key) => {
      if (key !== aboutKey) keys = mixKey(keys, key)
    })
    if (fault !== undefined) return fault
    file = open()
    file.begin()
    fault = await whyNotSound(file, keys, origin, log)
    if (fault === undefined) return file
  } catch (error) {
    fault = error instanceof CheckpointDamagedError ? error.what : reasonOf(error)
  }
  await file?.close()
  return fault
}

async function whyNotSound(
  { about, isEmpty }: CheckpointFile,
  keys: number,
  origin: Origin,
  log: EventLog,
): Promise<string | undefined> {
  if (about === undefined) return isEmpty ? undefined : 'it does not say what it is of'
  const why = await whyNotHere(about, origin, log)
  return why ?? (about.keys === keys ? undefined : 'it does not have the records that it should')
}

/**
 * Opens the checkpoint of a folder's log to be read as it is now, also beside the process that takes it
 * further. Undefined where there is none, or a start would not go on from it.
 *
 * @throws {CheckpointDamagedError} if it is damaged; DataFolderError if the system does not let it be read
 */
export async function openCheckpointForReading(
  folder: string,
  log: EventLog,
  domain: Domain,
): Promise<CheckpointFile | undefined> {
  const path = join(folder, checkpointFile)
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return undefined
  const why = whyNotOpenable(path, { readOnly: true })
  if (why !== undefined) {
    throw new DataFolderError(`${path} cannot be opened: ${why}.`, { cause: new Error(why) })
  }
  const sound = (fault: string | undefined) => {
    if (fault !== undefined) throw new CheckpointDamagedError(path, fault)
  }
  sound(faultOfPlainStart(path))
  const { firstEventId } = log
  // From here on, no page that is in use is written anew.
  const file = new CheckpointFile({ path, firstEventId, readOnly: true, salt: '' })
  try {
    sound(faultOfPlainFile(path))
    file.begin()
    const { about } = file
    if (about && (await whyNotHere(about, originOf(log, domain), log)) === undefined) return file
  } catch (error) {
    await file.close()
    throw error
  }
  await file.close()
  return undefined
}

const originOf = ({ epoch, firstEventId }: EventLog, domain: Domain): Origin => ({
  ...{ epoch, firstEventId },
  ...{ domain: domain.name, fingerprint: fingerprintOf(domain) },
})

/** Also where the log was put back to what it was earlier, and has other events since. */
async function whyNotHere(
  about: About,
  origin: Origin,
  log: EventLog,
): Promise<string | undefined> {
  const why = whyNot(about, origin, log.head)
  if (why !== undefined || about.orders === 0) return why
  const { orderId, version, recordedAt } = about.newest
  for await (const [event] of log.readBack(about.eventId, 1)) {
    const isSame =
      event?.orderId === orderId && event.version === version && event.recordedAt === recordedAt
    return isSame ? undefined : `event ${about.eventId} of the log is another one`
  }
  return `event ${about.eventId} of the log is missing`
}
