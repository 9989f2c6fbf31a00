/**
 * A record of the views of orders whose places follow each other: after the checksum 4 bytes each for
 * how many bytes the view has, 0 where there is none yet; then the views, as JSON: what clients are sent
 * of them is JSON, too, and any text comes back from it to the character.
 */
import type { View } from '../../domain.ts'
import { checksumBytes, seal, viewsPerRecord } from './layout.ts'

const tableEnd = checksumBytes + 4 * viewsPerRecord

/** The view with this number in a record; undefined where there is none. */
export function viewIn(record: Buffer, index: number): View | undefined {
  const { start, end } = rangeOf(record, index)
  if (start === end) return undefined
  return JSON.parse(record.toString('utf8', start, end))
}

/** A record with some of its views replaced, by their numbers in it. */
export function viewRecordOf(
  key: number,
  views: ReadonlyMap<number, View>,
  before: Buffer | undefined,
): Buffer {
  const parts: (Buffer | string)[] = []
  for (let index = 0; index < viewsPerRecord; index++) {
    const view = views.get(index)
    parts.push(view ? JSON.stringify(view) : partOf(before, index))
  }
  let end = tableEnd
  for (const part of parts) end += Buffer.byteLength(part)
  const record = Buffer.allocUnsafe(end)
  let at = tableEnd
  for (const [index, part] of parts.entries()) {
    const bytes = typeof part === 'string' ? record.write(part, at) : part.copy(record, at)
    record.writeUInt32LE(bytes, checksumBytes + 4 * index)
    at += bytes
  }
  return seal(key, record)
}

function partOf(record: Buffer | undefined, index: number): Buffer | string {
  if (!record) return ''
  const { start, end } = rangeOf(record, index)
  return record.subarray(start, end)
}

function rangeOf(record: Buffer, index: number): { readonly start: number; readonly end: number } {
  let start = tableEnd
  for (let before = 0; before < index; before++) start += bytesAt(record, before)
  return { start, end: start + bytesAt(record, index) }
}

const bytesAt = (record: Buffer, index: number) => record.readUInt32LE(checksumBytes + 4 * index)
