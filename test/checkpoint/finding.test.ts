/** How orders that are in a checkpoint are found. */
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { CheckpointFile } from '../../src/checkpoint/stored/checkpoint-file.ts'
import { openCheckpoint } from '../../src/checkpoint/stored/open.ts'
import { TextHash } from '../../src/checkpoint/stored/text-hash.ts'
import type { View } from '../../src/domain.ts'
import { openLogForWriting } from '../../src/log/lmdb-log.ts'
import { systemRuntime as runtime } from '../../src/runtime.ts'
import { temporaryFolder } from '../support/folders.ts'
import { order, sequencerOn } from '../support/sequencer.ts'
import { domain } from '../upkeep/logs.ts'

async function opened(salt: string, of = domain) {
  const folder = join(temporaryFolder(), 'log')
  const log = openLogForWriting({ folder, domain: domain.name, runtime })
  const checkpoint = await openCheckpoint(folder, log, of, { id: () => salt })
  const limits = { checkpointOrdersMax: 100_000, checkpointMs: 1_000_000, ordersKeptMax: 1 }
  const made = await sequencerOn({ log, checkpoint, limits, domain: of })
  onTestFinished(async () => {
    await made.sequencer.close()
    await made.checkpoints!.close()
    await log.close()
  })
  return { ...made, file: checkpoint.file }
}

/** Pairs of texts with the same hash. */
function pairs(prefix: string, salt: string): readonly (readonly [string, string])[] {
  const hashes = TextHash.salted(salt)
  const seen = new Map<number, string>()
  const found: (readonly [string, string])[] = []
  for (let index = 0; found.length < 3; index++) {
    const text = `${prefix}-${index}`
    const hash = hashes.of(text)
    const other = seen.get(hash)
    if (other !== undefined) found.push([other, text])
    seen.set(hash, text)
  }
  return found
}

it('orders, and customers, whose hashes are the same are told apart', async () => {
  const { submit, checkpoints, heads, view, file, failures } = await opened('salt')
  const orders = pairs('order', 'salt')
  const customers = pairs('customer', 'salt')
  for (const [index, pair] of orders.entries()) {
    for (const which of [0, 1] as const) {
      await submit('order.new', order(pair[which], { customerId: customers[index]![which] }))
    }
    if (index === 1) await checkpoints!.write()
  }
  await checkpoints!.write()
  expect({ failures, kept: heads.keptCount }).toEqual({ failures: [], kept: 1 })
  for (const [index, [first, second]] of orders.entries()) {
    expect(file.hash(first)).toBe(file.hash(second))
    expect([heads.get(first)?.place, heads.get(second)?.place]).toEqual([2 * index, 2 * index + 1])
    const [one, other] = customers[index]!
    const ids = (customerId: string) =>
      view.list({ customerId }).orders.map(({ orderId }) => orderId)
    expect([ids(one), ids(other)]).toEqual([[first], [second]])
  }
  for (const [id] of orders) {
    expect(await submit('order.new', order(id))).toMatchObject({ refused: 'ORDER_EXISTS' })
  }
})

it('a new checkpoint hashes with a salt of its own, so that nobody can prepare ids', async () => {
  const [one, other] = [await opened('one'), await opened('other')]
  const ids = Array.from({ length: 100 }, (_, index) => `order-${index}`)
  expect(ids.map((id) => one.file.hash(id))).not.toEqual(ids.map((id) => other.file.hash(id)))
  const folder = join(temporaryFolder(), 'log')
  const log = openLogForWriting({ folder, domain: domain.name, runtime })
  onTestFinished(() => log.close())
  const salts: string[] = []
  for (let times = 0; times < 2; times++) {
    const { file } = await openCheckpoint(folder, log, domain)
    salts.push(file.salt)
    await file.beginAnew()
    await file.close()
  }
  expect(salts[0]).not.toBe(salts[1])
})

it("of a customer's orders of a status, no others are read", async () => {
  const { submit, checkpoints, view } = await opened('salt')
  const ids = Array.from({ length: 400 }, (_, index) => `order-${index}`)
  await Promise.all(ids.map((id) => submit('order.new', order(id, { customerId: 'bob' }))))
  const pay = { orderId: 'order-200', paymentId: 'p', amount: 5000 }
  await submit('order.pay', pay)
  await checkpoints!.write()
  const reads = vi.spyOn(CheckpointFile.prototype, 'view')
  onTestFinished(() => void vi.restoreAllMocks())
  const { orders } = view.list({ customerId: 'bob', status: 'paid' })
  expect(orders).toMatchObject([{ orderId: 'order-200' }])
  expect(view.part({ customerId: 'bob', status: 'none' }, 0, view.size, 10).views).toEqual([])
  expect(reads.mock.calls.length).toBeLessThanOrEqual(1)
})

it('what was read before is shown as the next checkpoint has it', async () => {
  const { submit, checkpoints, view, heads } = await opened('salt')
  const ids = ['o-1', 'o-2', 'o-3']
  for (const id of ids) await submit('order.new', order(id))
  await checkpoints!.write()
  expect(heads.keptCount).toBe(1)
  for (const id of ids) expect(view.get(id)).toMatchObject({ version: 1, status: 'created' })
  const one = view.get('o-1')
  expect(view.get('o-1')).toBe(one)
  await submit('order.pay', { orderId: 'o-1', paymentId: 'p', amount: 5000 })
  expect(view.get('o-1')).toMatchObject({ version: 2, status: 'paid' })
  // Others change after it, so that it leaves memory once more.
  await checkpoints!.write()
  for (const id of ['o-2', 'o-3']) await submit('order.cancel', { orderId: id })
  await checkpoints!.write()
  expect(heads.keptCount).toBe(1)
  expect(view.get('o-1')).toMatchObject({ version: 2, status: 'paid' })
  expect(view.list({ status: 'cancelled' }).orders).toHaveLength(2)
})

it('ids may be any that a command may have', async () => {
  const { submit, checkpoints, view, heads } = await opened('salt')
  const long = 'x'.repeat(63)
  const texts = ['__proto__', 'constructor', '.', `${long}1`, `${long}2`, '0', '00']
  for (const text of texts) await submit('order.new', order(text, { customerId: text }))
  await checkpoints!.write()
  expect(heads.keptCount).toBe(1)
  for (const text of texts) {
    expect(view.get(text)).toMatchObject({ orderId: text, customerId: text })
    expect(view.list({ customerId: text }).orders).toMatchObject([{ orderId: text }])
  }
  expect(view.get('toString')).toBeUndefined()
})

it('customers may be any text, where a domain says whose an order is', async () => {
  const customers = ['', ' ', '\0', '\ud800', 'ü', 'x'.repeat(100_000), `${'x'.repeat(99_999)}y`]
  const owner = ({ orderId }: View) => customers[Number(orderId.slice(2))] ?? null
  const { submit, checkpoints, view } = await opened('salt', { ...domain, owner })
  for (const index of [...customers.keys(), customers.length]) {
    await submit('order.new', order(`o-${index}`))
  }
  await checkpoints!.write()
  for (const [index, customerId] of customers.entries()) {
    expect(view.list({ customerId }).orders).toMatchObject([{ orderId: `o-${index}` }])
    expect(view.ownerOfOrder(`o-${index}`)).toBe(customerId)
  }
  expect(view.ownerOfOrder(`o-${customers.length}`)).toBeNull()
})
