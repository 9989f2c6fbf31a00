/** Orders with long histories wake while others are decided, and nothing gets out of order. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Domain, Outcome, RecordedEvent } from '../../src/domain.ts'
import { CorruptLogError, StorageFullError } from '../../src/errors.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'
import { orderDomain } from '../../src/order/index.ts'
import { systemRuntime } from '../../src/runtime.ts'
import { order, sequencerOn, settle } from '../support/sequencer.ts'

let payments = 0
const pay = (orderId: string, paymentId = `p-${++payments}`) => ({ orderId, paymentId, amount: 1 })

/** Takes one append at a time: the sequencer then needs no turns of its own, which are held here. */
class OneAtATime extends MemoryLog {
  override readonly appendsMax: number = 1
}

/** A log with orders of 20 events each. */
async function logWith(...orderIds: readonly string[]) {
  const log = new OneAtATime()
  const { submit } = await sequencerOn({ log })
  for (const orderId of orderIds) {
    await submit('order.new', order(orderId, { customerId: `of-${orderId}` }))
    for (let count = 1; count < 20; count++) await submit('order.pay', pay(orderId))
  }
  return log
}

/** A runtime whose turns come when the test says so. */
function turnByTurn() {
  const turns: (() => void)[] = []
  let isHeld = false
  return {
    turns,
    hold() {
      isHeld = true
    },
    release() {
      isHeld = false
      for (const run of turns.splice(0)) systemRuntime.soon(run)
    },
    runtime: {
      ...systemRuntime,
      soon(run: () => void) {
        if (isHeld) turns.push(run)
        else systemRuntime.soon(run)
      },
    },
  }
}

/** A sequencer that reads four events a turn, and whose turns are held. */
async function held(log: MemoryLog, limits: object = {}) {
  const turns = turnByTurn()
  const made = await sequencerOn({
    log,
    runtime: turns.runtime,
    limits: { eventsPerTurnMax: 4, ...limits },
  })
  turns.hold()
  return { ...made, ...turns }
}

describe('an order that takes long to wake', () => {
  it('keeps no other waiting', async () => {
    const { submit, release, sequencer } = await held(await logWith('deep'))
    const late = submit('order.pay', pay('deep'))
    expect(await submit('order.new', order('a'))).toMatchObject({ eventId: 21 })
    expect(sequencer.waiting).toBe(1)
    expect(await submit('order.pay', pay('a'))).toMatchObject({ eventId: 22 })
    release()
    expect(await late).toMatchObject({ orderId: 'deep', eventId: 23, version: 21 })
    expect(sequencer.waiting).toBe(0)
  })

  it('gets its commands in the order in which they came, and each once', async () => {
    const { submit, release } = await held(await logWith('deep'))
    const first = [submit('order.pay', { ...pay('deep'), commandId: 'c' })]
    await settle()
    const second = { ...pay('deep'), expectedVersion: 21 }
    first.push(submit('order.pay', second), submit('order.cancel', { orderId: 'deep' }))
    await settle()
    first.push(submit('order.pay', pay('deep')))
    release()
    expect(await Promise.all(first)).toMatchObject([
      { version: 21 },
      { version: 22 },
      { version: 23 },
      { refused: 'NOT_ALLOWED' },
    ])
  })

  it('keeps the commands of its batch in their order, whatever their orders', async () => {
    const { submit, release } = await held(await logWith('deep'))
    const batch = {}
    const answers = [
      submit('order.new', order('a'), { batch }),
      submit('order.pay', pay('deep'), { batch }),
      submit('order.new', order('b'), { batch }),
    ]
    expect(await answers[0]).toMatchObject({ eventId: 21 })
    const after = submit('order.pay', pay('b'))
    expect(await submit('order.new', order('c'))).toMatchObject({ eventId: 22 })
    release()
    answers.push(after)
    expect(await Promise.all(answers)).toMatchObject([
      { eventId: 21 },
      { eventId: 23, orderId: 'deep' },
      { eventId: 24, orderId: 'b' },
      { eventId: 25, orderId: 'b' },
    ])
  })

  it('is waited for where as many as may are waking already', async () => {
    const log = await logWith('deep', 'deeper', 'deepest')
    const { submit, release, turns, sequencer } = await held(log, { wakingOrdersMax: 2 })
    const answers = ['deep', 'deeper', 'deepest'].map((id) => submit('order.pay', pay(id)))
    answers.push(submit('order.new', order('a')))
    await settle()
    expect(turns).toHaveLength(3)
    expect(sequencer.waiting).toBe(4)
    release()
    expect((await Promise.all(answers)).filter((answer) => 'refused' in answer)).toEqual([])
  })

  it('counts among the commands that wait, and is waited for at the end', async () => {
    const { submit, release, sequencer } = await held(await logWith('deep'), {
      inboxCommandsMax: 2,
    })
    const answers = [submit('order.pay', pay('deep')), submit('order.pay', pay('deep'))]
    await settle()
    expect(await submit('order.new', order('a'))).toMatchObject({ refused: 'OVERLOADED' })
    const closed = sequencer.close()
    release()
    await closed
    expect(await Promise.all(answers)).toMatchObject([{ version: 21 }, { version: 22 }])
    expect(sequencer.liveActors).toBe(0)
  })

  it('stops the writer where it is damaged, and answers whoever waits', async () => {
    const log = await logWith('deep')
    const broken = new CorruptLogError(3, 'its checksum does not match')
    log.readBack = async function* (eventId: number, max: number) {
      for await (const batch of MemoryLog.prototype.readBack.call(log, eventId, max)) {
        if (batch.some((event) => event.eventId === 3)) throw broken
        yield batch
      }
    }
    const { submit, release, sequencer, faults } = await held(log)
    const late = submit('order.pay', pay('deep'))
    expect(await submit('order.new', order('a'))).toMatchObject({ eventId: 21 })
    const closed = sequencer.close()
    release()
    expect(await late).toMatchObject({ refused: 'STOPPING' })
    await closed
    expect(faults).toEqual([broken])
  })

  it('is not woken by a stranger, who is told what he is told of no order', async () => {
    const { submit, turns, sequencer } = await held(await logWith('deep'))
    const customerId = 'somebody'
    const ask = (orderId: string) => submit('order.pay', pay(orderId), { customerId })
    const [there, none] = [await ask('deep'), await ask('nope')]
    const anonymous = JSON.stringify(there).replaceAll('deep', 'nope')
    expect(anonymous).toBe(JSON.stringify(none))
    expect(await submit('order.new', order('deep'), { customerId })).toMatchObject({
      refused: 'FORBIDDEN',
    })
    expect([turns.length, sequencer.liveActors]).toEqual([0, 0])
  })
})

