import { createHash, type Hash } from 'node:crypto'
import type { RecordedEvent } from '../domain.ts'
import { DataFolderError } from '../errors.ts'
import type { FolderMark } from '../log/folder/mark.ts'
import { NewLog } from '../log/new-log.ts'
import type { Runtime } from '../runtime.ts'
import type { OnProgress } from './progress.ts'

/** Takes the events that come next, and may be given more when it resolves. */
export type Append = (batch: readonly RecordedEvent[]) => Promise<void>

/**
 * Makes a log of the events that `fill` appends. It is read again when it is written, and marked as a
 * log when what was read is what was written; where anything fails, nothing is left of it.
 *
 * @throws {DataFolderError} if the folder is not empty, cannot be written, has no room, or does not
 * give back what was written to it; and what `fill` throws
 */
export async function makeLog<T>(
  folder: string,
  mark: FolderMark,
  runtime: Runtime,
  onProgress: OnProgress,
  fill: (append: Append) => Promise<T>,
): Promise<T> {
  const log = new NewLog(folder, mark, runtime)
  try {
    const written = createHash('sha256')
    let total = 0
    const made = await fill(async (batch) => {
      addTo(written, batch)
      total += batch.length
      await log.append(batch)
    })
    const found = createHash('sha256')
    let done = 0
    for await (const batch of log.readAll()) {
      addTo(found, batch)
      done += batch.length
      onProgress({ of: 'copy', done, total })
    }
    if (found.digest('hex') !== written.digest('hex')) {
      throw new DataFolderError(`${folder} does not give back what was written to it.`)
    }
    await log.finish()
    return made
  } catch (error) {
    await log.discard()
    throw error
  }
}

function addTo(hash: Hash, batch: readonly RecordedEvent[]): void {
  for (const event of batch) hash.update(`${JSON.stringify(event)}\n`)
}
