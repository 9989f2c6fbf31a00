import { expect, it, onTestFinished } from 'vitest'
import { MemoryLog, type OrderView, openEngine } from '../src/index.ts'
import { bob } from './support/orders.ts'

async function bobsViews() {
  const log = new MemoryLog()
  const engine = await openEngine({ log })
  onTestFinished(() => engine.close())
  const told: OrderView[] = []
  engine.subscribe((views) => told.push(...views))
  await engine.submit('order.new', bob.new)
  // A receipt comes before those who subscribe are told.
  await engine.submit('order.modify', bob.modify)
  return { engine, log, told }
}

it.each(['get', 'list', 'at', 'subscribe'])(
  'a view of %s cannot be changed, and so changes nothing that is decided or shown',
  async (by) => {
    const { engine, log, told } = await bobsViews()
    const handed = {
      get: () => engine.get('bob-1'),
      list: () => engine.list().orders[0],
      at: () => engine.at('bob-1', 2),
      subscribe: () => told[0],
    }
    const given = (await handed[by as keyof typeof handed]()) as any
    const push = () => given.lines.push({ sku: 'shipping', quantity: 1, unitPrice: 499 })
    expect(push).toThrow(TypeError)
    expect(() => Object.assign(given.lines[0], { quantity: 0 })).toThrow(TypeError)
    expect(() => Object.assign(given, { status: 'paid' })).toThrow(TypeError)
    expect(() => Object.assign(given.state.open, { payment: 'paid' })).toThrow(TypeError)
    expect(() => given.can.push('order.ship')).toThrow(TypeError)
    const modify = { orderId: 'bob-1', lines: [{ sku: 'shipping', quantity: 2 }] }
    expect(await engine.submit('order.modify', modify)).toMatchObject({ refused: 'LINE_UNKNOWN' })
    const again = await openEngine({ log })
    onTestFinished(() => again.close())
    expect(again.get('bob-1')).toEqual(engine.get('bob-1'))
  },
)

it('an event of a log in memory cannot be changed either', async () => {
  const { engine } = await bobsViews()
  const [first] = (await engine.history('bob-1')) as any
  expect(() => first.data.lines.pop()).toThrow(TypeError)
  expect(() => Object.assign(first.data.lines[0], { unitPrice: 0 })).toThrow(TypeError)
})