/** A log whose appends take a while, and of which some find no room. */
class FullAtTimes extends MemoryLog {
  readonly #isFull: readonly boolean[]
  #appends = 0

  constructor(isFull: readonly boolean[]) {
    super()
    this.#isFull = isFull
  }

  /** Puts in what was there before. */
  fill(batch: readonly RecordedEvent[]): Promise<void> {
    return super.append(batch, this.head)
  }

  override async append(...args: Parameters<MemoryLog['append']>): Promise<void> {
    const isFull = this.#isFull[this.#appends++]
    await settle(2)
    if (isFull) throw new StorageFullError('the test')
    await super.append(...args)
  }
}

it('decides each command once, and those of an order and of a batch in their order', async () => {
  const step = fc.record({
    orderId: fc.constantFrom('a', 'b', 'c', 'd'),
    batch: fc.constantFrom(undefined, 0, 1),
    isRepeat: fc.boolean(),
    turnsAfter: fc.constantFrom(0, 0, 0, 1, 3, 12),
  })
  const scenario = fc.record({
    steps: fc.array(step, { minLength: 1, maxLength: 40 }),
    full: fc.array(fc.boolean(), { maxLength: 12 }),
    eventsPerTurnMax: fc.constantFrom(1, 2, 5),
    wakingOrdersMax: fc.integer({ min: 1, max: 3 }),
    liveActorsMax: fc.integer({ min: 3, max: 9 }),
    depths: fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 4, maxLength: 4 }),
  })
  await fc.assert(
    fc.asyncProperty(scenario, async ({ steps, full, depths, ...limits }) => {
      const log = new MemoryLog()
      const before = await sequencerOn({ log })
      for (const [index, orderId] of ['a', 'b', 'c', 'd'].entries()) {
        const lines = [{ sku: 'widget', quantity: 1, unitPrice: 1_000_000 }]
        await before.submit('order.new', order(orderId, { lines }))
        for (let count = 0; count < depths[index]!; count++) {
          await before.submit('order.pay', pay(orderId))
        }
      }
      const decided: string[] = []
      const domain: Domain = {
        ...(orderDomain as unknown as Domain),
        decide(snapshot, method, params) {
          decided.push((params as { paymentId: string }).paymentId)
          return (orderDomain as unknown as Domain).decide(snapshot, method, params)
        },
      }
      const flaky = new FullAtTimes(full)
      for await (const batch of log.read(1)) await flaky.fill(batch)
      const { submit, sequencer, view, faults } = await sequencerOn({ log: flaky, domain, limits })
      const batches = [{}, {}]
      const sent: { id: string; orderId: string; batch: number | undefined }[] = []
      const answers: Promise<{ id: string; outcome: Outcome }>[] = []
      for (const { orderId, batch, isRepeat, turnsAfter } of steps) {
        const last = sent.findLast((one) => one.orderId === orderId)
        const id = isRepeat && last ? last.id : `s-${sent.length}`
        const params = { ...pay(orderId, id), commandId: id }
        sent.push({ id, orderId, batch })
        const of = batch === undefined ? {} : { batch: batches[batch] }
        answers.push(submit('order.pay', params, of).then((outcome) => ({ id, outcome })))
        await settle(turnsAfter)
      }
      await sequencer.close()
      const got = await Promise.all(answers)
      expect(faults).toEqual([])
      expect(sequencer.waiting).toBe(0)

      // In the order in which they came: of each order, and of each batch.
      const firsts = sent.filter(
        ({ id }, index) => sent.findIndex((one) => one.id === id) === index,
      )
      const lanes = [
        ...['a', 'b', 'c', 'd'].map((id) => firsts.filter(({ orderId }) => orderId === id)),
        ...[0, 1].map((batch) => firsts.filter((one) => one.batch === batch)),
      ]
      for (const lane of lanes) {
        const places = lane.map(({ id }) => decided.indexOf(id))
        expect(places).toEqual([...places].sort((one, other) => one - other))
      }
      // Once: a receipt for each event, an event for each receipt, and the view shows them.
      const recorded: string[] = []
      for await (const batch of flaky.read(log.head + 1)) {
        for (const { commandId } of batch) recorded.push(commandId!)
      }
      expect(new Set(recorded).size).toBe(recorded.length)
      const receipts = new Set<string>()
      for (const { id, outcome } of got) {
        if ('refused' in outcome) expect(outcome.refused).toBe('STORAGE_FULL')
        else receipts.add(id)
      }
      expect([...receipts].sort()).toEqual([...recorded].sort())
      const rebuilt = await sequencerOn({ log: flaky })
      for (const id of ['a', 'b', 'c', 'd']) expect(rebuilt.view.get(id)).toEqual(view.get(id))
    }),
    { numRuns: 60 },
  )
})
