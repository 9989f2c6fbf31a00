/** The mark of a folder that holds a log, by which it is known. FORMAT.md says what is in it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DataFolderError } from '../../errors.ts'
import { reasonOf } from './reasons.ts'

/** What `ordinal.json` says of a folder. */
export interface FolderMark {
  readonly format: number
  readonly epoch: string
  readonly firstEventId: number
  /** The name of the domain whose orders it holds. */
  readonly domain: string
  /** ISO 8601, for people. */
  readonly createdAt: string
  /**
   * Of a copy: the epoch of the log that it was made of. For as long as it is also the copy's own,
   * nobody has written to the copy.
   */
  readonly copyOf?: string
}

export const folderFormat = 1
export const markFile = 'ordinal.json'

/**
 * The folder's mark; undefined where it has none.
 *
 * @throws {DataFolderError} if it is not ours, or from a newer format
 */
export function readMark(folder: string): FolderMark | undefined {
  const text = readMarkText(folder)
  if (text === undefined) return undefined
  const mark = knownMark(folder, text)
  if (mark) return mark
  const path = join(folder, markFile)
  throw new DataFolderError(`${path} is not a mark of Ordinal. Is this another program's folder?`)
}

/** The same, but for a mark that is damaged: it is as good as none. */
export function readSoundMark(folder: string): FolderMark | undefined {
  const text = readMarkText(folder)
  return text === undefined ? undefined : knownMark(folder, text)
}

function readMarkText(folder: string): string | undefined {
  const path = join(folder, markFile)
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new DataFolderError(`${path} cannot be read: ${reasonOf(error)}.`, { cause: error })
  }
}

/** Undefined where it is none. */
function knownMark(folder: string, text: string): FolderMark | undefined {
  const mark = parseMark(text)
  if (mark && mark.format > folderFormat) {
    throw new DataFolderError(
      `${folder} has format ${mark.format}, and this version knows ${folderFormat} at most. ` +
        'Open it with a newer version of Ordinal.',
    )
  }
  return mark
}

/**
 * The mark of a folder that holds a log.
 *
 * @param domain the name of the one whose log it has to be; any where it is left out
 * @throws {DataFolderError} if it holds none, or that of another domain
 */
export function markOf(folder: string, domain?: string): FolderMark {
  const mark = readMark(folder)
  if (!mark) throw new DataFolderError(`${folder} is not a data folder of Ordinal.`)
  if (domain === undefined || mark.domain === domain) return mark
  throw otherDomain(folder, mark, domain)
}

const otherDomain = (folder: string, mark: FolderMark, domain: string) =>
  new DataFolderError(`${folder} holds the log of ${mark.domain}, not of ${domain}.`)

function parseMark(text: string): FolderMark | undefined {
  let mark: Partial<FolderMark> | null
  try {
    mark = JSON.parse(text)
  } catch {
    return undefined
  }
  const { format, epoch, firstEventId, domain, copyOf = '' } = mark ?? {}
  const sound =
    Number.isSafeInteger(format) &&
    typeof epoch === 'string' &&
    Number.isSafeInteger(firstEventId) &&
    firstEventId! >= 1 &&
    typeof domain === 'string' &&
    typeof copyOf === 'string'
  return sound ? (mark as FolderMark) : undefined
}

/** @throws {DataFolderError} if the log is another domain's, or begins elsewhere than asked for */
export function checkMark(
  folder: string,
  mark: FolderMark,
  { domain, firstEventId }: { readonly domain: string; readonly firstEventId?: number | undefined },
): void {
  if (mark.domain !== domain) throw otherDomain(folder, mark, domain)
  if (firstEventId !== undefined && firstEventId !== mark.firstEventId) {
    throw new DataFolderError(
      `${folder} begins with event ${mark.firstEventId}, not with ${firstEventId}: ` +
        'the first eventId is chosen when a log is made.',
    )
  }
}
