import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { tryLock } from 'fs-native-extensions'
import { LogLockedError } from '../errors.ts'

const lockFile = 'writer.lock'

/**
 * Holds the right to write the log of a folder.
 *
 * The lock is the kernel's, on the open file: it is seen from every pid namespace, and a process
 * that is killed gives it back. The text in the file only tells people who holds it.
 *
 * @returns what gives it back
 * @throws {LogLockedError} naming the holder, if another process (or this one) holds it
 */
export function lockForWriting(folder: string, now: number): () => void {
  const path = join(folder, lockFile)
  const file = openSync(path, 'a+')
  if (!tryLock(file)) {
    closeSync(file)
    throw new LogLockedError(folder, readHolder(path))
  }
  const since = new Date(now).toISOString()
  try {
    ftruncateSync(file)
    writeSync(file, `process ${process.pid} on ${hostname()}, since ${since}\n`)
  } catch {
    // On a full disk the log is held, and can be read, without a text that says so.
  }
  return () => {
    ftruncateSync(file)
    closeSync(file)
  }
}

function readHolder(path: string): string {
  return readFileSync(path, 'utf8').trim() || 'another process'
}
