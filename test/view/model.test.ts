/**
 * For any sequence of commands, three agree: the view that the engine kept, the view folded anew
 * from the log, and a plain model that is written here and knows nothing of machines.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MemoryLog } from '../../src/log/memory-log.ts'
import { sequencerOn } from '../support/sequencer.ts'

interface Model {
  lines: Map<string, { quantity: number; unitPrice: number }>
  paid: number
  refunded: number
  phase: 'unfulfilled' | 'shipped' | 'completed' | 'cancelled'
  payments: Set<string>
  refunds: Set<string>
  version: number
}
type Command = readonly [method: string, params: Record<string, any>]

const total = ({ lines }: Model) =>
  [...lines.values()].reduce((sum, line) => sum + line.quantity * line.unitPrice, 0)
const owed = (model: Model) => total(model) - model.paid + model.refunded

/** Applies a command to the model; false where it is refused. */
function applied(models: Map<string, Model>, [method, params]: Command): boolean {
  const model = models.get(params['orderId'])
  if (method === 'order.new') {
    if (model) return false
    const lines = new Map<string, { quantity: number; unitPrice: number }>()
    for (const { sku, quantity, unitPrice } of params['lines'])
      lines.set(sku, { quantity, unitPrice })
    models.set(params['orderId'], {
      lines,
      paid: 0,
      refunded: 0,
      phase: 'unfulfilled',
      payments: new Set(),
      refunds: new Set(),
      version: 1,
    })
    return true
  }
  if (!model || !changed(model, method, params)) return false
  model.version++
  return true
}

function changed(model: Model, method: string, params: Record<string, any>): boolean {
  const { phase } = model
  switch (method) {
    case 'order.modify': {
      if (phase !== 'unfulfilled') return false
      const lines = new Map(model.lines)
      for (const { sku, quantity, unitPrice } of params['lines']) {
        if (!model.lines.has(sku) && (unitPrice === undefined || quantity === 0)) return false
        if (quantity === 0) lines.delete(sku)
        else lines.set(sku, { quantity, unitPrice: unitPrice ?? lines.get(sku)?.unitPrice })
      }
      if (lines.size === 0) return false
      model.lines = lines
      return true
    }
    case 'order.pay': {
      const open = phase === 'unfulfilled' || phase === 'shipped'
      const { paymentId, amount } = params
      if (!open || model.payments.has(paymentId) || amount > owed(model)) return false
      model.paid += amount
      model.payments.add(paymentId)
      return true
    }
    case 'order.refund': {
      const { refundId, amount } = params
      const ended = phase === 'completed' || phase === 'cancelled'
      const most = ended ? model.paid - model.refunded : -owed(model)
      if (model.refunds.has(refundId) || amount > most) return false
      model.refunded += amount
      model.refunds.add(refundId)
      return true
    }
    case 'order.ship':
      if (phase !== 'unfulfilled' || owed(model) > 0) return false
      model.phase = 'shipped'
      return true
    case 'order.deliver':
      if (phase !== 'shipped') return false
      model.phase = 'completed'
      return true
    default:
      if (phase !== 'unfulfilled') return false
      model.phase = 'cancelled'
      return true
  }
}

function statusOf(model: Model): string {
  const { phase, paid, refunded } = model
  if (phase === 'completed' || phase === 'cancelled') {
    return paid > 0 && paid === refunded ? 'refunded' : phase
  }
  if (phase === 'shipped') return 'shipped'
  if (owed(model) <= 0) return 'paid'
  return paid > refunded ? 'partiallyPaid' : 'created'
}

function balanceOf(model: Model): number {
  if (model.phase === 'cancelled') return model.refunded - model.paid
  return model.phase === 'completed' ? Math.min(0, owed(model)) : owed(model)
}

const orderId = fc.constantFrom('a', 'b', 'c')
const sku = fc.constantFrom('x', 'y', 'z')
const amount = fc.integer({ min: 1, max: 12 })
const id = fc.constantFrom('1', '2', '3', '4', '5', '6')
const line = fc.record({
  sku,
  quantity: fc.integer({ min: 1, max: 3 }),
  unitPrice: fc.integer({ min: 0, max: 4 }),
})
const change = fc.record(
  { sku, quantity: fc.integer({ min: 0, max: 3 }), unitPrice: fc.integer({ min: 0, max: 4 }) },
  { requiredKeys: ['sku', 'quantity'] },
)
const some = <T extends { sku: string }>(lines: fc.Arbitrary<T>) =>
  fc.uniqueArray(lines, { minLength: 1, maxLength: 3, selector: ({ sku: one }) => one })
const named = <T>(method: string, params: fc.Arbitrary<T>): fc.Arbitrary<Command> =>
  fc.tuple(fc.constant(method), params) as fc.Arbitrary<Command>
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 2,
    arbitrary: named(
      'order.new',
      fc.record({ orderId, currency: fc.constant('USD'), lines: some(line) }),
    ),
  },
  { weight: 3, arbitrary: named('order.modify', fc.record({ orderId, lines: some(change) })) },
  { weight: 6, arbitrary: named('order.pay', fc.record({ orderId, paymentId: id, amount })) },
  { weight: 3, arbitrary: named('order.refund', fc.record({ orderId, refundId: id, amount })) },
  { weight: 2, arbitrary: named('order.ship', fc.record({ orderId })) },
  { weight: 2, arbitrary: named('order.deliver', fc.record({ orderId })) },
  { weight: 1, arbitrary: named('order.cancel', fc.record({ orderId })) },
)

describe('the view', () => {
  it('agrees with the view rebuilt from the log, and with a plain model', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(command, { maxLength: 60 }),
        fc.boolean(),
        async (commands, together) => {
          const log = new MemoryLog()
          const live = await sequencerOn({ log, limits: { liveActorsMax: 3 } })
          const models = new Map<string, Model>()
          const expected = commands.map((one) => applied(models, one))
          const answers: boolean[] = []
          const ask = async ([method, params]: Command, index: number) => {
            answers[index] = !('refused' in (await live.submit(method, params)))
          }
          if (together) await Promise.all(commands.map(ask))
          else for (const [index, one] of commands.entries()) await ask(one, index)
          expect(answers).toEqual(expected)

          const { view: rebuilt } = await sequencerOn({ log })
          const query = { limit: 100 }
          expect(rebuilt.list(query)).toStrictEqual(live.view.list(query))
          expect(rebuilt.counts()).toEqual(live.view.counts())
          expect(live.view.size).toBe(models.size)
          for (const [id, model] of models) {
            expect(live.view.get(id)).toMatchObject({
              version: model.version,
              status: statusOf(model),
              lines: [...model.lines].map(([one, rest]) => ({ sku: one, ...rest })),
              total: total(model),
              paid: model.paid,
              refunded: model.refunded,
              balance: balanceOf(model),
            })
          }
          const { byStatus } = live.view.counts()
          for (const status of Object.keys(byStatus)) {
            const listed = live.view.list({ ...query, status }).orders
            expect(listed.length).toBe(byStatus[status])
            expect(listed.every((one) => one.status === status)).toBe(true)
          }
        },
      ),
      { numRuns: 200 },
    )
  })
})
