/** Orders that left memory are shown as if they had not, whatever happens and however often it is closed. */
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openCheckpoint } from '../../src/checkpoint/stored/open.ts'
import { openLogForWriting } from '../../src/log/lmdb-log.ts'
import { systemRuntime as runtime } from '../../src/runtime.ts'
import { temporaryFolder } from '../support/folders.ts'
import { order, sequencerOn } from '../support/sequencer.ts'
import { domain } from '../upkeep/logs.ts'

const limits = {
  checkpointOrdersMax: 3,
  checkpointMs: 1_000_000,
  ordersKeptMax: 2,
  liveActorsMax: 4,
}

/** What there is of a folder: the log, the checkpoint, and who writes. */
async function opened(folder: string, some: object = limits) {
  const log = openLogForWriting({ folder, domain: domain.name, firstEventId: 2001, runtime })
  const checkpoint = await openCheckpoint(folder, log, domain)
  const made = await sequencerOn({ log, checkpoint, limits: some })
  return {
    ...made,
    file: checkpoint.file,
    removed: checkpoint.removed,
    /** As after a kill: what is not in a checkpoint is lost, but for the log. */
    async leave() {
      await made.sequencer.close()
      await made.checkpoints!.stop()
      await checkpoint.file.close()
      await log.close()
      expect(made.failures).toEqual([])
      expect(made.faults).toEqual([])
    },
    async close() {
      await made.sequencer.close()
      await made.checkpoints!.close()
      await log.close()
      expect(made.failures).toEqual([])
      expect(made.faults).toEqual([])
    },
  }
}

type Opened = Awaited<ReturnType<typeof opened>>

const customers = ['ann', 'bob', 'eve'] as const
const statuses = [
  'created',
  'partiallyPaid',
  'paid',
  'shipped',
  'completed',
  'cancelled',
  'refunded',
]

const states = [
  ...['open', 'open.payment', 'open.payment.paid', 'open.payment.partiallyPaid'],
  ...['open.fulfilment.shipped', 'completed', 'cancelled', 'unplaced', 'ope'],
]

/** Everything that a view can be asked. */
async function allOf({ view }: Pick<Opened, 'view'>, orderIds: readonly string[]) {
  const pages = (query: object) => {
    const orders: unknown[] = []
    let after: string | undefined
    do {
      const page = view.list({ ...query, limit: 2, ...(after === undefined ? {} : { after }) })
      orders.push(...page.orders)
      after = page.next
    } while (after !== undefined)
    return orders
  }
  const since = (eventId: number) => {
    const walk = view.changedSince(eventId)
    const met: unknown[] = []
    while (!walk.isDone) met.push(...walk.part(5, 3, () => true))
    return met
  }
  const histories: unknown[] = []
  for (const orderId of orderIds) {
    histories.push(await view.history(orderId), await view.at(orderId, view.eventId - 3))
  }
  return {
    eventId: view.eventId,
    size: view.size,
    counts: view.counts(),
    each: orderIds.map((orderId) => view.get(orderId)),
    owners: orderIds.map((orderId) => view.ownerOfOrder(orderId)),
    all: pages({}),
    byStatus: statuses.map((status) => pages({ status })),
    byCustomer: customers.map((customerId) => pages({ customerId })),
    byState: states.map((state) => pages({ state })),
    byBoth: customers.map((customerId) => pages({ customerId, status: 'paid' })),
    parts: view.part({ customerId: 'ann' }, 1, view.size, 3),
    since: [0, 2000, 2003, 2010, view.eventId - 2, view.eventId].map(since),
    histories,
  }
}

const ids = Array.from({ length: 12 }, (_, index) => `o-${index}`)
const orderId = fc.constantFrom(...ids)
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(orderId, fc.constantFrom(...customers)).map(([id, customerId]) => ({
      does: 'order.new',
      params: order(id, { customerId }),
    })),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(orderId, fc.constantFrom(5000, 1), fc.nat({ max: 5 }))
      .map(([id, amount, payment]) => ({
        does: 'order.pay',
        params: { orderId: id, amount, paymentId: `p-${payment}` },
      })),
  },
  { weight: 2, arbitrary: orderId.map((id) => ({ does: 'order.ship', params: { orderId: id } })) },
  {
    weight: 2,
    arbitrary: orderId.map((id) => ({ does: 'order.deliver', params: { orderId: id } })),
  },
  {
    weight: 1,
    arbitrary: orderId.map((id) => ({ does: 'order.cancel', params: { orderId: id } })),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom('write', 'close', 'leave').map((does) => ({ does, params: {} })),
  },
)

describe('orders that are in a checkpoint', () => {
  it('are shown as a view shows them that is made of the whole log', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 80 }), async (steps) => {
        const folder = join(temporaryFolder(), 'log')
        let made = await opened(folder)
        for (const { does, params } of steps) {
          if (does === 'write') await made.checkpoints!.write()
          else if (does === 'close' || does === 'leave') {
            await made[does]()
            made = await opened(folder)
            expect(made.removed).toBeUndefined()
          } else await made.submit(does, params)
        }
        const { view: whole } = await sequencerOn({ log: made.log })
        expect(await allOf(made, ids)).toEqual(await allOf({ view: whole as never }, ids))
        await made.checkpoints!.write()
        expect(made.heads.keptCount).toBeLessThanOrEqual(limits.ordersKeptMax)
        expect(await allOf(made, ids)).toEqual(await allOf({ view: whole as never }, ids))
        await made.close()
      }),
      { numRuns: 60 },
    )
  })

  it('are found by their ids, and by their customers, however many there are', async () => {
    const folder = join(temporaryFolder(), 'log')
    const some = { checkpointOrdersMax: 400, checkpointMs: 1_000_000, ordersKeptMax: 1 }
    let made = await opened(folder, some)
    const placed = Array.from({ length: 2500 }, (_, index) => `order-${index}`)
    const place = (orderId: string, index: number) =>
      made.submit('order.new', order(orderId, { customerId: `customer-${index % 100}` }))
    await Promise.all(placed.slice(0, 1500).map(place))
    await made.checkpoints!.write()
    await made.close()
    made = await opened(folder, some)
    await Promise.all(placed.slice(1500).map((orderId, index) => place(orderId, index + 1500)))
    await made.checkpoints!.write()
    expect(made.file.about).toMatchObject({ orders: 2500, idBits: 2 })
    expect(made.heads.keptCount).toBeLessThanOrEqual(1)
    expect(placed.map((orderId) => made.heads.get(orderId)?.place)).toEqual([...placed.keys()])
    expect(made.heads.get('order-2500')).toBeUndefined()
    const again = placed.map((orderId) => made.submit('order.new', order(orderId)))
    for (const answer of await Promise.all(again)) {
      expect(answer).toMatchObject({ refused: 'ORDER_EXISTS' })
    }
    const { orders } = made.view.list({ customerId: 'customer-7', limit: 100 })
    const expected = placed.filter((_, index) => index % 100 === 7)
    expect(orders.map(({ orderId }) => orderId)).toEqual(expected)
    await made.close()
  })
})
