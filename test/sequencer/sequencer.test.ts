import { describe, expect, it } from 'vitest'
import type { Receipt, RecordedEvent } from '../../src/domain.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'
import { ScriptedLog } from '../support/scripted-log.ts'
import { order, sequencerOn, settle } from '../support/sequencer.ts'

const eventsOf = async (log: MemoryLog): Promise<RecordedEvent[]> => {
  const events: RecordedEvent[] = []
  for await (const batch of log.read(log.firstEventId)) events.push(...batch)
  return events
}

describe('numbering', () => {
  it('gives Bob his three events, 2001 to 2003, each naming the one before', async () => {
    const log = new MemoryLog({ firstEventId: 2001 })
    const { submit } = await sequencerOn({ log })
    const receipts = await Promise.all([
      submit('order.new', order('bob-1')),
      submit('order.modify', { orderId: 'bob-1', lines: [{ sku: 'widget', quantity: 6 }] }),
      submit('order.pay', { orderId: 'bob-1', paymentId: 'p', amount: 6000 }),
    ])
    expect(receipts).toMatchObject([
      { orderId: 'bob-1', eventId: 2001, version: 1, replayed: false },
      { orderId: 'bob-1', eventId: 2002, version: 2, replayed: false },
      { orderId: 'bob-1', eventId: 2003, version: 3, replayed: false },
    ])
    expect((await eventsOf(log)).map((event) => [event.type, event.previousEventId])).toEqual([
      ['NewOrderEvent', null],
      ['ModifyOrderEvent', 2001],
      ['OrderPaymentEvent', 2002],
    ])
  })

  it('uses no number for a refused command', async () => {
    const { submit, log } = await sequencerOn()
    await submit('order.new', order('a'))
    expect(await submit('order.deliver', { orderId: 'a' })).toMatchObject({
      refused: 'NOT_ALLOWED',
    })
    expect(await submit('order.new', order('b'))).toMatchObject({ eventId: 2 })
    expect(log.head).toBe(2)
  })

  it('records who asked, the form of the data, and the hash of a command with an id', async () => {
    const log = new MemoryLog()
    const { submit } = await sequencerOn({ log })
    await submit('order.new', order('a', { commandId: 'c-1' }))
    const [event] = await eventsOf(log)
    expect(event).toMatchObject({ by: null, schema: 1, commandId: 'c-1' })
    expect(event?.commandHash).toMatch(/^[0-9a-f]{32}$/)
  })
})

describe('a command that is to place an order, and is refused', () => {
  const tooMuch = {
    lines: [{ sku: 'widget', quantity: 2, unitPrice: Number.MAX_SAFE_INTEGER }],
  }
  const refusedAmount = { refused: 'AMOUNT_OUT_OF_RANGE' }

  it('leaves no order, so that the next one places it', async () => {
    const { submit, view, heads } = await sequencerOn()
    expect(await submit('order.new', order('a', tooMuch))).toMatchObject(refusedAmount)
    expect([view.get('a'), view.size, heads.keptCount]).toEqual([undefined, 0, 0])
    const modify = { orderId: 'a', lines: [{ sku: 'widget', quantity: 1 }] }
    expect(await submit('order.modify', modify)).toMatchObject({ refused: 'ORDER_NOT_FOUND' })
    expect(await submit('order.new', order('a'))).toMatchObject({ eventId: 1, version: 1 })
    expect(view.get('a')).toMatchObject({ total: 5000 })
  })

  it('leaves none for the others of its group either', async () => {
    const { submit } = await sequencerOn()
    const answers = await Promise.all([
      submit('order.new', order('a', tooMuch)),
      submit('order.pay', { orderId: 'a', paymentId: 'p', amount: 1 }),
      submit('order.new', order('a', { expectedVersion: 0 })),
      submit('order.new', order('a')),
    ])
    expect(answers).toMatchObject([
      refusedAmount,
      { refused: 'ORDER_NOT_FOUND' },
      { eventId: 1, version: 1 },
      { refused: 'ORDER_EXISTS' },
    ])
  })

  it("is nobody else's order to whoever may see none but a customer's", async () => {
    const { submit } = await sequencerOn()
    expect(await submit('order.new', order('a', tooMuch))).toMatchObject(refusedAmount)
    const pay = { orderId: 'a', paymentId: 'p', amount: 1 }
    const refused = await submit('order.pay', pay, { customerId: 'eve' })
    expect(refused).toMatchObject({ refused: 'ORDER_NOT_FOUND' })
    const eves = order('a', { customerId: 'eve' })
    expect(await submit('order.new', eves, { customerId: 'eve' })).toMatchObject({ eventId: 1 })
  })

  it('does not keep an actor that others need', async () => {
    const { submit, sequencer, heads } = await sequencerOn({ limits: { liveActorsMax: 6 } })
    for (let index = 0; index < 20; index++) {
      const refused = submit('order.new', order(`refused-${index}`, tooMuch))
      expect(await refused).toMatchObject(refusedAmount)
      expect(await submit('order.new', order(`placed-${index}`))).toMatchObject({ version: 1 })
    }
    expect(sequencer.liveActors).toBe(6)
    expect([heads.size, heads.find('refused-0')]).toEqual([20, undefined])
  })
})

