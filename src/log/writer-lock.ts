import {
  type BigIntStats,
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  statSync,
  writeSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { tryLock } from 'fs-native-extensions'
import { LogLockedError, LogLostError } from '../errors.ts'

const lockFile = 'writer.lock'

/**
 * The right to write the log of a folder.
 *
 * The lock is the kernel's, on the open file: it is seen from every pid namespace, and a process
 * that is killed gives it back. The text in the file only tells people who holds it.
 */
export class WriterLock {
  readonly #file: number
  /** The files that have to stay where they are: what each was when it was opened. */
  readonly #kept = new Map<string, BigIntStats>()

  /** @throws {LogLockedError} naming the holder, if another process (or this one) holds it */
  constructor(folder: string, now: number) {
    // A program may work in another folder later.
    const path = join(resolve(folder), lockFile)
    const file = openSync(path, 'a+')
    if (!tryLock(file)) {
      closeSync(file)
      throw new LogLockedError(folder, readHolder(path))
    }
    this.#file = file
    this.#kept.set(path, fstatSync(file, { bigint: true }))
    const since = new Date(now).toISOString()
    try {
      ftruncateSync(file)
      writeSync(file, `process ${process.pid} on ${hostname()}, since ${since}\n`)
    } catch {
      // On a full disk the log is held, and can be read, without a text that says so.
    }
  }

  /** Has `lost` look at this file, too: it is there, and open. */
  keep(path: string): void {
    this.#kept.set(resolve(path), statSync(path, { bigint: true }))
  }

  /**
   * Names the first file that is not the one that was opened; undefined where all are. Costs a look
   * at the file system for each, some microseconds.
   */
  lost(): LogLostError | undefined {
    for (const [path, opened] of this.#kept) {
      const there = statOf(path)
      if (there?.ino !== opened.ino || there.dev !== opened.dev) return new LogLostError(path)
    }
    return undefined
  }

  /** Gives it back. */
  release(): void {
    ftruncateSync(this.#file)
    closeSync(this.#file)
  }
}

function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false })
  } catch {
    // A path that leads nowhere any more is as good as none.
    return undefined
  }
}

function readHolder(path: string): string {
  return readFileSync(path, 'utf8').trim() || 'another process'
}
