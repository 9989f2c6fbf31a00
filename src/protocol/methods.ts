/**
 * The methods that read and watch, and those of the session itself, whatever the domain; its
 * commands come from the domain.
 */
import { type Static, Type } from 'typebox'
import {
  type Config,
  idPattern,
  statePathCharsMax,
  textCharsMax,
  tokenCharsMax,
} from '../config.ts'
import type { ParamFault } from '../domain.ts'

const closed = { additionalProperties: false }
const Id = Type.String({ pattern: idPattern })
const EventId = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const SubscriptionId = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })
const Status = Type.String({ minLength: 1, maxLength: textCharsMax })

const StatePath = Type.String({ minLength: 1, maxLength: statePathCharsMax })

/** Where a watcher had got to: the last eventId that it was sent, in the log of that epoch. */
const Cursor = Type.Object(
  { epoch: Type.String({ maxLength: textCharsMax }), eventId: EventId },
  closed,
)
const from = Type.Optional(Cursor)
/** Promises acks: no more than `ackLagMax` is sent ahead of them. */
const ack = Type.Optional(Type.Boolean())

/** The schemas of the params, with the limits of a configuration in them. */
export function readMethods(config: Config) {
  return {
    'session.hello': Type.Object(
      {
        token: Type.Optional(Type.String({ maxLength: tokenCharsMax })),
        client: Type.Optional(Type.String({ maxLength: textCharsMax })),
        session: Type.Optional(
          Type.Object(
            { id: Id, connection: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) },
            closed,
          ),
        ),
      },
      { ...closed, description: 'Says who calls, and learns what the server is.' },
    ),
    'order.get': Type.Object(
      { orderId: Id },
      { ...closed, description: 'The latest view of an order.' },
    ),
    'order.list': Type.Object(
      {
        status: Type.Optional(Status),
        state: Type.Optional(StatePath),
        customerId: Type.Optional(Id),
        after: Type.Optional(Id),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: config.listOrdersMax })),
        sort: Type.Optional(Type.Enum(['placed', 'changed'])),
        before: Type.Optional(EventId),
        idPrefix: Type.Optional(Id),
      },
      {
        ...closed,
        description: 'Orders in the order of placing, or by their last change, in pages.',
      },
    ),
    'order.counts': Type.Object(
      {},
      { ...closed, description: 'How many orders there are, by status and by state.' },
    ),
    'order.history': Type.Object(
      { orderId: Id },
      { ...closed, description: 'All events of an order, oldest first.' },
    ),
    'order.at': Type.Object(
      { orderId: Id, eventId: EventId },
      { ...closed, description: 'The view of an order as it was just after an event.' },
    ),
    'order.try': Type.Object(
      {
        method: Type.String({ minLength: 1, maxLength: textCharsMax }),
        params: Type.Object({}, { description: 'those of the method' }),
        eventId: Type.Optional(EventId),
      },
      {
        ...closed,
        description:
          'What a command would lead to, on an order as it is or was. Nothing is recorded.',
      },
    ),
    'order.path': Type.Object(
      { orderId: Id, from: Type.Optional(EventId) },
      { ...closed, description: 'The edges of the chart that an order has taken, by its events.' },
    ),
    'events.read': Type.Object(
      {
        from: EventId,
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: config.readEventsMax })),
      },
      { ...closed, description: 'Events of the log from an eventId (inclusive) on.' },
    ),
    'events.subscribe': Type.Object(
      {
        from,
        orderId: Type.Optional(Id),
        types: Type.Optional(
          Type.Array(Type.String({ minLength: 1, maxLength: textCharsMax }), {
            minItems: 1,
            maxItems: 100,
          }),
        ),
        ack,
      },
      { ...closed, description: 'Each event after the cursor, or from now on, and each to come.' },
    ),
    'views.subscribe': Type.Object(
      {
        orderId: Type.Optional(Id),
        customerId: Type.Optional(Id),
        status: Type.Optional(Status),
        from,
        ack,
      },
      {
        ...closed,
        description: 'Views of one order, of a customer, of a status, or of all: then each change.',
      },
    ),
    'subscription.ack': Type.Object(
      { subscription: SubscriptionId, eventId: EventId },
      { ...closed, description: 'Says up to which eventId a subscription has been taken in.' },
    ),
    'subscription.cancel': Type.Object(
      { subscription: SubscriptionId },
      { ...closed, description: 'Ends a subscription.' },
    ),
  }
}

export type ReadMethods = ReturnType<typeof readMethods>
export type ReadMethod = keyof ReadMethods
export type ReadParams<Name extends ReadMethod> = Static<ReadMethods[Name]>

/** What a schema cannot say of the params; empty where all is well. */
export function checkRead(method: string, params: object): readonly ParamFault[] {
  if (method === 'order.list') return checkList(params)
  if (method !== 'views.subscribe') return []
  const filters = ['orderId', 'customerId', 'status'].filter((name) => name in params)
  if (filters.length < 2) return []
  return [{ path: `/${filters[1]}`, message: `cannot be given together with ${filters[0]}` }]
}

/** Each way to sort has a cursor of its own: a place in the order of placing stays, one by change does not. */
function checkList(params: ReadParams<'order.list'>): readonly ParamFault[] {
  const isByChange = params.sort === 'changed'
  const wrong = isByChange ? ['after'] : ['before', 'idPrefix']
  const message = isByChange
    ? 'goes with the order of placing; by last change, go on with before'
    : 'goes with sort: changed'
  return wrong.filter((name) => name in params).map((name) => ({ path: `/${name}`, message }))
}

/** What a token may do. `admin` may do all. */
export type Role = 'read' | 'write' | 'admin'

/** The role that a method takes; null where it concerns the caller's own session alone. */
export const readRoles: { readonly [Name in ReadMethod]: Role | null } = {
  'session.hello': null,
  'order.get': 'read',
  'order.list': 'read',
  'order.counts': 'read',
  'order.history': 'read',
  'order.at': 'read',
  'order.try': 'read',
  'order.path': 'read',
  'events.read': 'read',
  'events.subscribe': 'read',
  'views.subscribe': 'read',
  'subscription.ack': null,
  'subscription.cancel': null,
}

/** The role that every command takes. */
export const commandRole: Role = 'write'

const namesOfToldLimits = [
  'frameBytesMax',
  'batchCallsMax',
  'callsPerSecondMax',
  'subscriptionsMax',
  'listOrdersMax',
  'readEventsMax',
  'ackLagMax',
] as const

export type ToldLimits = Pick<Config, (typeof namesOfToldLimits)[number]>

/** The limits that a client is told in the answer to `session.hello`. */
export function toldLimits(config: Config): ToldLimits {
  return Object.fromEntries(
    namesOfToldLimits.map((name) => [name, config[name]]),
  ) as unknown as ToldLimits
}
