import type { Domain } from '../domain.ts'
import { type OrderCommands, orderMethods } from './commands.ts'
import { decide, orderRefusals } from './decide.ts'
import { orderEvents } from './events.ts'
import { orderMachine } from './machine.ts'
import { type OrderView, viewOf } from './view.ts'

/** The life of an order, as the engine is given it. */
export const orderDomain: Domain<OrderCommands, OrderView> = {
  name: 'order',
  version: 4,
  machine: orderMachine,
  methods: orderMethods,
  events: orderEvents,
  refusals: orderRefusals,
  decide,
  view: viewOf,
  owner: (view) => view.customerId,
}

export type { OrderCommands, OrderMethod } from './commands.ts'
export type { OrderEvent } from './events.ts'
export type { OrderStatus, OrderView } from './view.ts'
