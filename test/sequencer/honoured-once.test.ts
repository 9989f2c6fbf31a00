import { describe, expect, it } from 'vitest'
import { StorageFullError } from '../../src/errors.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'
import { ScriptedLog } from '../support/scripted-log.ts'
import { order, sequencerOn, settle } from '../support/sequencer.ts'

const pay = { orderId: 'a', paymentId: 'p', amount: 5000, commandId: 'c-pay' }

describe('a command is honoured once', () => {
  it('gives the first receipt again, and records nothing', async () => {
    const { submit, log } = await sequencerOn()
    await submit('order.new', order('a'))
    const first = await submit('order.pay', pay)
    expect(await submit('order.pay', pay)).toEqual({ ...first, replayed: true })
    expect(log.head).toBe(2)
  })

  it('finds the same order where the commandId became the orderId', async () => {
    const { submit, log } = await sequencerOn()
    const { orderId: _, ...nameless } = order('')
    const first = await submit('order.new', { ...nameless, commandId: 'c-1' })
    expect(first).toMatchObject({ orderId: 'c-1', replayed: false })
    const again = await submit('order.new', { ...nameless, commandId: 'c-1' })
    expect(again).toEqual({ ...first, replayed: true })
    expect(log.head).toBe(1)
  })

  it('looks at the id before the version and before what is legal now', async () => {
    const { submit } = await sequencerOn()
    await submit('order.new', order('a'))
    const first = await submit('order.pay', { ...pay, expectedVersion: 1 })
    await submit('order.ship', { orderId: 'a' })
    const again = await submit('order.pay', { ...pay, expectedVersion: 1 })
    expect(again).toEqual({ ...first, replayed: true })
  })

  it('refuses the same id with other params or another method', async () => {
    const { submit } = await sequencerOn()
    await submit('order.new', order('a'))
    await submit('order.pay', pay)
    const reused = { refused: 'COMMAND_ID_REUSED', details: { commandId: 'c-pay' } }
    expect(await submit('order.pay', { ...pay, amount: 1 })).toMatchObject(reused)
    expect(await submit('order.ship', { orderId: 'a', commandId: 'c-pay' })).toMatchObject(reused)
  })

  it('leaves the id of one order free for another', async () => {
    const { submit } = await sequencerOn()
    await submit('order.new', order('a', { commandId: 'c' }))
    expect(await submit('order.new', order('b', { commandId: 'c' }))).toMatchObject({
      orderId: 'b',
      replayed: false,
    })
  })

  it('leaves the id of a refused command free', async () => {
    const { submit } = await sequencerOn()
    await submit('order.new', order('a'))
    expect(await submit('order.ship', { orderId: 'a', commandId: 'c' })).toMatchObject({
      refused: 'NOT_ALLOWED',
    })
    await submit('order.pay', pay)
    expect(await submit('order.ship', { orderId: 'a', commandId: 'c' })).toMatchObject({
      version: 3,
    })
  })

  it('remembers over a restart', async () => {
    const log = new MemoryLog()
    const before = await sequencerOn({ log })
    await before.submit('order.new', order('a'))
    const first = await before.submit('order.pay', pay)
    await before.sequencer.close()
    const after = await sequencerOn({ log })
    expect(await after.submit('order.pay', pay)).toEqual({ ...first, replayed: true })
    expect(await after.submit('order.pay', { ...pay, amount: 1 })).toMatchObject({
      refused: 'COMMAND_ID_REUSED',
    })
  })

  it('remembers when the actor was passivated meanwhile', async () => {
    const { submit, sequencer } = await sequencerOn({ limits: { liveActorsMax: 3 } })
    await submit('order.new', order('a'))
    const first = await submit('order.pay', pay)
    for (const orderId of ['b', 'c', 'd', 'e', 'f']) await submit('order.new', order(orderId))
    expect(sequencer.liveActors).toBeLessThanOrEqual(3)
    expect(await submit('order.pay', pay)).toEqual({ ...first, replayed: true })
  })

  it('lets the repeat of a command that is being flushed wait for that flush', async () => {
    const log = new ScriptedLog()
    const { submit, said } = await sequencerOn({ log })
    const first = submit('order.new', order('a', { commandId: 'c' }))
    const append = await log.next()
    const again = submit('order.new', order('a', { commandId: 'c' }))
    await settle()
    expect(said).toEqual([])
    append.land()
    expect(await again).toEqual({ ...(await first), replayed: true })
  })

  it('tells the repeat of a command that was not applied the same as the command', async () => {
    const log = new ScriptedLog()
    const { submit } = await sequencerOn({ log })
    const first = submit('order.new', order('a', { commandId: 'c' }))
    const append = await log.next()
    const again = submit('order.new', order('a', { commandId: 'c' }))
    await settle()
    append.fail(new StorageFullError('the disk'))
    expect(await first).toMatchObject({ refused: 'STORAGE_FULL' })
    expect(await again).toMatchObject({ refused: 'STORAGE_FULL' })
  })

  it('answers the repeat of a durable command at once, whatever else of its order is flushed', async () => {
    const log = new ScriptedLog()
    const { submit } = await sequencerOn({ log })
    const first = submit('order.new', order('a', { commandId: 'c' }))
    ;(await log.next()).land()
    await first
    void submit('order.pay', pay)
    const append = await log.next()
    expect(await submit('order.new', order('a', { commandId: 'c' }))).toEqual({
      ...(await first),
      replayed: true,
    })
    append.land()
  })
})
