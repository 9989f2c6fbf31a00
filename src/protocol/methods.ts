/** The methods that read and watch, whatever the domain; its commands come from the domain itself. */
import { type Static, Type } from 'typebox'
import { type Config, idPattern } from '../config.ts'

const closed = { additionalProperties: false }
const Id = Type.String({ pattern: idPattern })
const EventId = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

/** The schemas of the params, with the limits of a configuration in them. */
export function readMethods(config: Config) {
  return {
    'order.get': Type.Object(
      { orderId: Id },
      { ...closed, description: 'The latest view of an order.' },
    ),
    'order.list': Type.Object(
      {
        status: Type.Optional(Type.String()),
        customerId: Type.Optional(Id),
        after: Type.Optional(Id),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: config.listOrdersMax })),
      },
      { ...closed, description: 'Orders in the order in which they were placed, in pages.' },
    ),
    'order.history': Type.Object(
      { orderId: Id },
      { ...closed, description: 'All events of an order, oldest first.' },
    ),
    'order.at': Type.Object(
      { orderId: Id, eventId: EventId },
      { ...closed, description: 'The view of an order as it was just after an event.' },
    ),
    'events.read': Type.Object(
      {
        from: EventId,
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: config.readEventsMax })),
      },
      { ...closed, description: 'Events of the log from an eventId (inclusive) on.' },
    ),
    'views.subscribe': Type.Object(
      { orderId: Type.Optional(Id) },
      { ...closed, description: 'Views of one order or of all: a snapshot, then each change.' },
    ),
    'subscription.cancel': Type.Object(
      { subscription: Type.Integer({ minimum: 1 }) },
      { ...closed, description: 'Ends a subscription.' },
    ),
  }
}

export type ReadMethods = ReturnType<typeof readMethods>
export type ReadMethod = keyof ReadMethods
export type ReadParams<Name extends ReadMethod> = Static<ReadMethods[Name]>
