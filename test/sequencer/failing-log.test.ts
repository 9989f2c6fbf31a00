import { describe, expect, it } from 'vitest'
import {
  AppendUnknownError,
  OutcomeUnknownError,
  StaleHeadError,
  StorageFullError,
} from '../../src/errors.ts'
import { ScriptedLog } from '../support/scripted-log.ts'
import { order, sequencerOn, settle } from '../support/sequencer.ts'

const full = () => new StorageFullError('the disk')
const pay = { orderId: 'a', paymentId: 'p', amount: 5000 }

/** Two appends under way: order a is placed in the first, and paid in the second. */
async function twoUnderWay() {
  const log = new ScriptedLog()
  const made = await sequencerOn({ log })
  const placed = made.submit('order.new', order('a'))
  const first = await log.next()
  const paid = made.submit('order.pay', pay)
  const second = await log.next()
  return { ...made, log, placed, first, paid, second }
}

describe('an append that is surely not written', () => {
  it('tells its commands that they were not applied, and goes on', async () => {
    const { submit, log, placed, first, paid, second, faults, view } = await twoUnderWay()
    first.fail(full())
    second.land()
    expect(await placed).toMatchObject({ refused: 'STORAGE_FULL' })
    expect(await paid).toMatchObject({ refused: 'STORAGE_FULL' })
    expect(view.size).toBe(0)
    const again = submit('order.new', order('a'))
    const retried = await log.next()
    expect(retried.batch).toMatchObject([{ eventId: 1, version: 1, previousEventId: null }])
    retried.land()
    expect(await again).toMatchObject({ eventId: 1, version: 1 })
    expect(faults).toEqual([])
  })

  it('throws away what ran ahead: the order is decided anew from what is durable', async () => {
    const log = new ScriptedLog()
    const { submit, view } = await sequencerOn({ log })
    const placed = submit('order.new', order('a'))
    ;(await log.next()).land()
    await placed
    const paid = submit('order.pay', pay)
    ;(await log.next()).fail(full())
    expect(await paid).toMatchObject({ refused: 'STORAGE_FULL' })
    expect(await submit('order.ship', { orderId: 'a' })).toMatchObject({
      refused: 'NOT_ALLOWED',
      details: { guard: 'isPaid' },
    })
    const paidAgain = submit('order.pay', pay)
    ;(await log.next()).land()
    expect(await paidAgain).toMatchObject({ eventId: 2, version: 2 })
    expect(view.get('a')).toMatchObject({ status: 'paid', paid: 5000 })
  })

  it('decides nothing on top of it while others are still under way', async () => {
    const { submit, log, first, second, placed, paid } = await twoUnderWay()
    first.fail(full())
    await placed
    const waiting = submit('order.new', order('b'))
    await settle()
    expect(log.held).toEqual([])
    second.fail(new StaleHeadError(1))
    await paid
    ;(await log.next()).land()
    expect(await waiting).toMatchObject({ eventId: 1 })
  })

  it('tells no refusal that rests on it: it is as if its events had never been', async () => {
    const log = new ScriptedLog()
    const { submit, said } = await sequencerOn({ log })
    void submit('order.new', order('a'))
    const append = await log.next()
    const exists = submit('order.new', order('a'))
    const conflict = submit('order.pay', { ...pay, expectedVersion: 7 })
    await settle()
    expect(said).toEqual([])
    append.fail(full())
    expect(await exists).toMatchObject({ refused: 'STORAGE_FULL' })
    expect(await conflict).toMatchObject({ refused: 'STORAGE_FULL' })
  })

  it('gives refusals that rest on it once it is durable', async () => {
    const log = new ScriptedLog()
    const { submit, said } = await sequencerOn({ log })
    void submit('order.new', order('a'))
    const append = await log.next()
    void submit('order.new', order('a'))
    await settle()
    append.land()
    await settle()
    expect(said).toEqual(['show 1', 'receipt 1', 'refuse ORDER_EXISTS', 'tell 1'])
  })

  it('gives refusals that rest on nothing new at once', async () => {
    const log = new ScriptedLog()
    const { submit } = await sequencerOn({ log })
    void submit('order.new', order('a'))
    await log.next()
    expect(await submit('order.ship', { orderId: 'nobody' })).toMatchObject({
      refused: 'ORDER_NOT_FOUND',
    })
  })
})

describe('a stale head', () => {
  it('was not written, and stops the engine: someone else writes this log', async () => {
    const { submit, first, second, placed, paid, faults } = await twoUnderWay()
    first.fail(new StaleHeadError(0))
    second.fail(new StaleHeadError(1))
    expect(await placed).toMatchObject({ refused: 'STOPPING' })
    expect(await paid).toMatchObject({ refused: 'STOPPING' })
    expect(faults).toMatchObject([{ code: 'STALE_HEAD' }])
    expect(await submit('order.new', order('b'))).toMatchObject({ refused: 'STOPPING' })
  })
})

describe('an append of which nobody knows', () => {
  const unknown = () => new AppendUnknownError(new Error('i/o error'))

  it('leaves its commands unknown, and stops the engine rather than guess', async () => {
    const { submit, first, second, placed, paid, faults } = await twoUnderWay()
    const waiting = submit('order.new', order('c'))
    first.landAndFail(unknown())
    second.fail(unknown())
    await expect(placed).rejects.toThrow(OutcomeUnknownError)
    await expect(paid).rejects.toThrow(OutcomeUnknownError)
    expect(await waiting).toMatchObject({ refused: 'STOPPING' })
    expect(faults).toMatchObject([{ code: 'APPEND_UNKNOWN' }])
  })

  it('leaves a repeat of its commands unknown too', async () => {
    const log = new ScriptedLog()
    const { submit } = await sequencerOn({ log })
    const first = submit('order.new', order('a', { commandId: 'c' }))
    const append = await log.next()
    const again = submit('order.new', order('a', { commandId: 'c' }))
    await settle()
    append.fail(unknown())
    await expect(first).rejects.toThrow(OutcomeUnknownError)
    await expect(again).rejects.toThrow(OutcomeUnknownError)
  })

  it('says of a command that was refused meanwhile that it was not applied', async () => {
    const log = new ScriptedLog()
    const { submit } = await sequencerOn({ log })
    void submit('order.new', order('a')).catch(() => {})
    const append = await log.next()
    const exists = submit('order.new', order('a'))
    await settle()
    append.fail(unknown())
    expect(await exists).toMatchObject({ refused: 'STOPPING' })
  })

  it('is read as it truly is at the next start', async () => {
    const { log, first, second, placed, paid, sequencer } = await twoUnderWay()
    first.landAndFail(unknown())
    second.fail(unknown())
    await Promise.allSettled([placed, paid])
    await sequencer.close()
    const next = await sequencerOn({ log })
    expect(next.view.get('a')).toMatchObject({ status: 'created', version: 1 })
  })
})