describe('what the sequencer refuses itself', () => {
  it('refuses commands to an order that does not exist', async () => {
    const { submit } = await sequencerOn()
    expect(await submit('order.ship', { orderId: 'a' })).toMatchObject({
      refused: 'ORDER_NOT_FOUND',
      details: { orderId: 'a' },
    })
  })

  it('refuses to place an order twice', async () => {
    const { submit } = await sequencerOn()
    await submit('order.new', order('a'))
    expect(await submit('order.new', order('a'))).toMatchObject({ refused: 'ORDER_EXISTS' })
  })

  it('refuses another version than the expected one, and says which it is', async () => {
    const { submit } = await sequencerOn()
    await submit('order.new', order('a', { expectedVersion: 0 }))
    const pay = { orderId: 'a', paymentId: 'p', amount: 1 }
    expect(await submit('order.pay', { ...pay, expectedVersion: 2 })).toMatchObject({
      refused: 'VERSION_CONFLICT',
      details: { currentVersion: 1 },
    })
    expect(await submit('order.pay', { ...pay, expectedVersion: 1 })).toMatchObject({ version: 2 })
  })

  it('answers OVERLOADED when the inbox is full, and loses nothing that it took', async () => {
    const log = new ScriptedLog()
    const { submit, sequencer } = await sequencerOn({ log, limits: { inboxCommandsMax: 2 } })
    const first = submit('order.new', order('a'))
    const held = await log.next()
    const second = submit('order.new', order('b'))
    const heldToo = await log.next()
    const waiting = [submit('order.new', order('c')), submit('order.new', order('d'))]
    expect(sequencer.waiting).toBe(2)
    expect(await submit('order.new', order('e'))).toMatchObject({ refused: 'OVERLOADED' })
    held.land()
    heldToo.land()
    const rest = await log.next()
    rest.land()
    while (sequencer.waiting > 0 || log.held.length > 0) {
      log.held.shift()?.land()
      await settle(1)
    }
    expect(await Promise.all([first, second, ...waiting])).toMatchObject([
      { eventId: 1 },
      { eventId: 2 },
      { eventId: 3 },
      { eventId: 4 },
    ])
  })
})

