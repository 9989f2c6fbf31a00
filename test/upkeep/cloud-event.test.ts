import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RecordedEvent } from '../../src/domain.ts'
import { cloudEventOf, recordedEventOf } from '../../src/upkeep/cloud-event.ts'
import { anyParts } from '../log/events.ts'
import { bob, recorded } from '../support/orders.ts'

const epoch = '0f5c754c-0702-43ad-b14e-6804a7006a59'
const event = recorded({
  eventId: 2002,
  orderId: 'bob-1',
  version: 2,
  previousEventId: 2001,
  recordedAt: Date.parse('2026-11-23T14:02:11.080Z'),
  by: 'shop',
  commandId: 'c-2',
  commandHash: '5f'.repeat(16),
  type: 'ModifyOrderEvent',
  data: { lines: bob.modify.lines },
})
/** What it is after it was written to a line and read from it. */
const lineOf = (of: RecordedEvent, domain = 'order') =>
  JSON.parse(JSON.stringify(cloudEventOf(of, domain, epoch)))
const cloudEvent = (change: object = {}) => ({ ...lineOf(event), ...change })

/** Times that are in four digits of a year; who it was is as long as a token's subject may be. */
const events = fc
  .tuple(
    anyParts,
    fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    fc.integer({ min: 0, max: Date.parse('9999-12-31T23:59:59.999Z') }),
  )
  .map(([parts, eventId, recordedAt]): RecordedEvent => ({ ...parts, eventId, recordedAt }))

it('is the event in the attributes of CloudEvents', () => {
  expect(lineOf(event)).toEqual({
    specversion: '1.0',
    id: '2002',
    source: `ordinal:order/${epoch}`,
    type: 'ModifyOrderEvent',
    subject: 'bob-1',
    time: '2026-11-23T14:02:11.080Z',
    dataschema: 'ordinal:order/ModifyOrderEvent/1',
    orderversion: 2,
    previousid: '2001',
    by: 'shop',
    commandid: 'c-2',
    commandhash: '5f'.repeat(16),
    data: { lines: [{ sku: 'widget', quantity: 6 }] },
  })
})

it('leaves out what there is not', () => {
  const line = lineOf(recorded({ eventId: 1 }))
  for (const name of ['previousid', 'by', 'commandid', 'commandhash']) {
    expect(line).not.toHaveProperty(name)
  }
})

it('keeps to what CloudEvents 1.0 asks of attributes', () => {
  fc.assert(
    fc.property(events, fc.string({ minLength: 1 }), (of, domain) => {
      const { data, ...attributes } = cloudEventOf(of, domain.toWellFormed(), epoch)
      expect(data).toBeTypeOf('object')
      for (const name of ['id', 'source', 'specversion', 'type'] as const) {
        expect(attributes[name]).toMatch(/./)
      }
      // URIs have no characters but these.
      expect(attributes.source).toMatch(/^[a-z]+:[\w.!~*'()%/-]+$/)
      expect(attributes.dataschema).toMatch(/^[a-z]+:[\w.!~*'()%/-]+$/)
      expect(attributes.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
      for (const [name, value] of Object.entries(attributes)) {
        expect(name).toMatch(/^[a-z0-9]{1,20}$/)
        expect(typeof value === 'string' || Number.isInteger(value)).toBe(true)
      }
    }),
  )
})

it('gives back exactly the event that it was made of', () => {
  fc.assert(
    fc.property(events, (of) => {
      fc.pre(of.by === null || of.by.length <= 256)
      expect(recordedEventOf(lineOf(of), 'order')).toStrictEqual(of)
    }),
  )
})

it('is read where another program wrote its time, or its type of data, in another way', () => {
  const change = {
    time: '2026-11-23T15:02:11.08+01:00',
    datacontenttype: 'application/json',
  }
  expect(recordedEventOf(cloudEvent(change), 'order')).toStrictEqual(event)
})

describe('is refused, and says why', () => {
  it.each<[string, object, string]>([
    ['of another version', { specversion: '0.3' }, '/specversion'],
    ['without an id', { id: undefined }, '/id is missing'],
    ['with an id in words', { id: 'one' }, '/id must match'],
    ['with an id that is no string', { id: 7 }, '/id'],
    ['with an id over 2^53', { id: '9007199254740993' }, '/id is over 9007199254740991'],
    ['of another program', { source: 'https://github.com/cloudevents' }, '/source must match'],
    ['without an order', { subject: undefined }, '/subject is missing'],
    ['with an order that is no id', { subject: 'bob 1' }, '/subject must match'],
    ['with a time of day', { time: '14:02' }, '/time must be like 2026-11-23T14:02:11.080Z'],
    ['with a time between milliseconds', { time: '2026-11-23T14:02:11.0805Z' }, '/time'],
    ['with a day that is none', { time: '2026-11-31T99:02:11.080Z' }, '/time'],
    ['with a time in a zone unsaid', { time: '2026-11-23T14:02:11.080' }, '/time'],
    ['without a version of its order', { orderversion: undefined }, '/orderversion is missing'],
    ['with version 0', { orderversion: 0 }, '/orderversion'],
    ['with version 1.5', { orderversion: 1.5 }, '/orderversion'],
    ['with the schema of another type', { type: 'OrderShippedEvent' }, '/dataschema'],
    [
      'with a schema over 65535',
      { dataschema: 'ordinal:order/ModifyOrderEvent/65536' },
      '/dataschema',
    ],
    [
      'of another domain',
      { dataschema: 'ordinal:parcel/ModifyOrderEvent/1' },
      'it is an event of parcel, and the log one of order',
    ],
    ['with a hash alone', { commandid: undefined }, '/commandid and /commandhash belong together'],
    ['with a commandId alone', { commandhash: undefined }, 'belong together'],
    ['with a hash of another length', { commandhash: '5f' }, '/commandhash must match'],
    ['with data that is a list', { data: [1] }, '/data'],
    ['without data', { data: undefined }, '/data is missing'],
    ['with data in base64', { data: undefined, data_base64: 'e30=' }, '/data'],
    ['with an attribute in other letters', { commandId: 'c-2' }, '/commandId is not a known key'],
  ])('%s', (_, change, why) => {
    const value = JSON.parse(JSON.stringify(cloudEvent(change)))
    expect(() => recordedEventOf(value, 'order')).toThrow(why)
  })

  it.each([null, 7, 'text', [], {}].map((value) => [value]))('%j', (value) => {
    expect(() => recordedEventOf(value, 'order')).toThrow()
  })
})
