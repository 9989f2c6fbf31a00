import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs'
import { importLineBytesMax } from '../config.ts'
import type { RecordedEvent } from '../domain.ts'
import { DataFolderError } from '../errors.ts'
import { reasonOf } from '../log/folder/reasons.ts'
import { recordedEventOf } from './cloud-event.ts'

const newline = 0x0a
/** How a line begins, by which one that was cut off is told from something else. */
const lineStart = '{"specversion":"1.0"'

/** A file that events are exported to, a line each. It can be gone on with where it ends. */
export class ExportFile {
  readonly #path: string
  readonly #file: number
  #end: number
  /** The event on its last line; undefined where it has none yet. */
  readonly last: RecordedEvent | undefined

  /**
   * Opens a file, and makes it where there is none. Changes nothing of what is in it.
   *
   * @param domain the name of the one whose events it holds
   * @throws {DataFolderError} if it holds something else, or cannot be written
   */
  constructor(path: string, domain: string) {
    this.#path = path
    this.#file = this.#saying(() => openSync(path, constants.O_RDWR | constants.O_CREAT, 0o644))
    const { size } = fstatSync(this.#file)
    const tail = Buffer.alloc(Math.min(size, 2 * importLineBytesMax))
    readSync(this.#file, tail, 0, tail.length, size - tail.length)
    const linesEnd = tail.lastIndexOf(newline) + 1
    const rest = tail.subarray(linesEnd, linesEnd + lineStart.length).toString('latin1')
    const line = tail.subarray(tail.lastIndexOf(newline, linesEnd - 2) + 1, linesEnd)
    try {
      const isLong = linesEnd === 0 && size > tail.length
      if (isLong || !lineStart.startsWith(rest)) throw new Error('it ends with something else')
      this.last = line.length === 0 ? undefined : recordedEventOf(JSON.parse(`${line}`), domain)
    } catch (error) {
      closeSync(this.#file)
      const why = (error as Error).message
      throw new DataFolderError(`${path} is there, and is no export of events: ${why}.`)
    }
    // What was cut off is written anew.
    this.#end = size - tail.length + linesEnd
  }

  /** @throws {DataFolderError} if it cannot be written, as there is no room */
  write(text: string): void {
    const bytes = Buffer.from(text)
    this.#saying(() => {
      ftruncateSync(this.#file, this.#end)
      let written = 0
      while (written < bytes.length) {
        const at = this.#end + written
        written += writeSync(this.#file, bytes, written, bytes.length - written, at)
      }
    })
    this.#end += bytes.length
  }

  /** Flushes it to the disk. */
  close(): void {
    this.#saying(() => fsyncSync(this.#file))
    closeSync(this.#file)
  }

  #saying<T>(step: () => T): T {
    try {
      return step()
    } catch (error) {
      throw new DataFolderError(`${this.#path} cannot be written: ${reasonOf(error)}.`, {
        cause: error,
      })
    }
  }
}
