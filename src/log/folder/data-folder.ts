/** The folder that holds a log: whether it is ours, and how it is made. FORMAT.md says what is in it. */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DataFolderError } from '../../errors.ts'
import type { Runtime } from '../../runtime.ts'
import { bytesOfEventsFile, checkEventsFile, eventsFile, eventsPath } from '../events-file.ts'
import { type FolderMark, folderFormat, markFile } from './mark.ts'
import { reasonOf } from './reasons.ts'

export interface WriteOptions {
  readonly folder: string
  /** The name of the domain whose orders the log holds; a log of another one is refused. */
  readonly domain: string
  /** For a log that is made now: the eventId it begins with, 1 by default. */
  readonly firstEventId?: number | undefined
  readonly runtime: Runtime
}

/** What a salvage leaves beside the log that it made. */
export const salvageFiles = { report: 'salvage.json', leftOut: 'left-out.ndjson' } as const
const newMarkFile = `${markFile}.new`
const ours = new Set([
  ...[markFile, newMarkFile, eventsFile, `${eventsFile}-lock`, 'writer.lock'],
  ...['checkpoint.mdb', 'checkpoint.mdb-lock'],
  ...Object.values(salvageFiles),
])

/**
 * Makes the folder where there is none, and sees to it that it is either empty or ours.
 *
 * @throws {DataFolderError} saying what is there instead, that it cannot be written, or that the log
 * cannot begin where it is asked to
 */
export function prepareFolder({ folder, firstEventId = 1 }: WriteOptions): void {
  if (!Number.isSafeInteger(firstEventId) || firstEventId < 1) {
    throw new DataFolderError('The first eventId must be a whole number from 1 on.')
  }
  const strangers = makeFolder(folder).filter((name) => !ours.has(name))
  if (!existsSync(join(folder, markFile)) && strangers.length > 0) {
    throw new DataFolderError(
      `${folder} is not a data folder of Ordinal: it holds ${someOf(strangers)}, and no ` +
        `${markFile}. Name a folder that is empty or does not exist yet.`,
    )
  }
}

/**
 * Makes the folder where there is none, and sees to it that it is empty.
 *
 * @throws {DataFolderError} saying what is in it, or that it cannot be written
 */
export function prepareEmptyFolder(folder: string): void {
  const names = makeFolder(folder)
  if (names.length === 0) return
  const isUnfinished = names.includes(eventsFile) && !names.includes(markFile)
  const what = isUnfinished ? 'a copy that was not finished' : someOf(names)
  throw new DataFolderError(
    `${folder} holds ${what}. Name a folder that is empty or does not exist yet.`,
  )
}

/** What is in the folder, which is there then. */
function makeFolder(folder: string): string[] {
  try {
    // Asked first: mkdir says of a read-only file system that there is no such folder.
    accessSync(nearestThere(resolve(folder)), constants.W_OK)
    makeMissing(resolve(folder))
    return readdirSync(folder)
  } catch (error) {
    throw new DataFolderError(`${folder} cannot be written: ${reasonOf(error)}.`, { cause: error })
  }
}

/** Makes it, and the folders above it that are missing, so that a power cut takes none of them back. */
function makeMissing(folder: string): void {
  const first = mkdirSync(folder, { recursive: true })
  if (first === undefined) return
  for (let made = folder; made.length >= first.length; made = dirname(made)) flush(dirname(made))
}

const someOf = (names: readonly string[]) => names.slice(0, 3).join(', ')

/** The path itself, or of the folders above it the first that there is. */
function nearestThere(path: string): string {
  let there = path
  while (!existsSync(there) && there !== dirname(there)) there = dirname(there)
  return there
}

/** LMDB begins a file with two pages, of 64 KiB at the most, in which there is no entry. */
const begunBytesMax = 2 * 64 * 1024

/**
 * Begins to make a log in a folder that has none. Until the mark is in place, its copy beside it says
 * that nothing in the folder counts yet; so what a power cut left of an earlier try is made anew.
 *
 * @throws {DataFolderError} if the folder holds a log, or something else in its place
 */
export function beginFolder(options: WriteOptions): FolderMark {
  const { folder, domain, firstEventId = 1, runtime } = options
  const path = join(folder, newMarkFile)
  if (entriesBeside(path) > 0) {
    throw new DataFolderError(`${folder} holds a log, and its ${markFile} is missing.`)
  }
  const createdAt = new Date(runtime.now()).toISOString()
  const mark = { format: folderFormat, epoch: runtime.id(), firstEventId, domain, createdAt }
  writeNewMark(folder, mark)
  return mark
}

/** How many entries there are without a mark. Removes a file that was begun, and never finished. */
function entriesBeside(newMark: string): number {
  const folder = dirname(newMark)
  const bytes = bytesOfEventsFile(folder)
  try {
    return bytes === 0 ? 0 : checkEventsFile(folder)
  } catch (error) {
    if (!existsSync(newMark) || bytes > begunBytesMax) throw error
    rmSync(eventsPath(folder))
    return 0
  }
}

/**
 * The mark of a log that is about to be written. From then on a copy is a log of its own, which other
 * events may follow than those of the log that it was made of; so its mark gets an epoch of its own.
 */
export function ownMark({ folder, runtime }: WriteOptions, known: FolderMark): FolderMark {
  if (known.copyOf !== known.epoch) return known
  const mark = { ...known, epoch: runtime.id() }
  writeMark(folder, mark)
  return mark
}

/** Removes what there is of a log that is not marked. */
export function removeUnmarked(folder: string): void {
  for (const name of ours) rmSync(join(folder, name), { force: true })
}

/** Marks a folder whose tree is made. */
export function writeMark(folder: string, mark: FolderMark): void {
  writeNewMark(folder, mark)
  finishFolder(folder)
}

/** Writes the copy of the mark that `finishFolder` puts in place. */
function writeNewMark(folder: string, mark: FolderMark): void {
  const path = join(folder, newMarkFile)
  writeFileSync(path, `${JSON.stringify(mark, null, 2)}\n`)
  flush(path)
  flush(folder)
}

/** Puts the mark in place, once the tree is made, so that after a crash it is there whole or not at all. */
export function finishFolder(folder: string): void {
  settleFolder(folder)
  renameSync(join(folder, newMarkFile), join(folder, markFile))
  flush(folder)
  flush(dirname(resolve(folder)))
}

/**
 * Sees to it that the log is on the disk as it is read. What a process wrote that was killed before it
 * had flushed it, the kernel shows as if it were there for good; nobody is told of it before this.
 */
export function settleFolder(folder: string): void {
  flush(eventsPath(folder))
  flush(folder)
}

function flush(path: string): void {
  const file = openSync(path, 'r')
  fsyncSync(file)
  closeSync(file)
}
