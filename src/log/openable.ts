/**
 * Whether LMDB can open a file and the lock file beside it, or make what is not there. To be asked
 * before: lmdb-js may end the process where an opening fails.
 *
 * Neither is opened for that: to close a lock file again would give back the locks that LMDB has on it
 * by another opening of this process.
 */
import { accessSync, closeSync, constants, existsSync, openSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { reasonOf } from './folder/reasons.ts'
import { hasRoom } from './room.ts'

const { R_OK, W_OK } = constants
/** Files that LMDB opens for one of its own, and some to spare. */
const filesMax = 8

/** Why it cannot be opened; undefined where it can. */
export function whyNotOpenable(
  path: string,
  { readOnly }: { readonly readOnly: boolean },
): string | undefined {
  return (
    whyNotNow(path) ??
    whyNotFile(path, readOnly ? R_OK : R_OK | W_OK) ??
    // Who only reads does without, where nobody writes.
    whyNotFile(lockOf(path), readOnly ? 0 : R_OK | W_OK)
  )
}

/** Why it cannot be opened now, whatever it is, and could be at another time. */
export function whyNotNow(path: string): string | undefined {
  return trying('', () => openSome(filesMax)) ?? trying(of(lockOf(path)), () => assertRoom(path))
}

const lockOf = (path: string) => `${path}-lock`

function whyNotFile(path: string, rights: number): string | undefined {
  return trying(of(path), () => {
    const there = statSync(path, { throwIfNoEntry: false })
    if (there && !there.isFile()) throw new Error('it is no file')
    if (there) accessSync(path, rights)
    else if ((rights & W_OK) !== 0) accessSync(dirname(path), W_OK)
  })
}

function openSome(count: number): void {
  const files: number[] = []
  try {
    while (files.length < count) files.push(openSync('/dev/null', 'r'))
  } finally {
    for (const file of files) closeSync(file)
  }
}

/** LMDB maps the lock file that it makes, and the process ends where a page of that finds no room. */
function assertRoom(path: string): void {
  const folder = dirname(path)
  if (existsSync(lockOf(path)) || hasRoom(folder, 0) || !isWritable(folder)) return
  throw new Error('there is no room for it')
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, W_OK)
    return true
  } catch {
    return false
  }
}

const of = (path: string) => ` (${basename(path)})`

function trying(where: string, step: () => void): string | undefined {
  try {
    step()
    return undefined
  } catch (error) {
    return `${reasonOf(error)}${where}`
  }
}
