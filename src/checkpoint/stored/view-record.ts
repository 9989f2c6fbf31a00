/**
 * A record of the views of orders whose places follow each other: after the checksum 4 bytes each for
 * how many bytes the view has, 0 where there is none yet; then the views, as JSON.
 */
import type { View } from '../../domain.ts'
import { checksumBytes, seal, viewsPerRecord } from './layout.ts'

const tableEnd = checksumBytes + 4 * viewsPerRecord
const bytesPerChar = 3

/** The view with this number in a record; undefined where there is none. */
export function viewIn(record: Buffer, index: number): View | undefined {
  const { start, end } = rangeOf(record, index)
  if (start === end) return undefined
  return Object.freeze(JSON.parse(record.toString('utf8', start, end)))
}

function rangeOf(record: Buffer, index: number): { readonly start: number; readonly end: number } {
  let start = tableEnd
  for (let before = 0; before < index; before++) start += bytesAt(record, before)
  return { start, end: start + bytesAt(record, index) }
}

const bytesAt = (record: Buffer, index: number) => record.readUInt32LE(checksumBytes + 4 * index)

/** A record with some of its views replaced. `texts` are JSON, by their numbers in it. */
export function viewRecordOf(
  key: number,
  texts: ReadonlyMap<number, string>,
  before: Buffer | undefined,
): Buffer {
  let bytesMax = tableEnd + (before?.length ?? 0)
  for (const text of texts.values()) bytesMax += bytesPerChar * text.length
  const record = Buffer.allocUnsafe(bytesMax)
  let end = tableEnd
  for (let index = 0; index < viewsPerRecord; index++) {
    const text = texts.get(index)
    let bytes = 0
    if (text !== undefined) bytes = record.write(text, end)
    else if (before) {
      const range = rangeOf(before, index)
      bytes = before.copy(record, end, range.start, range.end)
    }
    record.writeUInt32LE(bytes, checksumBytes + 4 * index)
    end += bytes
  }
  return seal(key, Buffer.from(record.subarray(0, end)))
}
