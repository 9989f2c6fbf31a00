import { statfsSync } from 'node:fs'
import type { Runtime } from '../runtime.ts'

/** Less room than this on a file system is taken for a full disk. */
const roomBytesMin = 1024 * 1024
/** So much room is not used up within `trustedMs`, whoever writes. */
const plentyBytes = 1024 * 1024 * 1024
const trustedMs = 20

/**
 * Whether there is room for so many bytes more where a file is, or a folder. True where the system does
 * not say.
 *
 * To be asked before LMDB is given something to write. Of a write that finds no room lmdb-js makes a text
 * that can be longer than the memory that it has for it, and the process ends of that a little later.
 */
export function hasRoom(path: string, bytes: number): boolean {
  return roomBytes(path) >= roomBytesMin + bytes
}

/** The same for who asks often. Where there is plenty, the system is asked now and then. */
export class Room {
  readonly #path: string
  readonly #runtime: Pick<Runtime, 'elapsed'>
  #plentyUntil = Number.NEGATIVE_INFINITY
  #isAmple = false

  constructor(path: string, runtime: Pick<Runtime, 'elapsed'>) {
    this.#path = path
    this.#runtime = runtime
  }

  has(bytes: number): boolean {
    const now = this.#runtime.elapsed()
    if (now < this.#plentyUntil) return true
    const room = roomBytes(this.#path)
    this.#isAmple = room >= plentyBytes + bytes
    if (this.#isAmple) this.#plentyUntil = now + trustedMs
    return room >= roomBytesMin + bytes
  }

  /** True where there was so much, when it was last asked for, that none has to be left to what must be written. */
  get isAmple(): boolean {
    return this.#isAmple
  }
}

function roomBytes(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(path)
    return bavail * bsize
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