describe('groups', () => {
  it('commits what came together together, and no more than batchEventsMax at once', async () => {
    const log = new ScriptedLog()
    const { submit } = await sequencerOn({ log, limits: { batchEventsMax: 3 } })
    for (let index = 0; index < 7; index++) void submit('order.new', order(`o-${index}`))
    const sizes: number[] = []
    while (sizes.reduce((sum, size) => sum + size, 0) < 7) {
      const append = await log.next()
      sizes.push(append.batch.length)
      append.land()
    }
    expect(Math.max(...sizes)).toBe(3)
    expect(log.head).toBe(7)
  })

  it('decides the next group while the last one is flushed, and begins no third append', async () => {
    const log = new ScriptedLog()
    const { submit, sequencer } = await sequencerOn({ log, limits: { groupShareMin: 1 } })
    const answers = ['a', 'b', 'c', 'd'].map((orderId) => submit('order.new', order(orderId)))
    await settle()
    expect(log.held.map(({ batch }) => batch.length)).toEqual([2, 2])
    answers.push(submit('order.new', order('e')))
    await settle()
    expect(log.held).toHaveLength(2)
    expect(sequencer.waiting).toBe(1)
    while (log.head < 5) (await log.next()).land()
    expect(await Promise.all(answers)).toHaveLength(5)
  })

  it('puts commands together that are too few to be worth a flush each', async () => {
    const log = new ScriptedLog()
    const { submit } = await sequencerOn({ log, limits: { groupShareMin: 3 } })
    const place = (ids: string) => [...ids].map((id) => submit('order.new', order(id)))
    const answers = place('abc')
    await settle()
    answers.push(...place('defgh'))
    await settle()
    // Of eight in flight half is more than three.
    expect(log.held.map(({ batch }) => batch.length)).toEqual([3, 4])
    while (log.head < 8) (await log.next()).land()
    expect(await Promise.all(answers)).toHaveLength(8)
  })

  it('decides on events that are not durable yet', async () => {
    const log = new ScriptedLog()
    const { submit } = await sequencerOn({ log })
    const placed = submit('order.new', order('a'))
    const first = await log.next()
    const paid = submit('order.pay', { orderId: 'a', paymentId: 'p', amount: 5000 })
    const second = await log.next()
    expect(second.batch).toMatchObject([{ eventId: 2, version: 2, previousEventId: 1 }])
    first.land()
    second.land()
    expect(await Promise.all([placed, paid])).toMatchObject([{ version: 1 }, { version: 2 }])
  })
})

describe('the order of telling', () => {
  it('shows, then answers, then tells', async () => {
    const { submit, said } = await sequencerOn()
    await submit('order.new', order('a'))
    await settle()
    expect(said).toEqual(['show 1', 'receipt 1', 'tell 1'])
  })

  it('gives a receipt only after the view shows the event', async () => {
    const { submit, view } = await sequencerOn()
    const receipt = (await submit('order.new', order('a'))) as Receipt
    expect(view.get('a')?.eventId).toBe(receipt.eventId)
  })

  it('settles appends in the order in which they were begun, whichever ends first', async () => {
    const log = new ScriptedLog()
    const { submit, said } = await sequencerOn({ log })
    void submit('order.new', order('a'))
    const first = await log.next()
    void submit('order.new', order('b'))
    const second = await log.next()
    await first.write()
    await second.write()
    second.report()
    await settle()
    expect(said).toEqual([])
    first.report()
    await settle()
    expect(said.filter((line) => line.startsWith('receipt'))).toEqual(['receipt 1', 'receipt 2'])
  })
})

describe('closing', () => {
  it('answers all that it has taken, and refuses what comes later', async () => {
    const log = new ScriptedLog()
    const { submit, sequencer } = await sequencerOn({ log })
    const taken = submit('order.new', order('a'))
    const closed = sequencer.close()
    expect(await submit('order.new', order('b'))).toMatchObject({ refused: 'STOPPING' })
    ;(await log.next()).land()
    await closed
    expect(await taken).toMatchObject({ eventId: 1 })
    expect(sequencer.liveActors).toBe(0)
  })

  it('closes at once where there is nothing to do', async () => {
    const { sequencer } = await sequencerOn()
    await sequencer.close()
  })
})
