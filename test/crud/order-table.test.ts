import { join } from 'node:path'
import { open } from 'lmdb'
import { expect, it, onTestFinished } from 'vitest'
import { type OrderTable, openOrderTable } from '../../src/crud/order-table.ts'
import { InvalidParamsError } from '../../src/index.ts'
import { systemRuntime } from '../../src/runtime.ts'
import { temporaryFolder } from '../support/folders.ts'
import { bob } from '../support/orders.ts'

const sharedStructuresKey = Symbol.for('columns')

function openTable(folder = temporaryFolder()): OrderTable {
  let now = 1000
  const runtime = { ...systemRuntime, now: () => now++, id: () => 'made-id' }
  const table = openOrderTable(folder, { runtime })
  onTestFinished(() => table.close())
  return table
}

it('answers with the new row, which get then reads', async () => {
  const table = openTable()
  const row = await table.create(bob.new)
  expect(row).toEqual({
    orderId: 'bob-1',
    customerId: 'bob',
    currency: 'USD',
    lines: [{ sku: 'widget', quantity: 5, unitPrice: 1000 }],
    status: 'created',
    total: 5000,
    paid: 0,
    refunded: 0,
    paymentIds: [],
    refundIds: [],
    trackingId: null,
    cancelReason: null,
    createdAt: 1000,
    updatedAt: 1000,
  })
  expect(table.get('bob-1')).toEqual(row)
})

it('overwrites the row: one entry an order, and nothing of what it was', async () => {
  const folder = temporaryFolder()
  const table = openTable(folder)
  await table.create(bob.new)
  await table.modify(bob.modify)
  const row = await table.pay(bob.pay)
  await table.close()
  const db = open({ path: join(folder, 'orders.mdb'), readOnly: true, sharedStructuresKey })
  onTestFinished(() => db.close())
  expect([...db.getRange()]).toEqual([{ key: 'bob-1', value: row }])
  expect(row).toMatchObject({ status: 'paid', createdAt: 1000, updatedAt: 1002 })
})

it('keeps why an order was cancelled, and how it was shipped', async () => {
  const table = openTable()
  await table.create(bob.new)
  expect(await table.cancel({ orderId: 'bob-1', reason: 'too late' })).toMatchObject({
    status: 'cancelled',
    cancelReason: 'too late',
  })
  await table.create({ ...bob.new, orderId: 'bob-2' })
  await table.pay({ orderId: 'bob-2', paymentId: 'payment-1', amount: 5000 })
  expect(await table.ship({ orderId: 'bob-2', trackingId: 'parcel-1' })).toMatchObject({
    status: 'shipped',
    trackingId: 'parcel-1',
  })
})

it('makes an orderId where the command names none', async () => {
  const table = openTable()
  const { orderId: _, ...nameless } = bob.new
  expect(await table.create(nameless)).toMatchObject({ orderId: 'made-id' })
  expect(table.get('made-id')).toBeDefined()
})

it('loses no update where commands on one order overlap', async () => {
  const table = openTable()
  const answers = [table.create(bob.new)]
  for (let payment = 0; payment < 50; payment++) {
    const paymentId = `payment-${payment}`
    answers.push(table.pay({ orderId: 'bob-1', paymentId, amount: 100 }))
  }
  await Promise.all(answers)
  expect(table.get('bob-1')).toMatchObject({ paid: 5000, status: 'paid' })
})

it('does not show a row that is still being flushed', async () => {
  const table = openTable()
  const answer = table.create(bob.new)
  expect(table.get('bob-1')).toBeUndefined()
  await answer
  expect(table.get('bob-1')).toBeDefined()
})

it('holds a refusal back until the row that it rests on is flushed', async () => {
  const table = openTable()
  await table.create(bob.new)
  const paid = table.pay({ orderId: 'bob-1', paymentId: 'payment-1', amount: 5000 })
  const refusal = await table.pay({ orderId: 'bob-1', paymentId: 'payment-2', amount: 1 })
  expect(refusal).toMatchObject({ refused: 'OVERPAYMENT', details: { orderId: 'bob-1' } })
  expect(table.get('bob-1')).toMatchObject({ paid: 5000 })
  await paid
})

it('does not keep hold of what the caller may change', async () => {
  const table = openTable()
  const params = structuredClone(bob.new)
  const created = table.create(params)
  params.lines[0]!.quantity = 1
  const modified = table.modify({
    orderId: 'bob-1',
    lines: [{ sku: 'nut', quantity: 1, unitPrice: 1 }],
  })
  await Promise.all([created, modified])
  expect(table.get('bob-1')).toMatchObject({ total: 5001 })
})

it('rejects params that do not fit, naming each fault, and keeps nothing', async () => {
  const table = openTable()
  const twice = { ...bob.new, lines: [...bob.new.lines, ...bob.new.lines] }
  await expect(table.create(twice)).rejects.toThrow(InvalidParamsError)
  await expect(table.create(twice)).rejects.toThrow('/lines/1/sku')
  await expect(table.create({ ...bob.new, currency: 'XXX' })).rejects.toThrow('/currency')
  expect(table.get('bob-1')).toBeUndefined()
  await table.create(bob.new)
  await expect(table.pay({ ...bob.pay, amount: 0.5 })).rejects.toThrow('/amount')
  expect(table.get('bob-1')).toMatchObject({ paid: 0 })
})

it('waits at its close for what is being flushed, and has it when it is opened again', async () => {
  const folder = temporaryFolder()
  const table = openTable(folder)
  const answer = table.create(bob.new)
  await table.close()
  const row = await answer
  expect(openTable(folder).get('bob-1')).toEqual(row)
})

it('rejects a command after its close', async () => {
  const table = openTable()
  await table.create(bob.new)
  await table.close()
  await expect(table.modify(bob.modify)).rejects.toThrow()
})
