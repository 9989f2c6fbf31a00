/**
 * A record of the views of orders whose places follow each other: after the checksum 4 bytes each for
 * how many bytes the view has, 0 where there is none yet; then the views, as JSON: what clients are sent
 * of them is JSON, too, and any text comes back from it to the character.
 */
import type { View } from '../../domain.ts'
import { ByteWriter } from '../../log/byte-writer.ts'
import { checksumBytes, seal, viewsPerRecord } from './layout.ts'

const tableEnd = checksumBytes + 4 * viewsPerRecord

/** The view with this number in a record; undefined where there is none. */
export function viewIn(record: Buffer, index: number): View | undefined {
  const { start, end } = rangeOf(record, index)
  if (start === end) return undefined
  return JSON.parse(record.toString('utf8', start, end))
}

/** What a record of views mostly has. */
const recordBytesGuess = 32 * 1024

/** Memory for the making of records, one after the other. */
export const recordWriter = (): ByteWriter => new ByteWriter(recordBytesGuess)

/** A record with some of its views replaced, by their numbers in it. */
export function viewRecordOf(
  key: number,
  views: ReadonlyMap<number, View>,
  before: Buffer | undefined,
  writer = recordWriter(),
): Buffer {
  writer.at = 0
  writer.reserve(tableEnd)
  writer.at = tableEnd
  for (let index = 0; index < viewsPerRecord; index++) {
    const start = writer.at
    const view = views.get(index)
    if (view) writer.json(view)
    else if (before) writer.copy(partOf(before, index))
    writer.view.setUint32(checksumBytes + 4 * index, writer.at - start, true)
  }
  return seal(key, Buffer.from(writer.bytes.subarray(0, writer.at)))
}

function partOf(record: Buffer, index: number): Buffer {
  const { start, end } = rangeOf(record, index)
  return record.subarray(start, end)
}

function rangeOf(record: Buffer, index: number): { readonly start: number; readonly end: number } {
  let start = tableEnd
  for (let before = 0; before < index; before++) start += bytesAt(record, before)
  return { start, end: start + bytesAt(record, index) }
}

const bytesAt = (record: Buffer, index: number) => record.readUInt32LE(checksumBytes + 4 * index)
