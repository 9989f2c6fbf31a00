/**
 * Events to bytes and back, as FORMAT.md says. An entry holds the events of one append; each record
 * in it has a checksum of its own.
 */
import assert from 'node:assert/strict'
import type { RecordedEvent } from '../domain.ts'
import { CorruptLogError } from '../errors.ts'
import { ByteWriter, viewOf } from './byte-writer.ts'
import { crc32 } from './crc32.ts'
import { RecurringTexts } from './recurring-texts.ts'

const entryMagic = 0x4c4f
const entryFormat = 1
const entryHeaderBytes = 8
const recordHeaderBytes = 44
const hashBytes = 16
const hasBy = 1
/** What most records have. */
const recordBytesGuess = 192

/** The entry of these events, which follow each other. The buffer is the caller's to keep. */
export function encodeEntry(events: readonly RecordedEvent[]): Buffer {
  const writer = new ByteWriter(entryHeaderBytes + recordBytesGuess * events.length)
  writeEntry(writer, events)
  return writer.bytes.subarray(0, writer.at)
}

/** The same, from the start of a writer's memory on, which its next use writes over. */
export function writeEntry(writer: ByteWriter, events: readonly RecordedEvent[]): void {
  const tableEnd = entryHeaderBytes + 4 * events.length
  writer.at = 0
  writer.reserve(tableEnd + 4)
  writer.view.setUint16(0, entryMagic, true)
  writer.view.setUint8(2, entryFormat)
  writer.view.setUint8(3, 0)
  writer.view.setUint32(4, events.length, true)
  writer.at = tableEnd + 4
  for (let index = 0; index < events.length; index++) {
    writeRecord(writer, events[index]!)
    writer.view.setUint32(entryHeaderBytes + 4 * index, writer.at, true)
  }
  writer.view.setUint32(tableEnd, crc32(writer.view, 0, tableEnd), true)
}

function writeRecord(writer: ByteWriter, event: RecordedEvent): void {
  const { commandId, commandHash, by } = event
  const start = writer.at
  writer.reserve(recordHeaderBytes + hashBytes)
  writer.at = start + recordHeaderBytes
  if (commandId !== null) {
    assert(commandId !== '', 'A commandId has at least one character.')
    assert(commandHash !== null, 'A commandId is recorded with the hash of its command.')
    const written = writer.bytes.write(commandHash, writer.at, 'hex')
    assert(written === hashBytes, 'The hash of a command has 16 bytes.')
    writer.at += hashBytes
  }
  const typeBytes = fitting(writer.text(event.type), 2 ** 8)
  const orderIdBytes = fitting(writer.text(event.orderId), 2 ** 8)
  const commandIdBytes = commandId === null ? 0 : fitting(writer.text(commandId), 2 ** 8)
  const byBytes = by === null ? 0 : fitting(writer.text(by), 2 ** 16)
  writer.json(event.data)
  const { view, at: end } = writer
  view.setUint32(start + 4, end - start, true)
  view.setFloat64(start + 8, event.eventId, true)
  view.setFloat64(start + 16, event.previousEventId ?? 0, true)
  view.setFloat64(start + 24, event.recordedAt, true)
  view.setUint32(start + 32, fitting(event.version, 2 ** 32), true)
  view.setUint16(start + 36, fitting(event.schema, 2 ** 16), true)
  view.setUint8(start + 38, typeBytes)
  view.setUint8(start + 39, orderIdBytes)
  view.setUint8(start + 40, commandIdBytes)
  view.setUint8(start + 41, by === null ? 0 : hasBy)
  view.setUint16(start + 42, byBytes, true)
  view.setUint32(start, crc32(view, start + 4, end), true)
}

