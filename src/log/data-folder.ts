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
  readFileSync,
  readSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DataFolderError } from '../errors.ts'

/** What `ordinal.json` says of a folder. */
export interface FolderMark {
  readonly format: number
  readonly epoch: string
  readonly firstEventId: number
  /** The name of the domain whose orders it holds. */
  readonly domain: string
  /** ISO 8601, for people. */
  readonly createdAt: string
}

export const folderFormat = 1
const markFile = 'ordinal.json'
const eventsFile = 'events.mdb'
const newMarkFile = `${markFile}.new`
const ours = new Set([markFile, newMarkFile, eventsFile, `${eventsFile}-lock`, 'writer.lock'])

export const eventsPath = (folder: string) => join(folder, eventsFile)

/**
 * Makes the folder where there is none, and sees to it that it is either empty or ours.
 *
 * @throws {DataFolderError} saying what is there instead, or that it cannot be written
 */
export function prepareFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
    accessSync(folder, constants.W_OK)
  } catch (error) {
    throw new DataFolderError(`${folder} cannot be written: ${reasonOf(error)}.`, { cause: error })
  }
  const strangers = readdirSync(folder).filter((name) => !ours.has(name))
  if (!existsSync(join(folder, markFile)) && strangers.length > 0) {
    const some = strangers.slice(0, 3).join(', ')
    throw new DataFolderError(
      `${folder} is not a data folder of Ordinal: it holds ${some}, and no ${markFile}. ` +
        'Name a folder that is empty or does not exist yet.',
    )
  }
}

/**
 * The folder's mark; undefined where it has none.
 *
 * @throws {DataFolderError} if it is not ours, or from a newer format
 */
export function readMark(folder: string): FolderMark | undefined {
  const path = join(folder, markFile)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new DataFolderError(`${path} cannot be read: ${reasonOf(error)}.`, { cause: error })
  }
  const mark = parseMark(text)
  if (mark === undefined) {
    throw new DataFolderError(`${path} is not a mark of Ordinal. Is this another program's folder?`)
  }
  if (mark.format > folderFormat) {
    throw new DataFolderError(
      `${folder} has format ${mark.format}, and this version knows ${folderFormat} at most. ` +
        'Open it with a newer version of Ordinal.',
    )
  }
  return mark
}

function parseMark(text: string): FolderMark | undefined {
  let mark: Partial<FolderMark> | null
  try {
    mark = JSON.parse(text)
  } catch {
    return undefined
  }
  const { format, epoch, firstEventId, domain } = mark ?? {}
  const sound =
    Number.isSafeInteger(format) &&
    typeof epoch === 'string' &&
    Number.isSafeInteger(firstEventId) &&
    typeof domain === 'string'
  return sound ? (mark as FolderMark) : undefined
}

/** Writes the mark so that after a crash it is there whole or not at all. */
export function writeMark(folder: string, mark: FolderMark): void {
  const file = openSync(join(folder, newMarkFile), 'w')
  writeSync(file, `${JSON.stringify(mark, null, 2)}\n`)
  fsyncSync(file)
  closeSync(file)
  renameSync(join(folder, newMarkFile), join(folder, markFile))
  flushFolder(folder)
  flushFolder(dirname(resolve(folder)))
}

function flushFolder(folder: string): void {
  const file = openSync(folder, 'r')
  fsyncSync(file)
  closeSync(file)
}

/** Where the magic number of LMDB stands in the file, and what it is. */
const lmdbMagicOffset = 24
const lmdbMagic = 0xbeefc0de

/**
 * Looks at the file before it is mapped: LMDB trusts what it maps, and dies of what it should not.
 *
 * @throws {DataFolderError} if there is no file, or it is no LMDB file
 */
export function checkEventsFile(folder: string): void {
  const path = eventsPath(folder)
  if (!existsSync(path)) {
    throw new DataFolderError(`${path} is missing: the log of ${folder} is lost or was moved.`)
  }
  const head = Buffer.alloc(lmdbMagicOffset + 4)
  const file = openSync(path, 'r')
  const read = readSync(file, head)
  closeSync(file)
  if (read < head.length || head.readUInt32LE(lmdbMagicOffset) !== lmdbMagic) {
    const size = statSync(path).size
    throw new DataFolderError(`${path} (${size} bytes) is not a log: it does not begin like one.`)
  }
}

function reasonOf(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EACCES':
    case 'EPERM':
      return 'permission is denied'
    case 'EROFS':
      return 'the file system is read-only'
    case 'ENOTDIR':
    case 'EEXIST':
      return 'it is not a folder'
    case 'ENOSPC':
      return 'the disk is full'
    default:
      return error instanceof Error ? error.message : String(error)
  }
}
