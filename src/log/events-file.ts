/**
 * Looks at `events.mdb` before it is mapped: LMDB trusts what it maps, and a process that touches
 * what is not there dies without a word.
 */
import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DataFolderError } from '../errors.ts'

export const eventsFile = 'events.mdb'
export const eventsPath = (folder: string) => join(folder, eventsFile)

/** Where things stand in a meta page of LMDB, of which the file begins with two. */
const magicOffset = 24
const pageBytesOffset = 48
const entriesOffset = 128
const lastPageOffset = 144
const transactionOffset = 152
const metaBytes = 160
const magic = 0xbeefc0de

/** How long the events file is; 0 where there is none. */
export const bytesOfEventsFile = (folder: string) =>
  statSync(eventsPath(folder), { throwIfNoEntry: false })?.size ?? 0

/**
 * How many entries there are.
 *
 * @throws {DataFolderError} if there is no file, it is no LMDB file, or it is cut short
 */
export function checkEventsFile(folder: string): number {
  const path = eventsPath(folder)
  if (!existsSync(path)) {
    throw new DataFolderError(`${path} is missing: the log of ${folder} is lost or was moved.`)
  }
  const file = openSync(path, 'r')
  try {
    const first = readMeta(file, 0)
    const second = first && readMeta(file, first.readUInt32LE(pageBytesOffset))
    // A commit writes its pages before its meta page, so the file is looked at after that.
    const { size } = fstatSync(file)
    if (!first || !second) {
      throw new DataFolderError(`${path} (${size} bytes) is not a log: it does not begin like one.`)
    }
    const newest = transactionOf(first) > transactionOf(second) ? first : second
    if (size < bytesOf(newest)) {
      const short = `${size} bytes of ${bytesOf(newest)}`
      throw new DataFolderError(`${path} is cut short: it has ${short}.`)
    }
    return Number(newest.readBigUInt64LE(entriesOffset))
  } finally {
    closeSync(file)
  }
}

function readMeta(file: number, at: number): Buffer | undefined {
  const meta = Buffer.alloc(metaBytes)
  const read = readSync(file, meta, 0, metaBytes, at)
  return read === metaBytes && meta.readUInt32LE(magicOffset) === magic ? meta : undefined
}

const transactionOf = (meta: Buffer) => meta.readBigUInt64LE(transactionOffset)

/** How long the file is at least, with the pages that this meta page speaks of. */
const bytesOf = (meta: Buffer) =>
  (Number(meta.readBigUInt64LE(lastPageOffset)) + 1) * meta.readUInt32LE(pageBytesOffset)
