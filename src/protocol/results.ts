/**
 * The schemas of what the server says: results, notifications and errors. They describe; what goes
 * out is not checked against them, but a test holds what a running engine says to them.
 */
import { type TSchema, Type } from 'typebox'
import { defaults } from '../config.ts'
import type { Domain } from '../domain.ts'
import { codes, retryableReasons } from '../errors.ts'
import { rpcCodes } from './jsonrpc.ts'
import { type ReadMethod, toldLimits } from './methods.ts'

const closed = { additionalProperties: false }
const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const FromOne = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })
const Time = Type.Integer({ description: 'milliseconds since the Unix epoch' })
const Text = Type.String()
const orNull = (schema: TSchema) => Type.Union([schema, Type.Null()])

/** Forms that others name; where they lie in a document is the document's business. */
export interface NamedForms {
  readonly Receipt: TSchema
  readonly View: TSchema
  readonly Event: TSchema
  readonly Error: TSchema
}

export function namedForms(domain: Domain): NamedForms {
  return { Receipt, View, Event: eventForm(domain), Error: errorForm(domain) }
}

const Receipt = Type.Object(
  { orderId: Text, version: FromOne, eventId: Count, recordedAt: Time, replayed: Type.Boolean() },
  {
    ...closed,
    description: 'The answer to a command: its event is durable, and the view shows it.',
  },
)

const View = Type.Object(
  {
    orderId: Text,
    eventId: Count,
    version: FromOne,
    state: Type.Union([Text, Type.Object({}, { description: 'regions, each with its state' })]),
    status: Text,
    createdAt: Time,
    updatedAt: Time,
    can: Type.Array(Text, { description: 'the methods that would be accepted now' }),
  },
  { description: 'The latest state of one order; the domain has fields of its own in it.' },
)

function eventForm({ events }: Domain): TSchema {
  const forms = Object.entries(events).map(([type, { schema, data }]) =>
    Type.Object(
      {
        eventId: Count,
        type: Type.Literal(type),
        orderId: Text,
        version: FromOne,
        previousEventId: orNull(Count),
        recordedAt: Time,
        by: orNull(Text),
        commandId: orNull(Text),
        schema: Type.Literal(schema),
        data,
      },
      { ...closed, title: type },
    ),
  )
  return Type.Union(forms, { description: 'A fact that was recorded; it never changes.' })
}

/** One form for each code. */
function errorForm({ refusals }: Domain): TSchema {
  const { parseError, invalidRequest, methodNotFound, invalidParams, internalError } = rpcCodes
  const Faults = Type.Array(Type.Object({ path: Text, message: Text }, closed), { minItems: 1 })
  return Type.Union([
    bareError(parseError),
    bareError(invalidRequest),
    reasonedError(methodNotFound, 'UNKNOWN_METHOD'),
    reasonedError(invalidParams, 'INVALID_PARAMS', { faults: Faults }),
    reasonedError(internalError, 'INTERNAL'),
    ...Object.entries({ ...codes, ...refusals }).map(([reason, code]) =>
      reasonedError(code, reason),
    ),
  ])
}

const bareError = (code: number) =>
  Type.Object({ code: Type.Literal(code), message: Text }, { ...closed, title: String(code) })

function reasonedError(code: number, reason: string, more: Record<string, TSchema> = {}): TSchema {
  const data = Type.Object({
    reason: Type.Literal(reason),
    retryable: Type.Literal(retryableReasons.has(reason)),
    outcome: Type.Enum(['not_applied', 'unknown']),
    ...more,
  })
  return Type.Object(
    { code: Type.Literal(code), message: Text, data },
    { ...closed, title: reason },
  )
}

/** The results of the methods that read, watch, or concern the session. */
export function readResults({ View, Event }: NamedForms): Record<ReadMethod, TSchema> {
  const Events = Type.Array(Event)
  const subscribed = { subscription: FromOne, epoch: Text }
  return {
    'session.hello': Type.Object(
      {
        epoch: Text,
        eventId: Count,
        limits: Limits,
        heartbeatMs: FromOne,
        roles: Type.Array(Type.Enum(['read', 'write', 'admin'])),
        customerId: orNull(Text),
      },
      closed,
    ),
    'order.get': View,
    'order.list': Type.Object({ orders: Type.Array(View), next: Type.Optional(Text) }, closed),
    'order.counts': Type.Object(
      { eventId: Count, orders: Count, byStatus: Counts, byState: Counts, edges: Counts },
      closed,
    ),
    'order.history': Type.Object({ events: Events }, closed),
    'order.at': View,
    'order.try': Type.Object({ event: Event, view: View, edges: Edges, guards: Guards }, closed),
    'order.path': Type.Object(
      { steps: Type.Array(Type.Object({ eventId: Count, edges: Edges }, closed)) },
      closed,
    ),
    'events.read': Type.Object({ events: Events, head: Count, next: Type.Optional(Count) }, closed),
    'events.subscribe': Type.Object(subscribed, closed),
    'views.subscribe': Type.Object(
      { ...subscribed, recovered: Type.Boolean(), reason: Type.Optional(Text) },
      closed,
    ),
    'subscription.ack': Type.Object({ acked: Count }, closed),
    'subscription.cancel': Type.Object({ cancelled: Type.Boolean() }, closed),
  }
}

const Counts = Type.Record(Text, Count)
const Edges = Type.Array(Text, { description: 'ids of edges in /chart.json' })
const Guards = Type.Array(
  Type.Object({ edge: Text, guard: Text, verdict: orNull(Type.Boolean()) }, closed),
)

const Limits = Type.Object(
  Object.fromEntries(Object.keys(toldLimits(defaults)).map((name) => [name, FromOne])),
  closed,
)

/** The params of the notifications that the server sends. */
export function notificationForms({ View, Event }: NamedForms) {
  const cursor = { subscription: FromOne, eventId: Count, previous: Count }
  return {
    'views.snapshot': Type.Object(
      {
        subscription: FromOne,
        part: FromOne,
        last: Type.Boolean(),
        eventId: Count,
        views: Type.Array(View),
      },
      { ...closed, description: 'Views as they are, in parts numbered from 1.' },
    ),
    'views.next': Type.Object(
      {
        ...cursor,
        views: Type.Array(View),
        gone: Type.Optional(Type.Array(Text, { minItems: 1 })),
      },
      { ...closed, description: 'Views that have changed, and orders that match no more.' },
    ),
    'events.next': Type.Object(
      { ...cursor, events: Type.Array(Event) },
      { ...closed, description: 'Events, in ascending eventId.' },
    ),
    'session.heartbeat': Type.Object(
      { epoch: Text, eventId: Count },
      { ...closed, description: 'The head, every `heartbeatMs`.' },
    ),
    'session.shutdown': Type.Object(
      { drainMs: FromOne },
      { ...closed, description: 'The server is stopping; the socket will be closed with 4200.' },
    ),
  }
}
