import { CorruptLogError } from '../../errors.ts'
import type { FolderMark } from '../data-folder.ts'
import { damaged, eventsPath, withEventsFile } from '../events-file.ts'
import { walkPages } from './walk.ts'

/**
 * Sees whether the file of a log can be given to LMDB, which may end the process, or find less than
 * there is, where it is not sound. Nobody writes it, or a read transaction was begun before.
 *
 * @throws {DataFolderError} if it is damaged where no event is
 * @throws {CorruptLogError} naming the first event that may not be found in it
 */
export function checkPages(folder: string, { firstEventId }: FolderMark): void {
  withEventsFile(folder, (file, meta) => {
    walkPages({
      ...{ file, meta, firstEventId },
      onFault: ({ eventId, what }) => {
        if (eventId === undefined) throw damaged(eventsPath(folder), what)
        throw new CorruptLogError(eventId, what)
      },
    })
  })
}
