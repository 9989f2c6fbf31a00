/** The log's LMDB tree, by LMDB itself: past the lock, and past everything that the log checks. */
import { open } from 'lmdb'
import { onTestFinished } from 'vitest'
import type { RecordedEvent } from '../../src/domain.ts'
import { encodeEntry } from '../../src/log/codec.ts'
import { eventsPath } from '../../src/log/events-file.ts'
import { openLogForWriting } from '../../src/log/lmdb-log.ts'
import { systemRuntime as runtime } from '../../src/runtime.ts'
import { temporaryFolder } from '../support/folders.ts'
import { appendTo } from './events.ts'

/** Opens the tree; closed when the running test ends. */
export function storedTree(folder: string) {
  const db = open<Buffer, number>({
    path: eventsPath(folder),
    encoding: 'binary',
    useVersions: true,
    overlappingSync: false,
    noSync: true,
  })
  onTestFinished(() => db.close())
  return db
}

/** Opens the log of a folder, closed when the running test ends. */
export function openedLog(folder: string, options: { readonly firstEventId?: number } = {}) {
  const log = openLogForWriting({ folder, domain: 'test', runtime, ...options })
  onTestFinished(() => log.close())
  return log
}

/** A folder with a log of one entry for each of these counts of events, and closed. */
export async function folderWith(counts: readonly number[], parts: Partial<RecordedEvent> = {}) {
  const folder = temporaryFolder()
  const log = openedLog(folder)
  for (const count of counts) await appendTo(log, count, parts)
  await log.close()
  return folder
}

/** Puts an entry with sound checksums, whatever is in it, at the place of its first event. */
export async function storeEntry(
  db: ReturnType<typeof storedTree>,
  events: readonly RecordedEvent[],
  key = events[0]!.eventId,
) {
  await db.put(key, encodeEntry(events), key + events.length - 1)
}

/** Removes an entry, in a commit that another one follows: the meta pages alone then tell nothing of it. */
export async function removeEntry(folder: string, key: number) {
  const db = storedTree(folder)
  db.removeSync(key)
  for (const { key: other, value, version } of db.getRange({ limit: 1, versions: true })) {
    db.putSync(other, Buffer.from(value), version!)
  }
  await db.close()
}
