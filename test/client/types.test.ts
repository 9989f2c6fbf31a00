import { expectTypeOf, it } from 'vitest'
import type { WebSocket } from 'ws'
import type {
  Client,
  ClientSocket,
  OrderView,
  Receipt,
  Refused,
  View,
  WireEvent,
} from '../../src/client/index.ts'

interface ParcelView extends View {
  readonly weight: number
}
type ParcelCommands = { 'parcel.send': { readonly orderId?: string; readonly weight: number } }
type ParcelEvent = WireEvent & { readonly type: 'ParcelSent' }

declare const orders: Client
declare const parcels: Client<ParcelCommands, ParcelView, ParcelEvent>

/** Never run: what is wrong in it, the compiler finds. */
async function typed() {
  const outcome = await orders.submit('order.ship', { orderId: 'a', expectedVersion: 2 })
  expectTypeOf(outcome).toEqualTypeOf<Receipt | Refused>()
  if ('refused' in outcome) expectTypeOf(outcome.outcome).toEqualTypeOf<'not_applied' | 'unknown'>()
  // @ts-expect-error there is no such method
  void orders.submit('order.paint', { orderId: 'a' })
  // @ts-expect-error the amount is missing
  void orders.submit('order.pay', { orderId: 'a', paymentId: 'p' })
  // @ts-expect-error there is no such status
  void orders.list({ status: 'lost' })
  // @ts-expect-error there is no such event
  orders.events({ types: ['OrderLostEvent'] })
  expectTypeOf(await orders.get('a')).toEqualTypeOf<OrderView | undefined>()
  for await (const event of orders.events({ types: ['OrderPaymentEvent'] })) {
    if (event.type === 'OrderPaymentEvent') expectTypeOf(event.data.amount).toEqualTypeOf<number>()
  }
  for await (const change of orders.views()) {
    if (change.type === 'changed') expectTypeOf(change.view).toEqualTypeOf<OrderView>()
  }
  expectTypeOf<WebSocket>().toExtend<ClientSocket>()
  void parcels.submit('parcel.send', { weight: 3 })
  // @ts-expect-error an order's command
  void parcels.submit('order.ship', { orderId: 'a' })
  expectTypeOf(parcels.map().get('a')).toEqualTypeOf<ParcelView | undefined>()
}

it('knows the commands, views and events of a domain', () => {
  expectTypeOf(typed).returns.toEqualTypeOf<Promise<void>>()
})
