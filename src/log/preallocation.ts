/**
 * Makes the file of a log longer than its pages are, with zeros, before they come to its end. A commit that
 * makes its file longer has the file system write that down, too, before its flush ends; one that writes
 * over zeros which are there has not.
 *
 * LMDB writes meanwhile, and its pages and these zeros cannot meet: the file is open with O_APPEND, so that
 * the system puts them after all that was ever written to it, in one step. What LMDB writes there later goes
 * over them. Nothing reads them: which pages there are is said by the meta pages.
 */
import { constants, statfsSync, write } from 'node:fs'
import { logPreallocatedBytes } from '../config.ts'
import { PageFile } from './pages/page-file.ts'
import type { Room } from './room.ts'

/**
 * File systems of Linux that find the end of a file and write there under one lock. Those of other machines,
 * such as NFS, CIFS and 9p, may not.
 */
const fileSystems: ReadonlySet<number> = new Set([
  ...[0xef53, 0x58465342, 0x9123683e], // ext4, xfs, btrfs
  ...[0x2fc12fc1, 0xf2f52010], // zfs, f2fs
  ...[0x794c7630, 0x01021994], // overlayfs, tmpfs
])

const zeros = Buffer.alloc(logPreallocatedBytes)
/** What a commit may use besides its entry: a leaf and a page above it. Most use less. */
const commitBytesMax = 8192
/** So much may be used between two looks, at the least. */
const lookBytesMin = logPreallocatedBytes / 8
/** A larger entry takes so long to be flushed that the length of the file does not matter. */
const entryBytesMax = logPreallocatedBytes / 2

export class Preallocation {
  /** Undefined where nothing is made longer: that is then left to LMDB. */
  #file: PageFile | undefined
  readonly #room: Pick<Room, 'isAmple'>
  /** The file is so long at the least. It is not asked: the times would be told, too, and then be flushed. */
  #fileBytes: number
  #untilLookBytes = 0
  #growing: Promise<void> | undefined
  #closed: Promise<void> | undefined

  /** @param path of a file that is there, which this process alone writes */
  constructor(path: string, room: Pick<Room, 'isAmple'>) {
    this.#file = openToAppend(path)
    this.#fileBytes = this.#file?.bytes ?? 0
    this.#room = room
  }

  /** To be called once an entry of so many bytes is durable. Never throws. */
  used(entryBytes: number): void {
    this.#untilLookBytes -= entryBytes + commitBytesMax
    if (this.#untilLookBytes > 0 || this.#growing || this.#closed) return
    // Where there is little room, it is left to what has to be written.
    if (!this.#file || entryBytes > entryBytesMax || !this.#room.isAmple) return
    const spare = this.#spareBytes(this.#file)
    if (spare < logPreallocatedBytes) {
      this.#growing = this.#grow(this.#file, spare).finally(() => {
        this.#growing = undefined
      })
    } else this.#lookAfter(spare)
  }

  /** Waits for what is being written. */
  close(): Promise<void> {
    this.#closed ??= Promise.resolve(this.#growing).then(() => this.#letGo())
    return this.#closed
  }

  #letGo(): void {
    this.#file?.close()
    this.#file = undefined
  }

  /** Bytes that are there for pages to come. */
  #spareBytes(file: PageFile): number {
    let meta: ReturnType<PageFile['meta']>
    try {
      meta = file.meta()
    } catch {
      this.#letGo()
    }
    // While it is written it may look torn: then later.
    if (typeof meta !== 'object') return logPreallocatedBytes
    const pagesBytes = (meta.lastPage + 1) * meta.pageBytes
    this.#fileBytes = Math.max(this.#fileBytes, pagesBytes)
    return this.#fileBytes - pagesBytes
  }

  #lookAfter(spareBytes: number): void {
    this.#untilLookBytes = Math.max(spareBytes - logPreallocatedBytes, lookBytesMin)
  }

  /** Never rejects. What fails once is not tried again. */
  #grow(file: PageFile, spareBytes: number): Promise<void> {
    return new Promise((resolve) => {
      write(file.descriptor, zeros, 0, zeros.length, null, (error, written) => {
        if (error) this.#letGo()
        else {
          this.#fileBytes += written
          this.#lookAfter(spareBytes + written)
        }
        resolve()
      })
    })
  }
}

/** LMDB has the file open already, and goes on where it cannot be opened once more. */
function openToAppend(path: string): PageFile | undefined {
  try {
    if (!fileSystems.has(statfsSync(path).type)) return undefined
    return new PageFile(path, constants.O_RDWR | constants.O_APPEND)
  } catch {
    return undefined
  }
}
