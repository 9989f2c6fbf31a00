/**
 * Looks at `events.mdb` before it is mapped: LMDB trusts what it maps, and a process that touches
 * what is not there dies without a word.
 */
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DataFolderError } from '../errors.ts'
import type { Meta } from './pages/meta.ts'
import { PageFile } from './pages/page-file.ts'

export const eventsFile = 'events.mdb'
export const eventsPath = (folder: string) => join(folder, eventsFile)
/** LMDB's own: who reads which pages is noted in it. */
export const eventsLockPath = (folder: string) => `${eventsPath(folder)}-lock`

/** How long the events file is; 0 where there is none. */
export const bytesOfEventsFile = (folder: string) =>
  statSync(eventsPath(folder), { throwIfNoEntry: false })?.size ?? 0

/**
 * How many entries there are.
 *
 * @throws {DataFolderError} if there is no file, it is no LMDB file, it is cut short, or its first
 * pages are damaged
 */
export function checkEventsFile(folder: string): number {
  return withEventsFile(folder, (_, { main }) => main.entries)
}

/**
 * Opens the file to be read page by page.
 *
 * @throws {DataFolderError} as `checkEventsFile` does
 */
export function withEventsFile<T>(folder: string, use: (file: PageFile, meta: Meta) => T): T {
  const path = eventsPath(folder)
  if (!existsSync(path)) {
    throw new DataFolderError(`${path} is missing: the log of ${folder} is lost or was moved.`)
  }
  const file = new PageFile(path)
  try {
    return use(file, metaOf(file, path))
  } finally {
    file.close()
  }
}

function metaOf(file: PageFile, path: string): Meta {
  const meta = file.meta()
  // A commit writes its pages before its meta page, so the file is looked at after that.
  const { bytes } = file
  if (meta === undefined) {
    throw new DataFolderError(`${path} (${bytes} bytes) is not a log: it does not begin like one.`)
  }
  if (typeof meta === 'string') throw damaged(path, meta)
  const bytesMin = (meta.lastPage + 1) * meta.pageBytes
  if (bytes < bytesMin) {
    throw new DataFolderError(`${path} is cut short: it has ${bytes} bytes of ${bytesMin}.`)
  }
  return meta
}

/** The file is damaged where no event is. */
export const damaged = (path: string, what: string) =>
  new DataFolderError(`${path} is damaged: ${what}.`)
