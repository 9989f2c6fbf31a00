/**
 * Events to bytes and back, as FORMAT.md says. An entry holds the events of one append; each record
 * in it has a checksum of its own.
 */
import assert from 'node:assert/strict'
import { crc32 } from 'node:zlib'
import type { RecordedEvent } from '../domain.ts'
import { CorruptLogError } from '../errors.ts'

const entryMagic = 0x4c4f
const entryFormat = 1
const entryHeaderBytes = 8
const recordHeaderBytes = 44
const hashBytes = 16
const hasBy = 1
const bytesPerChar = 3

/** The entry of these events, which follow each other. The buffer is the caller's to keep. */
export function encodeEntry(events: readonly RecordedEvent[]): Buffer {
  const tableEnd = entryHeaderBytes + 4 * events.length
  const texts = events.map(textOf)
  let bytesMax = tableEnd + 4
  for (const text of texts) bytesMax += recordHeaderBytes + hashBytes + bytesPerChar * text.length
  const entry = Buffer.allocUnsafe(bytesMax)
  entry.writeUInt16LE(entryMagic, 0)
  entry[2] = entryFormat
  entry[3] = 0
  entry.writeUInt32LE(events.length, 4)
  let end = tableEnd + 4
  for (let index = 0; index < events.length; index++) {
    end = encodeRecord(entry, end, events[index]!, texts[index]!)
    entry.writeUInt32LE(end, entryHeaderBytes + 4 * index)
  }
  entry.writeUInt32LE(crc32(entry.subarray(0, tableEnd)), tableEnd)
  return entry.subarray(0, end)
}

/** All of a record that is text, in the order in which it is stored. */
function textOf({ type, orderId, commandId, by, data }: RecordedEvent): string {
  return type + orderId + (commandId ?? '') + (by ?? '') + JSON.stringify(data)
}

/** Writes one record from `start` on, and returns where it ends. */
function encodeRecord(entry: Buffer, start: number, event: RecordedEvent, text: string): number {
  const { type, orderId, commandId, by } = event
  let at = start + recordHeaderBytes
  if (commandId !== null) {
    assert(commandId !== '', 'A commandId has at least one character.')
    assert(event.commandHash !== null, 'A commandId is recorded with the hash of its command.')
    const written = entry.write(event.commandHash, at, 'hex')
    assert(written === hashBytes, 'The hash of a command has 16 bytes.')
    at += hashBytes
  }
  const textBytes = entry.write(text, at)
  at += textBytes
  // A byte a character says that all of it is ASCII.
  const bytesOf = textBytes === text.length ? charsOf : utf8BytesOf
  entry.writeUInt32LE(at - start, start + 4)
  entry.writeDoubleLE(event.eventId, start + 8)
  entry.writeDoubleLE(event.previousEventId ?? 0, start + 16)
  entry.writeDoubleLE(event.recordedAt, start + 24)
  entry.writeUInt32LE(event.version, start + 32)
  entry.writeUInt16LE(event.schema, start + 36)
  entry.writeUInt8(bytesOf(type), start + 38)
  entry.writeUInt8(bytesOf(orderId), start + 39)
  entry.writeUInt8(bytesOf(commandId), start + 40)
  entry.writeUInt8(by === null ? 0 : hasBy, start + 41)
  entry.writeUInt16LE(bytesOf(by), start + 42)
  entry.writeUInt32LE(crc32(entry.subarray(start + 4, at)), start)
  return at
}

const charsOf = (text: string | null) => text?.length ?? 0
const utf8BytesOf = (text: string | null) => (text === null ? 0 : Buffer.byteLength(text))

/** An entry of the log whose header has been checked; its records are checked as they are read. */
export class Entry {
  /** The eventId of its first event. */
  readonly first: number
  readonly count: number
  readonly #bytes: Buffer

  /** @throws {CorruptLogError} naming `first`, if the header is not what was written */
  constructor(first: number, bytes: Buffer) {
    this.first = first
    this.#bytes = bytes
    if (bytes.length < entryHeaderBytes + 4) throw new CorruptLogError(first, 'it is cut short')
    if (bytes.readUInt16LE(0) !== entryMagic || bytes[2] !== entryFormat) {
      throw new CorruptLogError(first, 'no entry of the log begins like that')
    }
    this.count = bytes.readUInt32LE(4)
    const tableEnd = entryHeaderBytes + 4 * this.count
    const fits = this.count > 0 && tableEnd + 4 <= bytes.length
    if (!fits || bytes.readUInt32LE(tableEnd) !== crc32(bytes.subarray(0, tableEnd))) {
      throw new CorruptLogError(first, 'the checksum of its entry does not match')
    }
  }

  /** The eventId of its last event. */
  get last(): number {
    return this.first + this.count - 1
  }

  holds(eventId: number): boolean {
    return this.first <= eventId && eventId <= this.last
  }

  /**
   * The event with this id, which lies within the entry.
   *
   * @throws {CorruptLogError} naming the event, if its record is not what was written
   */
  event(eventId: number): RecordedEvent {
    const index = eventId - this.first
    assert(index >= 0 && index < this.count, 'The event must lie within the entry.')
    const start = index === 0 ? entryHeaderBytes + 4 * this.count + 4 : this.#end(index - 1)
    const event = decodeRecord(this.#bytes.subarray(start, this.#end(index)), eventId)
    if (event.eventId !== eventId) {
      throw new CorruptLogError(eventId, `event ${event.eventId} is in its place`)
    }
    return event
  }

  /** Its events from `from` on. */
  events(from = this.first): RecordedEvent[] {
    const events: RecordedEvent[] = []
    for (let id = Math.max(from, this.first); id <= this.last; id++) events.push(this.event(id))
    return events
  }

  #end(index: number): number {
    return this.#bytes.readUInt32LE(entryHeaderBytes + 4 * index)
  }
}

function decodeRecord(record: Buffer, eventId: number): RecordedEvent {
  const whole = record.length >= recordHeaderBytes && record.readUInt32LE(4) === record.length
  if (!whole || record.readUInt32LE(0) !== crc32(record.subarray(4))) {
    throw new CorruptLogError(eventId, 'its checksum does not match')
  }
  let at = recordHeaderBytes
  const take = (bytes: number) => {
    at += bytes
    return record.toString('utf8', at - bytes, at)
  }
  const commandIdBytes = record.readUInt8(40)
  let commandHash: string | null = null
  if (commandIdBytes > 0) {
    commandHash = record.toString('hex', at, at + hashBytes)
    at += hashBytes
  }
  const type = take(record.readUInt8(38))
  const orderId = take(record.readUInt8(39))
  const commandId = commandIdBytes > 0 ? take(commandIdBytes) : null
  const by = record.readUInt8(41) & hasBy ? take(record.readUInt16LE(42)) : null
  return {
    eventId: record.readDoubleLE(8),
    type,
    orderId,
    version: record.readUInt32LE(32),
    previousEventId: record.readDoubleLE(16) || null,
    recordedAt: record.readDoubleLE(24),
    by,
    commandId,
    commandHash,
    schema: record.readUInt16LE(36),
    data: JSON.parse(record.toString('utf8', at)),
  }
}
