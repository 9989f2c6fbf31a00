/**
 * One file, in the page cache and on the disk. Of each sector it knows what is surely on the disk, and
 * every later version, in the order in which they were written: after a power cut any of them may be
 * there, and of two sectors each its own.
 */
import { GrowingBytes } from './growing-bytes.ts'

export const sectorBytes = 512

/** A write to a file, by its number; later ones have greater numbers. */
export type WriteNumber = number

interface Version {
  readonly write: WriteNumber
  readonly bytes: Buffer
}

/** A sector of which the disk may not have the last version yet, and the writes that it may have. */
export interface PendingSector {
  readonly sector: number
  readonly writes: readonly WriteNumber[]
}

/** Says what has reached the disk. */
export interface Reach {
  /** How many of the sector's later versions: none, or up to so many. */
  versions(sector: PendingSector): number
  /** How long the file is: `least` bytes are sure, `most` were asked for. */
  length(least: number, most: number): number
  /** What stands where the file was made longer and nothing has been written: zeros, or anything. */
  fill(bytes: Buffer): void
}

export class DiskFile {
  readonly #cached = new GrowingBytes()
  readonly #durable = new GrowingBytes()
  readonly #pending = new Map<number, readonly Version[]>()
  /** Of the sectors that were flushed: the write whose bytes are surely there. */
  readonly #reached = new Map<number, WriteNumber>()
  #lengths: readonly { readonly write: WriteNumber; readonly length: number }[] = []
  #isLengthened = false

  /** As a process sees it. Not to be changed. */
  get cached(): Buffer {
    return this.#cached.all
  }

