/** An event of a log as a CloudEvent 1.0, in its JSON format, and back. README.md has an example. */
import { type Static, Type } from 'typebox'
import { idPattern, subjectCharsMax } from '../config.ts'
import type { RecordedEvent } from '../domain.ts'
import { compileCheck } from '../protocol/params.ts'

const eventId = Type.String({ pattern: '^[1-9][0-9]{0,15}$' })
const versionMax = 2 ** 32 - 1
const schemaMax = 2 ** 16 - 1

/** Names of attributes are small letters and digits, and whole numbers in them have 32 bits at most. */
const CloudEvent = Type.Object(
  {
    specversion: Type.Literal('1.0'),
    id: eventId,
    source: Type.String({ pattern: '^ordinal:[^/]+/[^/]+$' }),
    type: Type.String({ minLength: 1 }),
    subject: Type.String({ pattern: idPattern }),
    time: Type.String(),
    datacontenttype: Type.Optional(Type.Literal('application/json')),
    dataschema: Type.String({ pattern: '^ordinal:[^/]+/[^/]+/[0-9]{1,5}$' }),
    orderversion: Type.Integer({ minimum: 1, maximum: versionMax }),
    previousid: Type.Optional(eventId),
    by: Type.Optional(Type.String({ maxLength: subjectCharsMax })),
    commandid: Type.Optional(Type.String({ pattern: idPattern })),
    commandhash: Type.Optional(Type.String({ pattern: '^[0-9a-f]{32}$' })),
    data: Type.Object({}),
  },
  { additionalProperties: false },
)

export type CloudEvent = Static<typeof CloudEvent>

const faultsOf = compileCheck(CloudEvent)

/** @param epoch of the log, so that source and id together name the event for ever */
export function cloudEventOf(event: RecordedEvent, domain: string, epoch: string): CloudEvent {
  const { by, commandId, commandHash, previousEventId } = event
  return {
    specversion: '1.0',
    id: String(event.eventId),
    source: `ordinal:${part(domain)}/${part(epoch)}`,
    type: event.type,
    subject: event.orderId,
    time: new Date(event.recordedAt).toISOString(),
    dataschema: `ordinal:${part(domain)}/${part(event.type)}/${event.schema}`,
    orderversion: event.version,
    ...(previousEventId === null ? {} : { previousid: String(previousEventId) }),
    ...(by === null ? {} : { by }),
    ...(commandId === null ? {} : { commandid: commandId }),
    ...(commandHash === null ? {} : { commandhash: commandHash }),
    data: event.data,
  }
}

const part = encodeURIComponent

/** What is wrong with a CloudEvent, in words. */
export class CloudEventError extends Error {}

/**
 * The event that a CloudEvent is of.
 *
 * @param domain the name of the one whose events are taken
 * @throws {CloudEventError} if it is none of this domain, or not one that `cloudEventOf` made
 */
export function recordedEventOf(value: unknown, domain: string): RecordedEvent {
  const [fault] = faultsOf(value)
  if (fault) throw new CloudEventError(`${fault.path || 'it'} ${fault.message}`)
  const event = value as CloudEvent
  const { schema, ...form } = formOf(event)
  if (form.domain !== part(domain)) {
    throw new CloudEventError(`it is an event of ${form.domain}, and the log one of ${domain}`)
  }
  if (form.type !== part(event.type) || schema > schemaMax) {
    throw new CloudEventError('/dataschema is not that of its type')
  }
  const { commandid: commandId = null, commandhash: commandHash = null, by = null } = event
  if ((commandId === null) !== (commandHash === null)) {
    throw new CloudEventError('/commandid and /commandhash belong together')
  }
  return {
    eventId: wholeNumber(event.id, '/id'),
    type: event.type,
    orderId: event.subject,
    version: event.orderversion,
    previousEventId:
      event.previousid === undefined ? null : wholeNumber(event.previousid, '/previousid'),
    recordedAt: timeOf(event.time),
    by,
    commandId,
    commandHash,
    schema,
    data: event.data,
  }
}

function formOf({ dataschema }: CloudEvent) {
  const [domain, type, schema] = dataschema.slice('ordinal:'.length).split('/')
  return { domain, type, schema: Number(schema) }
}

function wholeNumber(text: string, path: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value)) return value
  throw new CloudEventError(`${path} is over ${Number.MAX_SAFE_INTEGER}`)
}

/** RFC 3339, which has the offset from UTC in it; to the millisecond. */
function timeOf(text: string): number {
  const isTime = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,3}0*)?(?:[Zz]|[+-]\d\d:\d\d)$/.test(
    text,
  )
  const time = isTime ? Date.parse(text.toUpperCase()) : Number.NaN
  if (Number.isSafeInteger(time)) return time
  throw new CloudEventError('/time must be like 2026-11-23T14:02:11.080Z')
}
