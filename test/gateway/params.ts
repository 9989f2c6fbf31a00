/** Good params of every method, and the schemas that they are held to. */
import type { TSchema } from 'typebox'
import { configure } from '../../src/config.ts'
import { orderDomain } from '../../src/index.ts'
import { commandSchema } from '../../src/protocol/commands.ts'
import { readMethods } from '../../src/protocol/methods.ts'

const id = 'bob-1'
const lines = [{ sku: 'widget', quantity: 5, unitPrice: 1000 }]
const from = { epoch: 'some-epoch', eventId: 0 }

/** Every key is there that may be; of the filters of views, which exclude each other, the first. */
export const goodParams: Readonly<Record<string, object>> = {
  'order.new': { orderId: id, customerId: 'bob', currency: 'USD', lines, commandId: 'c' },
  'order.modify': { orderId: id, lines, commandId: 'c' },
  'order.pay': { orderId: id, paymentId: 'p', amount: 1, commandId: 'c' },
  'order.ship': { orderId: id, trackingId: 't', commandId: 'c' },
  'order.deliver': { orderId: id, commandId: 'c' },
  'order.cancel': { orderId: id, reason: 'r', commandId: 'c' },
  'order.refund': { orderId: id, refundId: 'r', amount: 1, commandId: 'c' },
  'session.hello': { token: 't', client: 'c', session: { id: 's', connection: 1 } },
  'order.get': { orderId: id },
  'order.list': { status: 'paid', state: 'open', customerId: 'bob', after: id },
  'order.counts': {},
  'order.history': { orderId: id },
  'order.at': { orderId: id, eventId: 0 },
  'order.try': { method: 'order.ship', params: { orderId: id }, eventId: 0 },
  'order.path': { orderId: id, from: 0 },
  'events.read': { from: 0 },
  'events.subscribe': { from, orderId: id, types: ['NewOrderEvent'] },
  'views.subscribe': { orderId: id, from },
  'subscription.ack': { subscription: 1, eventId: 0 },
  'subscription.cancel': { subscription: 1 },
}

/** By method: the domain's commands and all else. */
export const schemas: Readonly<Record<string, TSchema>> = {
  ...Object.fromEntries(
    Object.entries(orderDomain.methods).map(([name, method]) => [name, commandSchema(method)]),
  ),
  ...readMethods(configure()),
}

/** The same value with what is at a path, a JSON pointer, replaced; with nothing, it is taken out. */
export function replaced(value: object, path: string, ...by: readonly unknown[]): any {
  const copy = structuredClone(value)
  const keys = path.slice(1).split('/')
  const last = keys.pop()!
  const place = keys.reduce((inner: any, key) => inner[key], copy)
  if (by.length > 0) place[last] = by[0]
  else delete place[last]
  return copy
}
