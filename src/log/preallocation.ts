/**
 * Makes the file of a log longer than its pages are, with zeros, before they come to its end. A commit that
 * makes its file longer has the file system write that down, too, before its flush ends; one that writes
 * over zeros which are there has not.
 *
 * LMDB writes meanwhile, and its pages and these zeros cannot meet: the file is open with O_APPEND, so that
 * the system puts them after all that was ever written to it, in one step. What LMDB writes there later goes
 * over them. Nothing reads them: which pages there are is said by the meta pages.
 */
import { closeSync, fstatSync, openSync, write } from 'node:fs'
import { logPreallocatedBytes } from '../config.ts'
import { PageFile } from './pages/page-file.ts'
import type { Room } from './room.ts'

const zeros = Buffer.alloc(logPreallocatedBytes)
/** What a commit writes besides its entry: a leaf and a page above it, of which there may be new ones. */
const commitBytes = 8192

export class Preallocation {
  readonly #file: number
  readonly #pages: PageFile
  readonly #room: Pick<Room, 'isAmple'>
  /** Bytes that are there for pages to come; a guess between two looks. */
  #spareBytes = 0
  #growing: Promise<void> | undefined
  #isOff = false

  /** @param path of a file that is there, which this process alone writes */
  constructor(path: string, room: Pick<Room, 'isAmple'>) {
    this.#file = openSync(path, 'a')
    this.#pages = new PageFile(path)
    this.#room = room
  }

  /** To be called once an entry of so many bytes is durable. */
  used(entryBytes: number): void {
    this.#spareBytes -= entryBytes + commitBytes
    if (this.#spareBytes >= logPreallocatedBytes || this.#growing || this.#isOff) return
    // Where there is little room, it is left to what has to be written.
    if (!this.#room.isAmple) return
    this.#spareBytes = this.#look()
    if (this.#spareBytes >= logPreallocatedBytes) return
    this.#growing = this.#grow().finally(() => {
      this.#growing = undefined
    })
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    this.#isOff = true
    await this.#growing
    this.#pages.close()
    closeSync(this.#file)
  }

  #look(): number {
    const meta = this.#pages.meta()
    // While it is written it may look torn: then at the next entry.
    if (typeof meta !== 'object') return logPreallocatedBytes
    return fstatSync(this.#file).size - (meta.lastPage + 1) * meta.pageBytes
  }

  /** Never rejects: where the file cannot be made longer ahead, LMDB does that when it has to. */
  #grow(): Promise<void> {
    return new Promise((resolve) => {
      write(this.#file, zeros, 0, zeros.length, null, (error, written) => {
        if (error) this.#isOff = true
        else this.#spareBytes += written
        resolve()
      })
    })
  }
}
