import { describe, expect, it } from 'vitest'
import type { InspectionEvent } from 'xstate'
import type { Domain } from '../../src/domain.ts'
import { CorruptLogError, MachineError } from '../../src/errors.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'
import { orderDomain } from '../../src/order/index.ts'
import { ScriptedLog } from '../support/scripted-log.ts'
import { order, sequencerOn, settle } from '../support/sequencer.ts'

describe('live actors', () => {
  it('never live in greater number than liveActorsMax, however many orders there are', async () => {
    const { submit, sequencer, view } = await sequencerOn({ limits: { liveActorsMax: 6 } })
    let most = 0
    for (let round = 0; round < 3; round++) {
      const answers = Array.from({ length: 40 }, (_, index) => {
        const orderId = `o-${index}`
        const pay = { orderId, paymentId: `p-${round}`, amount: 1 }
        return (round === 0 ? submit('order.new', order(orderId)) : submit('order.pay', pay)).then(
          (answer) => {
            most = Math.max(most, sequencer.liveActors)
            return answer
          },
        )
      })
      expect((await Promise.all(answers)).filter((answer) => 'refused' in answer)).toEqual([])
    }
    expect(most).toBeLessThanOrEqual(6)
    expect(most).toBeGreaterThan(0)
    for (let index = 0; index < 40; index++) {
      expect(view.get(`o-${index}`)).toMatchObject({ version: 3, paid: 2 })
    }
  })

  it('are kept while an event of theirs is not durable', async () => {
    const log = new ScriptedLog()
    const { submit, sequencer } = await sequencerOn({ log, limits: { liveActorsMax: 3 } })
    void submit('order.new', order('a'))
    const first = await log.next()
    void submit('order.new', order('b'))
    const second = await log.next()
    const third = submit('order.new', order('c'))
    const fourth = submit('order.new', order('d'))
    await settle()
    expect(sequencer.liveActors).toBe(2)
    first.land()
    second.land()
    while (log.head < 4) (await log.next()).land()
    expect(await third).toMatchObject({ eventId: 3 })
    expect(await fourth).toMatchObject({ eventId: 4 })
    expect(sequencer.liveActors).toBeLessThanOrEqual(3)
  })

  it('need room for the appends that may be under way', async () => {
    await expect(sequencerOn({ limits: { liveActorsMax: 2 } })).rejects.toThrow(
      'liveActorsMax must be at least 3',
    )
  })

  it('come back as they were, from the history of their order', async () => {
    const log = new MemoryLog()
    const before = await sequencerOn({ log })
    await before.submit('order.new', order('a'))
    await before.submit('order.pay', { orderId: 'a', paymentId: 'p', amount: 5000 })
    const after = await sequencerOn({ log })
    expect(after.sequencer.liveActors).toBe(0)
    expect(
      await after.submit('order.pay', { orderId: 'a', paymentId: 'p', amount: 1 }),
    ).toMatchObject({ refused: 'PAYMENT_ID_REUSED' })
    expect(await after.submit('order.ship', { orderId: 'a' })).toMatchObject({ version: 3 })
    expect(after.sequencer.liveActors).toBe(1)
  })

  it('are seen by inspect, each under the id of its order', async () => {
    const seen: InspectionEvent[] = []
    const { submit } = await sequencerOn({ inspect: (event) => seen.push(event) })
    await submit('order.new', order('a'))
    const heard = seen.filter((event) => event.type === '@xstate.event')
    expect(heard.map((event) => event.event.type)).toContain('NewOrderEvent')
    const snapshots = seen.filter((event) => event.type === '@xstate.snapshot')
    expect(snapshots.map((event) => 'id' in event.actorRef && event.actorRef.id)).toContain('a')
  })
})

describe('faults of the domain', () => {
  const broken = (parts: Partial<Domain>): Domain => ({
    ...(orderDomain as unknown as Domain),
    ...parts,
  })

  it('stop the writer when decide throws, with nothing recorded', async () => {
    const domain = broken({
      decide() {
        throw new Error('a bug')
      },
    })
    const { submit, log, faults } = await sequencerOn({ domain })
    const first = submit('order.new', order('a'))
    const second = submit('order.new', order('b'))
    await expect(first).rejects.toThrow(MachineError)
    expect(await second).toMatchObject({ refused: 'STOPPING' })
    expect(faults).toMatchObject([{ code: 'MACHINE' }])
    expect(log.head).toBe(0)
  })

  it('stop the writer when the machine does not take what was decided', async () => {
    const domain = broken({
      decide: () => ({ type: 'OrderDeliveredEvent', data: {} }),
    })
    const { submit, log, faults } = await sequencerOn({ domain })
    await expect(submit('order.new', order('a'))).rejects.toThrow(
      'did not take OrderDeliveredEvent',
    )
    expect(faults).toHaveLength(1)
    expect(log.head).toBe(0)
  })

  it('stop the writer when an order cannot be activated, and say which event is damaged', async () => {
    class DamagedLog extends MemoryLog {
      damaged = false
      override async *readBack(eventId: number, batchEventsMax: number) {
        if (this.damaged) throw new CorruptLogError(eventId, 'its checksum does not match')
        yield* super.readBack(eventId, batchEventsMax)
      }
    }
    const log = new DamagedLog()
    await (await sequencerOn({ log })).submit('order.new', order('a'))
    const { submit, faults } = await sequencerOn({ log })
    log.damaged = true
    expect(await submit('order.ship', { orderId: 'a' })).toMatchObject({ refused: 'STOPPING' })
    expect(faults).toMatchObject([{ code: 'CORRUPT_LOG', eventId: 1 }])
  })
})
