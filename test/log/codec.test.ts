import { AssertionError } from 'node:assert'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RecordedEvent } from '../../src/domain.ts'
import { CorruptLogError } from '../../src/errors.ts'
import { Entry, encodeEntry } from '../../src/log/codec.ts'
import { recorded } from '../support/orders.ts'
import { anyParts, following } from './events.ts'

const whole = recorded({
  eventId: 2002,
  type: 'ModifyOrderEvent',
  orderId: 'bob-1',
  version: 2,
  previousEventId: 2001,
  by: 'Zoë',
  commandId: 'c-1',
  commandHash: '000102030405060708090a0b0c0d0e0f',
  schema: 3,
  data: { lines: [{ sku: '件', quantity: 6 }] },
})

/** The fault with which an event of an entry is refused; undefined where it is served. */
function faultOf(bytes: Buffer, first: number, eventId: number): unknown {
  try {
    new Entry(first, bytes).event(eventId)
    return undefined
  } catch (error) {
    return error
  }
}

describe('the stored form', () => {
  it('is laid out as FORMAT.md says', () => {
    const entry = encodeEntry([whole, recorded({ eventId: 2003 })])
    expect(entry.subarray(0, 8).toString('hex')).toBe('4f4c010002000000')
    expect(entry.readUInt32LE(16)).toBe(crc32(entry.subarray(0, 16)))
    const end = entry.readUInt32LE(8)
    expect(entry.readUInt32LE(12)).toBe(entry.length)

    const record = entry.subarray(20, end)
    expect(record.readUInt32LE(0)).toBe(crc32(record.subarray(4)))
    expect(record.readUInt32LE(4)).toBe(record.length)
    const doubles = [8, 16, 24].map((offset) => record.readDoubleLE(offset))
    expect(doubles).toEqual([2002, 2001, whole.recordedAt])
    expect(record.readUInt32LE(32)).toBe(2)
    expect(record.readUInt16LE(36)).toBe(3)
    expect([...record.subarray(38, 44)]).toEqual([16, 5, 3, 1, 4, 0])
    expect(record.subarray(44, 60).toString('hex')).toBe(whole.commandHash)
    const text = 'ModifyOrderEventbob-1c-1Zoë{"lines":[{"sku":"件","quantity":6}]}'
    expect(record.subarray(60).toString()).toBe(text)
  })

  it('leaves out what an event does not have', () => {
    const record = encodeEntry([recorded({ data: {} })]).subarray(16)
    expect(record.readDoubleLE(16)).toBe(0)
    expect([...record.subarray(40, 44)]).toEqual([0, 0, 0, 0])
    expect(record.subarray(44).toString()).toBe('NewOrderEventorder-1{}')
  })

  it('keeps a `by` that is empty apart from none', () => {
    for (const by of ['', null]) {
      expect(new Entry(1, encodeEntry([recorded({ by })])).event(1).by).toBe(by)
    }
  })

  it.each<[string, Partial<RecordedEvent>]>([
    ['a commandId without a hash', { commandId: 'c', commandHash: null }],
    ['a hash that is cut short', { commandId: 'c', commandHash: '00ff' }],
    ['an empty commandId', { commandId: '', commandHash: '00'.repeat(16) }],
  ])('takes no event with %s', (_, parts) => {
    expect(() => encodeEntry([recorded(parts)])).toThrow(AssertionError)
  })

  it.each<[string, Partial<RecordedEvent>]>([
    ['an orderId over 255 bytes', { orderId: 'o'.repeat(256) }],
    ['a version over 32 bits', { version: 2 ** 32 }],
    ['a schema over 16 bits', { schema: 2 ** 16 }],
  ])('takes no event with %s', (_, parts) => {
    expect(() => encodeEntry([recorded(parts)])).toThrow(RangeError)
  })

  it('serves each event of an entry, and all from one on', () => {
    const property = fc.property(fc.array(anyParts, { minLength: 1 }), fc.nat(), (parts, nat) => {
      const events = parts.map((part, index) => ({ ...part, eventId: 11 + index }))
      const entry = new Entry(11, encodeEntry(events))
      const from = nat % events.length
      expect(entry).toMatchObject({ first: 11, last: 10 + events.length, count: events.length })
      expect(entry.event(11 + from)).toStrictEqual(events[from])
      expect(entry.events(11 + from)).toStrictEqual(events.slice(from))
    })
    fc.assert(property)
  })
})

describe('an entry with one bit flipped', () => {
  const events = [whole, ...following(2002, 2, { by: 'bob' })]
  const sound = encodeEntry(events)
  const tableEnd = 8 + 4 * events.length + 4
  const ends = events.map((_, index) => sound.readUInt32LE(8 + 4 * index))

  it('serves nothing of what the bit lies in, and names it', () => {
    for (let bit = 0; bit < sound.length * 8; bit++) {
      const bytes = Buffer.from(sound)
      bytes[bit >> 3]! ^= 1 << (bit & 7)
      // A flip in the head of the entry touches all events; one in a record that event alone.
      const isInHead = bit >> 3 < tableEnd
      const index = ends.findIndex((end) => bit >> 3 < end)
      for (const [at, { eventId }] of events.entries()) {
        const fault = faultOf(bytes, 2002, eventId)
        const isTouched = isInHead || at === index
        expect(fault instanceof CorruptLogError, `bit ${bit}, event ${eventId}`).toBe(isTouched)
        if (!isTouched) expect(fault).toBeUndefined()
        if (isTouched) expect(fault).toMatchObject({ eventId: isInHead ? 2002 : eventId })
      }
    }
  })

  it('is refused wherever it is cut short', () => {
    for (let length = 0; length < sound.length; length++) {
      const fault = faultOf(sound.subarray(0, length), 2002, 2004)
      expect(fault, `${length} bytes`).toBeInstanceOf(CorruptLogError)
    }
  })
})

it('names the event whose place another one has', () => {
  const fault = faultOf(encodeEntry(following(6, 2)), 1, 2)
  expect(fault).toBeInstanceOf(CorruptLogError)
  expect(fault).toMatchObject({ eventId: 2, message: expect.stringContaining('event 8 is in its') })
})
