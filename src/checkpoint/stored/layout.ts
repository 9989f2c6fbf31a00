/**
 * What is where in `checkpoint.mdb`. Each entry is a record: a checksum over its key and its content,
 * then the content.
 *
 *   about       one record: what the checkpoint is of, and how much of it there is
 *   views       the views of 32 orders, by place
 *   ids         pairs (hash of an orderId, place), by the lower bits of the hash
 *   owners      pairs (hash of a customer, place), by 65,536 places, and then by the lower bits
 *   places      the places of the orders that events are of, by 16,384 events
 *   statuses    a bit an order, by status, by 32,768 places
 *   states      the same by the states that have none inside them
 */
import { crc32 } from 'node:zlib'

/** The version of all of this. */
export const checkpointFormat = 3

/** A record is named by its kind and its number there. */
export const kinds = {
  ...{ about: 0, views: 1, ids: 2, owners: 3, places: 4 },
  ...{ statuses: 5, states: 6 },
} as const
export type Kind = keyof typeof kinds

/** Orders whose views are in one record. */
export const viewsPerRecord = 32
/** Events whose orders' places are in one record. */
export const eventsPerRecord = 16_384
/** Orders, a bit each, in one record. */
export const bitsPerRecord = 32_768
/** Pairs of ids in one record, on the average, before there are made twice as many records. */
export const idsPerRecord = 1024
/** Orders whose pairs of customers are in one range of records. */
export const ordersPerRange = 65_536
const ownerRecordsPerRange = 64

/** Numbers of one kind; all of them together are exact. */
const numbersPerKind = 2 ** 40

export const keyOf = (kind: Kind, number: number): number => kinds[kind] * numbersPerKind + number

const bitsRecordsMax = 2 ** 20

/** The key of the bits of so many orders that have a status, or are in a state, or not. */
export const bitsKey = (kind: 'statuses' | 'states', name: number, record: number) =>
  keyOf(kind, name * bitsRecordsMax + record)

/** The key of the pairs of an orderId, where there are two to the power of `bits` records of them. */
export const idsKey = (bits: number, hash: number) => keyOf('ids', 2 ** bits + (hash % 2 ** bits))

/** The key of the pairs of a customer among the orders of a range. */
export const ownersKey = (range: number, hash: number) =>
  keyOf('owners', range * ownerRecordsPerRange + (hash % ownerRecordsPerRange))

/** A key in words, such as `views 17`. */
export function nameOf(key: number): string {
  const [kind] = Object.entries(kinds)[Math.floor(key / numbersPerKind)] ?? ['unknown']
  return `${kind} ${key % numbersPerKind}`
}

/** Records to be written, by key; undefined for one that is to be removed. */
export type Records = ReadonlyMap<number, Buffer | undefined>

export const checksumBytes = 4

/** Writes the checksum of a record whose content is in place. */
export function seal(key: number, record: Buffer): Buffer {
  record.writeUInt32LE(checksumOf(key, record), 0)
  return record
}

/** Whether a record is what was written under this key. */
export const isSealed = (key: number, record: Buffer): boolean =>
  record.length >= checksumBytes && record.readUInt32LE(0) === checksumOf(key, record)

function checksumOf(key: number, record: Buffer): number {
  const seed = ((key % 2 ** 32) ^ Math.imul(key / 2 ** 32, 0x9e3779b1)) >>> 0
  return crc32(record.subarray(checksumBytes), seed)
}

/**
 * Of a set of keys, as the bits of all of them together: put to it and taken out in the same way. NaN
 * where one is none that a record has.
 */
export function mixKey(mixed: number, key: number): number {
  if (!Number.isSafeInteger(key) || Number.isNaN(mixed)) return Number.NaN
  let bits = Math.imul((key % 2 ** 32) ^ Math.imul(key / 2 ** 32, 0x9e3779b1), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (mixed ^ bits ^ (bits >>> 16)) >>> 0
}