/** A view writes the lower bits of a number that does not fit, and says nothing. */
function fitting(number: number, below: number): number {
  if (number < below) return number
  throw new RangeError(`An event holds a number of ${number} where there is room below ${below}.`)
}

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
    if (!fits || bytes.readUInt32LE(tableEnd) !== crc32(viewOf(bytes), 0, tableEnd)) {
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
    const event = decodeRecord(this.record(eventId), eventId)
    if (event.eventId !== eventId) {
      throw new CorruptLogError(eventId, `event ${event.eventId} is in its place`)
    }
    return event
  }

  /** The bytes of the event with this id, which lies within the entry, as they are. */
  record(eventId: number): Buffer {
    const index = eventId - this.first
    assert(index >= 0 && index < this.count, 'The event must lie within the entry.')
    const start = index === 0 ? entryHeaderBytes + 4 * this.count + 4 : this.#end(index - 1)
    return this.#bytes.subarray(start, this.#end(index))
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

/**
 * How many bytes the sound record has that begins here; 0 where none does. Costs next to nothing where
 * there is something else.
 */
export function recordBytesAt(bytes: Buffer, at: number, recordBytesMax: number): number {
  // The length is looked at byte by byte first: a text has no zero there.
  if (bytes[at + 7] !== 0 || at + recordHeaderBytes > bytes.length) return 0
  const length = bytes.readUInt32LE(at + 4)
  if (length < recordHeaderBytes || length > recordBytesMax || at + length > bytes.length) return 0
  const eventId = eventIdAt(bytes, at)
  if (!Number.isSafeInteger(eventId) || eventId < 1) return 0
  return isSound(bytes.subarray(at, at + length)) ? length : 0
}

/**
 * What a damaged record says that it is, where that can still be read: nothing to rely on, and perhaps
 * of use to somebody who looks for it.
 */
export function clueIn(
  record: Buffer,
): { readonly type: string; readonly orderId: string } | undefined {
  if (record.length < recordHeaderBytes) return undefined
  const start = recordHeaderBytes + (record[40]! > 0 ? hashBytes : 0)
  const typeEnd = start + record[38]!
  const type = record.toString('utf8', start, typeEnd)
  const orderId = record.toString('utf8', typeEnd, typeEnd + record[39]!)
  return isName.test(type) && isName.test(orderId) ? { type, orderId } : undefined
}

const isName = /^[A-Za-z0-9_.:-]{1,64}$/

/** The eventId of the record that begins here. */
export const eventIdAt = (bytes: Buffer, at: number) => bytes.readDoubleLE(at + 8)

/** The checksum of the record that begins here. */
export const checksumAt = (bytes: Buffer, at: number) => bytes.readUInt32LE(at)

function isSound(record: Buffer): boolean {
  const isWhole = record.length >= recordHeaderBytes && record.readUInt32LE(4) === record.length
  return isWhole && record.readUInt32LE(0) === crc32(viewOf(record), 4, record.length)
}

const types = new RecurringTexts()

/** @throws {CorruptLogError} naming `eventId`, if the record is not what was written */
export function decodeRecord(record: Buffer, eventId: number): RecordedEvent {
  if (!isSound(record)) throw new CorruptLogError(eventId, 'its checksum does not match')
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
  at += record.readUInt8(38)
  const type = types.read(record, at - record.readUInt8(38), at)
  const orderId = take(record.readUInt8(39))
  const commandId = commandIdBytes > 0 ? take(commandIdBytes) : null
  const by = record.readUInt8(41) & hasBy ? take(record.readUInt16LE(42)) : null
  return {
    eventId: inline(record.readDoubleLE(8)),
    type,
    orderId,
    version: record.readUInt32LE(32),
    previousEventId: inline(record.readDoubleLE(16)) || null,
    recordedAt: record.readDoubleLE(24),
    by,
    commandId,
    commandHash,
    schema: record.readUInt16LE(36),
    data: JSON.parse(record.toString('utf8', at)),
  }
}

/** The same number. V8 gives what was read as a double a box of 16 bytes, unless it is told not to. */
function inline(number: number): number {
  const integer = number | 0
  return integer === number ? integer : number
}
