/** Examples of messages, for the AsyncAPI document; those of a domain's own are in its schemas. */
import { type Config, defaults } from '../config.ts'
import { type ReadMethod, toldLimits } from './methods.ts'

const epoch = '0d2f6f0e-5b1c-4c57-9f43-8f6f5c3f1a2b'
const cursor = { epoch, eventId: 2003 }

export const readExamples: Readonly<Record<ReadMethod, object>> = {
  'session.hello': { client: 'shop' },
  'order.get': { orderId: 'bob-1' },
  'order.list': { limit: 100 },
  'order.counts': {},
  'order.history': { orderId: 'bob-1' },
  'order.at': { orderId: 'bob-1', eventId: 2002 },
  'order.try': { method: 'order.ship', params: { orderId: 'bob-1' }, eventId: 2002 },
  'order.path': { orderId: 'bob-1' },
  'events.read': { from: 2001 },
  'events.subscribe': { from: cursor, ack: true },
  'views.subscribe': { from: cursor },
  'subscription.ack': { subscription: 1, eventId: 2003 },
  'subscription.cancel': { subscription: 1 },
}

export const receiptExample = {
  orderId: 'bob-1',
  version: 1,
  eventId: 2001,
  recordedAt: 1_795_000_000_000,
  replayed: false,
}

/** Of the results, those that need nothing of a domain. */
export function resultExamples(config: Config): Partial<Record<ReadMethod, object>> {
  return {
    'session.hello': {
      ...cursor,
      limits: toldLimits(config),
      heartbeatMs: config.heartbeatMs,
      roles: ['read', 'write'],
      customerId: null,
    },
    'events.subscribe': { subscription: 1, epoch },
    'views.subscribe': { subscription: 1, epoch, recovered: true },
    'subscription.ack': { acked: 2003 },
    'subscription.cancel': { cancelled: true },
  }
}

export const notificationExamples = {
  'views.snapshot': { subscription: 1, part: 1, last: true, eventId: 2003, views: [] },
  'views.next': { subscription: 1, eventId: 2004, previous: 2003, views: [], gone: ['bob-1'] },
  'events.next': { subscription: 1, eventId: 2004, previous: 2003, events: [] },
  'session.heartbeat': cursor,
  'session.shutdown': { drainMs: defaults.drainMs },
}

export const errorExample = {
  code: 2001,
  message: 'There is no order bob-2.',
  data: { reason: 'ORDER_NOT_FOUND', retryable: false, outcome: 'not_applied', orderId: 'bob-2' },
}
