import {
  accessSync,
  type BigIntStats,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  statSync,
  writeSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { tryLock } from 'fs-native-extensions'
import { DataFolderError, LogLockedError, LogLostError } from '../../errors.ts'
import type { Runtime } from '../../runtime.ts'
import { eventsLockPath } from '../events-file.ts'
import { reasonOf } from './reasons.ts'

const lockFile = 'writer.lock'
/**
 * A folder that changed less than this ago may change again without its time of change telling so:
 * kernels count that in steps of up to 10 ms.
 */
const settledMs = 100

/**
 * The right to write the log of a folder.
 *
 * The lock is the kernel's, on the open file: it is seen from every pid namespace, and a process
 * that is killed gives it back. The text in the file only tells people who holds it.
 */
export class WriterLock {
  readonly #file: number
  readonly #path: string
  readonly #runtime: Pick<Runtime, 'now'>
  /** The files that have to stay where they are: what each was when it was opened. */
  readonly #kept = new Map<string, BigIntStats>()

  /** The folder as it was when all of them were last seen in it; undefined where it may have changed. */
  #seen: BigIntStats | undefined

  /** @throws {LogLockedError} naming the holder, if another process (or this one) holds it */
  constructor(folder: string, runtime: Pick<Runtime, 'now'>) {
    // A program may work in another folder later.
    const path = join(resolve(folder), lockFile)
    const file = openSync(path, 'a+')
    if (!tryLock(file)) {
      closeSync(file)
      throw new LogLockedError(folder, readHolder(path))
    }
    this.#file = file
    this.#path = path
    this.#runtime = runtime
    this.#kept.set(path, fstatSync(file, { bigint: true }))
    const since = new Date(runtime.now()).toISOString()
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
   * Names the first file that is not the one that was opened; undefined where all are. Costs some
   * microseconds. The files are looked at only where their folder has changed: Linux gives a file
   * whose times were asked for a time of its own at the next write, and flushes that, too, which
   * makes a commit by a quarter slower.
   */
  lost(): LogLostError | undefined {
    const folder = statOf(dirname(this.#path))
    if (folder && this.#seen && isSame(folder, this.#seen) && folder.mtimeNs === this.#seen.mtimeNs)
      return undefined
    for (const [path, opened] of this.#kept) {
      const there = statOf(path)
      if (!there || !isSame(there, opened)) return new LogLostError(path)
    }
    const isSettled = folder && Number(folder.mtimeMs) < this.#runtime.now() - settledMs
    this.#seen = isSettled ? folder : undefined
    return undefined
  }

  /** Gives it back. */
  release(): void {
    ftruncateSync(this.#file)
    closeSync(this.#file)
  }
}

/**
 * Sees to it that nobody writes the log of a folder until what is returned is called. Changes nothing
 * in it, and needs no right to.
 *
 * @throws {LogLockedError} naming the holder, if a process writes it
 */
export function keepWritersOut(folder: string): () => void {
  const path = join(folder, lockFile)
  if (!existsSync(path)) return () => {}
  const file = openSync(path, 'r')
  if (tryLock(file, { shared: true })) return () => closeSync(file)
  closeSync(file)
  throw new LogLockedError(folder, readHolder(path))
}

/**
 * Sees whether LMDB can note, in the lock file of the tree, which pages are being read. Where it cannot
 * it reads all the same, and the process that writes may write over them at any time.
 *
 * @throws {DataFolderError} if a process writes the log, and this one has no right to note it
 */
export function checkReadersRight(folder: string): void {
  const path = eventsLockPath(folder)
  try {
    accessSync(existsSync(path) ? path : folder, constants.W_OK)
  } catch (error) {
    try {
      keepWritersOut(folder)()
    } catch {
      throw new DataFolderError(
        `${folder} is being written, and who reads it then needs the right to write ${path}: ` +
          `${reasonOf(error)}.`,
        { cause: error },
      )
    }
  }
}

function isSame(one: BigIntStats, other: BigIntStats): boolean {
  return one.ino === other.ino && one.dev === other.dev
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