  get pending(): readonly PendingSector[] {
    return [...this.#pending].map(([sector, versions]) => pendingOf(sector, versions))
  }

  /** True where a power cut changes nothing. */
  get isSettled(): boolean {
    return this.#pending.size === 0 && this.#lengths.length === 0
  }

  /** True once any of it was flushed, and with that all that had been written before. */
  get wasFlushed(): boolean {
    return this.#reached.size > 0
  }

  write(write: WriteNumber, at: number, bytes: Buffer): void {
    const end = at + bytes.length
    if (end > this.#cached.length) this.#setLength(write, end)
    bytes.copy(this.#cached.all, at)
    for (const sector of sectorsOf(at, end)) this.#push(sector, write)
  }

  truncate(write: WriteNumber, length: number): void {
    const before = this.#cached.length
    this.#setLength(write, length)
    for (const sector of sectorsOf(length, before)) this.#push(sector, write)
  }

  /** Zeros come after what there is; what is written into them is written as anywhere else. */
  lengthen(write: WriteNumber, bytes: number): void {
    this.#isLengthened = true
    this.#setLength(write, this.#cached.length + bytes)
  }

  /** All writes that had ended are on the disk. */
  flush(hadEnded: (write: WriteNumber) => boolean): void {
    const settled = this.#lengths.filter(({ write }) => hadEnded(write))
    this.#lengths = this.#lengths.slice(settled.length)
    const last = settled.at(-1)
    if (last) this.#durable.length = last.length
    for (const sector of [...this.#pending.keys()]) this.#settle(sector, hadEnded)
  }

  /** These bytes are on the disk as this write left them, and nothing else is. */
  flushRange(upTo: WriteNumber, at: number, end: number): void {
    this.#durable.length = Math.max(this.#durable.length, end)
    for (const sector of sectorsOf(at, end)) this.#settle(sector, (write) => write <= upTo)
  }

  /** True where the bytes of this write, or of a later one, are surely in the sector. */
  isDurable(sector: number, write: WriteNumber): boolean {
    return (this.#reached.get(sector) ?? -1) >= write
  }

  /** The first write that may be missing from the disk, in any sector but these. */
  oldestPending(except: ReadonlySet<number>): WriteNumber {
    let oldest = Number.POSITIVE_INFINITY
    for (const [sector, [version]] of this.#pending) {
      if (version && !except.has(sector)) oldest = Math.min(oldest, version.write)
    }
    return oldest
  }

  /**
   * The process was killed, perhaps in the middle of writes; the next one sees how much of them was done.
   *
   * @throws {Error} where it sees what was not recorded
   */
  settleKill(writes: readonly WriteNumber[], seen: Buffer): void {
    if (this.#isLengthened) this.#endLike(seen)
    if (!this.cached.equals(seen)) for (const write of writes.toReversed()) this.#undo(write, seen)
    if (!this.cached.equals(seen)) throw new Error('A file holds what was not recorded.')
  }

  /** As it may be after a power cut. */
  image(reach: Reach): Buffer {
    const sure = this.#durable.length
    const lengths = [sure, ...this.#lengths.map(({ length }) => length)]
    const length = reach.length(Math.min(...lengths), Math.max(...lengths))
    const image = Buffer.alloc(length)
    this.#durable.all.copy(image)
    if (length > sure) reach.fill(image.subarray(sure))
    for (const [sector, versions] of this.#pending) {
      const version = versions[reach.versions(pendingOf(sector, versions)) - 1]
      if (version && sector * sectorBytes < length) {
        version.bytes.copy(image, sector * sectorBytes)
      }
    }
    return image
  }

  #setLength(write: WriteNumber, length: number): void {
    this.#lengths = [...this.#lengths, { write, length }]
    this.#cached.length = length
  }

  #push(sector: number, write: WriteNumber): void {
    const bytes = Buffer.alloc(sectorBytes)
    this.cached.copy(bytes, 0, sector * sectorBytes, (sector + 1) * sectorBytes)
    this.#pending.set(sector, [...(this.#pending.get(sector) ?? []), { write, bytes }])
  }

  #settle(sector: number, hadEnded: (write: WriteNumber) => boolean): void {
    const versions = this.#pending.get(sector) ?? []
    const settled = versions.filter(({ write }) => hadEnded(write))
    const last = settled.at(-1)
    if (!last) return
    // The file is so long, also where zeros made it longer that had not all been written.
    const end = Math.min((sector + 1) * sectorBytes, this.#cached.length)
    this.#durable.length = Math.max(this.#durable.length, end)
    this.#durable.put(last.bytes, sector * sectorBytes)
    this.#reached.set(sector, last.write)
    if (settled.length === versions.length) this.#pending.delete(sector)
    else this.#pending.set(sector, versions.slice(settled.length))
  }

  /**
   * Where zeros end depends on whether they came before a write that went on at the same time, or after it;
   * or the process was killed in the middle of them.
   */
  #endLike(seen: Buffer): void {
    const { length } = this.#cached
    const rest = length < seen.length ? seen.subarray(length) : this.cached.subarray(seen.length)
    if (rest.some((byte) => byte !== 0)) return
    this.#cached.length = seen.length
    const last = this.#lengths.at(-1)
    if (last) this.#lengths = this.#lengths.with(-1, { ...last, length: seen.length })
    else this.#durable.length = seen.length
    this.#durable.length = Math.min(this.#durable.length, seen.length)
  }

  /** Takes back what was not done of a write that had not ended. */
  #undo(write: WriteNumber, seen: Buffer): void {
    for (const [sector, versions] of [...this.#pending]) {
      const start = sector * sectorBytes
      const there = seen.subarray(start, start + sectorBytes)
      const newest = versions.at(-1)
      if (newest?.write !== write || there.equals(newest.bytes.subarray(0, there.length))) continue
      if (versions.length === 1) this.#pending.delete(sector)
      else this.#pending.set(sector, versions.slice(0, -1))
      there.copy(this.cached, start)
    }
    this.#lengths = this.#lengths.filter((length) => length.write !== write)
    if (this.#cached.length !== seen.length) this.#setLength(write, seen.length)
  }
}

const pendingOf = (sector: number, versions: readonly Version[]): PendingSector => ({
  sector,
  writes: versions.map(({ write }) => write),
})

/** The sectors that bytes from `at` up to `end` touch. */
export function* sectorsOf(at: number, end: number): Generator<number> {
  for (let sector = Math.floor(at / sectorBytes); sector * sectorBytes < end; sector++) yield sector
}
