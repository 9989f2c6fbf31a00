import { CorruptLogError, type Fault } from '../../errors.ts'
import { damaged, eventsPath, withEventsFile } from '../events-file.ts'
import type { FolderMark } from '../folder/mark.ts'
import { type PageFault, type WalkOptions, walkPages } from './walk.ts'

/**
 * Sees whether the file of a log can be given to LMDB, which may end the process, or find less than
 * there is, where it is not sound. Nobody writes it, or a read transaction was begun before.
 *
 * @throws {DataFolderError} if it is damaged where no event is
 * @throws {CorruptLogError} naming the first event that may not be found in it
 */
export function checkPages(folder: string, mark: FolderMark): void {
  walkFile(folder, mark, {
    onFault: (fault) => {
      throw faultOf(folder, fault)
    },
  })
}

type Listeners = Pick<WalkOptions, 'onFault' | 'onEntry' | 'onLeaf'>

/** Walks through the file of a log, on the same conditions. */
export function walkFile(folder: string, { firstEventId }: FolderMark, listeners: Listeners): void {
  withEventsFile(folder, (file, meta) => {
    walkPages({ file, meta, firstEventId, ...listeners })
  })
}

/** What is wrong with a page, as it is thrown. */
export function faultOf(folder: string, { eventId, what }: PageFault): Fault {
  if (eventId === undefined) return damaged(eventsPath(folder), what)
  return new CorruptLogError(eventId, what)
}
