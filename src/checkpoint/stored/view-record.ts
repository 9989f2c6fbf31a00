/**
 * A record of the views of orders whose places follow each other: after the checksum 4 bytes each for
 * how many bytes the view has, 0 where there is none yet; then the views, in MessagePack. The names of
 * their fields are not in it, but in the structures that the checkpoint tells of itself.
 */
import { Packr } from 'msgpackr'
import type { View } from '../../domain.ts'
import { checksumBytes, seal, viewsPerRecord } from './layout.ts'

/** Names of fields, in lists that views refer to by their numbers. */
export type Structures = readonly (readonly string[])[]

const tableEnd = checksumBytes + 4 * viewsPerRecord

/** Views to bytes and back. */
export class ViewCodec {
  readonly #packr: Packr

  constructor(structures: Structures = []) {
    this.#packr = new Packr({ structures: structures.map((names) => [...names]) as never[] })
  }

  /** All that were needed so far; what was written with them needs them, and those before them. */
  get structures(): Structures {
    const { structures } = this.#packr as unknown as { structures: Structures }
    return structures.map((names) => [...names])
  }

  /** The view with this number in a record; undefined where there is none. */
  viewIn(record: Buffer, index: number): View | undefined {
    const { start, end } = rangeOf(record, index)
    if (start === end) return undefined
    return Object.freeze(this.#packr.unpack(record.subarray(start, end)))
  }

  /** A record with some of its views replaced, by their numbers in it. */
  record(key: number, views: ReadonlyMap<number, View>, before: Buffer | undefined): Buffer {
    const parts: Buffer[] = []
    let end = tableEnd
    for (let index = 0; index < viewsPerRecord; index++) {
      const part = this.#part(views.get(index), index, before)
      parts.push(part)
      end += part.length
    }
    const record = Buffer.allocUnsafe(end)
    let at = tableEnd
    for (const [index, part] of parts.entries()) {
      record.writeUInt32LE(part.length, checksumBytes + 4 * index)
      record.set(part, at)
      at += part.length
    }
    return seal(key, record)
  }

  #part(view: View | undefined, index: number, before: Buffer | undefined): Buffer {
    if (view) return this.#packr.pack(view)
    if (!before) return nothing
    const { start, end } = rangeOf(before, index)
    return before.subarray(start, end)
  }
}

const nothing = Buffer.alloc(0)

function rangeOf(record: Buffer, index: number): { readonly start: number; readonly end: number } {
  let start = tableEnd
  for (let before = 0; before < index; before++) start += bytesAt(record, before)
  return { start, end: start + bytesAt(record, index) }
}

const bytesAt = (record: Buffer, index: number) => record.readUInt32LE(checksumBytes + 4 * index)
