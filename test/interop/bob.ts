/** Bob's story, as a JSON-RPC client of somebody else sees it, and what must come of it. */
import { expect, onTestFinished } from 'vitest'
import { type Engine, MemoryLog, openEngine } from '../../src/index.ts'
import { bob } from '../support/orders.ts'

/** A server for one test; its log begins where the story does. */
export async function storyServer(): Promise<{ engine: Engine; url: string }> {
  const engine = await openEngine({
    log: new MemoryLog({ epoch: 'story', firstEventId: 2001 }),
    listen: { port: 0 },
  })
  onTestFinished(() => engine.close())
  const { host, port } = engine.address!
  return { engine, url: `ws://${host}:${port}/ws` }
}

/** Makes one call, and gives its result; throws where it is answered with an error. */
export type Call = (method: string, params: object) => Promise<any>

export interface Told {
  readonly receipts: readonly object[]
  readonly refused: { readonly code: number; readonly data: object }
  readonly view: object
  readonly history: { readonly events: readonly object[] }
}

/** Bob buys, changes 5 to 6, pays $60, pays too much, and looks at what he has. */
export async function tellStory(call: Call): Promise<Told> {
  const receipts = [
    await call('order.new', bob.new),
    await call('order.modify', bob.modify),
    await call('order.pay', bob.pay),
  ]
  const again = { orderId: 'bob-1', paymentId: 'payment-2', amount: 1 }
  const refused = await call('order.pay', again).then(
    () => expect.fail('The second payment was not refused.'),
    (error) => error,
  )
  const view = await call('order.get', { orderId: 'bob-1' })
  const history = await call('order.history', { orderId: 'bob-1' })
  return { receipts, refused, view, history }
}

export function expectStory({ receipts, refused, view, history }: Told): void {
  expect(receipts).toEqual(
    [2001, 2002, 2003].map((eventId, index) => ({
      orderId: 'bob-1',
      version: index + 1,
      eventId,
      recordedAt: expect.any(Number),
      replayed: false,
    })),
  )
  expect({ code: refused.code, data: refused.data }).toMatchObject({
    code: 2006,
    data: { reason: 'OVERPAYMENT', balance: 0, retryable: false, outcome: 'not_applied' },
  })
  expect(view).toMatchObject({
    orderId: 'bob-1',
    status: 'paid',
    version: 3,
    total: 6000,
    paid: 6000,
    balance: 0,
    lines: [{ sku: 'widget', quantity: 6, unitPrice: 1000 }],
  })
  expect(history.events).toMatchObject([
    { eventId: 2001, type: 'NewOrderEvent', previousEventId: null },
    { eventId: 2002, type: 'ModifyOrderEvent', previousEventId: 2001 },
    { eventId: 2003, type: 'OrderPaymentEvent', previousEventId: 2002 },
  ])
}
