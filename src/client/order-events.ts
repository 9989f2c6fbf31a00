import type { OrderEvent } from '../order/index.ts'
import type { WireEvent } from '../protocol/wire.ts'

/** An event of an order, its data by its type. */
export type OrderWireEvent = OrderEvent & Omit<WireEvent, 'type' | 'data'>
