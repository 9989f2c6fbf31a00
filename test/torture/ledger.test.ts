/** That the ledger finds what a crash could do to a log: one that finds nothing proves nothing. */
import { expect, it } from 'vitest'
import type { RecordedEvent } from '../../src/domain.ts'
import { openedLog, storedTree, storeEntry } from '../log/stored.ts'
import type { Command } from '../soak/commands.ts'
import { temporaryFolder } from '../support/folders.ts'
import { bob, newOrder, paid, recorded } from '../support/orders.ts'
import { Ledger } from './ledger.ts'

const placed: Command = { commandId: 'c-1', method: 'order.new', params: bob.new }
const payment: Command = {
  commandId: 'c-2',
  method: 'order.pay',
  params: { orderId: 'bob-1', paymentId: 'pay-5000', amount: 5000 },
}
const sent = new Map([placed, payment].map((command) => [command.commandId, command]))

const ofBob = (parts: Partial<RecordedEvent>) =>
  recorded({ orderId: 'bob-1', commandHash: '0'.repeat(32), ...parts })
const first = ofBob({ ...newOrder(), commandId: 'c-1' })
const second = ofBob({
  ...paid(5000),
  ...{ eventId: 2, version: 2, previousEventId: 1, commandId: 'c-2' },
})

/** The receipt of an event. */
function receiptOf({ eventId, orderId, version, recordedAt }: RecordedEvent) {
  return { eventId, orderId, version, recordedAt, replayed: false }
}

/** A ledger that has read a log of these events. */
async function ledgerOf(...events: RecordedEvent[]) {
  const folder = temporaryFolder()
  const log = openedLog(folder)
  for (const event of events) await log.append([event], log.head)
  await log.close()
  const ledger = new Ledger(folder, sent)
  await ledger.readOn()
  return { folder, ledger }
}

it('finds nothing wrong with a log that is as it was said', async () => {
  const { ledger } = await ledgerOf(first, second)
  ledger.check([
    { command: placed, receipts: [receiptOf(first)], refusals: [] },
    {
      command: payment,
      receipts: [receiptOf(second), receiptOf(second)],
      refusals: ['NOT_ALLOWED'],
    },
  ])
  await ledger.readAgain()
  expect(ledger.wrong).toEqual([])
  expect(ledger).toMatchObject({ head: 2, orders: 1 })
})

it.each<[string, RecordedEvent[], string]>([
  ['a command that took effect twice', [first, { ...second, commandId: 'c-1' }], 'c-1 is event 1'],
  ['an event that nobody asked for', [{ ...first, commandId: 'c-9' }], 'nobody asked for event 1'],
  ['an event with another content', [first, { ...second, data: paid(4000).data }], 'event 2 is'],
  ['a version that is left out', [first, { ...second, version: 3 }], 'event 2 has version 3'],
  ['a wrong chain', [first, { ...second, previousEventId: null }], 'the log cannot be read'],
  [
    'what the machine does not take',
    [{ ...second, eventId: 1, version: 1, previousEventId: null }],
    'event 1 is',
  ],
])('finds %s', async (_, events, wrong) => {
  const { ledger } = await ledgerOf(...events)
  expect(ledger.wrong[0]).toContain(wrong)
})

it('finds a receipt whose event is not there, or not what the receipt said', async () => {
  const { ledger } = await ledgerOf(first)
  ledger.check([{ command: payment, receipts: [receiptOf(second)], refusals: [] }])
  ledger.check([{ command: placed, receipts: [{ ...receiptOf(first), version: 2 }], refusals: [] }])
  expect(ledger.wrong).toEqual([
    expect.stringContaining('c-2 (order.pay) has the receipt'),
    expect.stringContaining('c-1 (order.new) has the receipt'),
  ])
})

it('finds an event of a command that was refused', async () => {
  const { ledger } = await ledgerOf(first)
  ledger.check([{ command: placed, receipts: [], refusals: ['NOT_ALLOWED'] }])
  expect(ledger.wrong).toEqual(['c-1 (order.new) was refused with NOT_ALLOWED, and is event 1'])
})

it('finds events that are gone, or changed, since they were read', async () => {
  const { folder, ledger } = await ledgerOf(first, second)
  const db = storedTree(folder)
  await storeEntry(db, [{ ...first, recordedAt: 7 }])
  await ledger.readAgain()
  expect(ledger.wrong).toEqual(['event 1 is not what it was'])
  await db.remove(2)
  await ledger.readOn()
  expect(ledger.wrong[1]).toContain('its newer meta page has 1 entries, and its older one 2')
})

it('finds a view, and an event, that a server shows otherwise', async () => {
  const { ledger } = await ledgerOf(first, second)
  const { commandHash: _, ...told } = second
  ledger.checkEvents([told as never])
  const view = { orderId: 'bob-1', eventId: 2, status: 'created' }
  expect(ledger.checkViews(new Map([['bob-1', view as never]]))).toBe(1)
  expect(ledger.checkViews(new Map([['bob-1', { ...view, eventId: 3 } as never]]))).toBe(0)
  expect(ledger.wrong).toEqual([
    'the server tells 1 events otherwise than the log has them',
    expect.stringContaining('the server shows bob-1 as it is not'),
  ])
})
