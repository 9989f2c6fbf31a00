import { expect, it } from 'vitest'
import { Fold } from '../../src/checkpoint/fold.ts'
import { readPast } from '../../src/checkpoint/past.ts'
import { ReplayError } from '../../src/errors.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'
import { orderMachine } from '../../src/order/machine.ts'
import { newOrder, paid, recorded } from '../support/orders.ts'

const fold = new Fold(orderMachine)

/** An order of ten events, and another one of one event in their midst. */
const events = [
  newOrder(),
  paid(1),
  paid(2),
  newOrder(),
  ...[3, 4, 5, 6, 7, 8, 9].map((amount) => paid(amount)),
].map((event, index) =>
  index === 3
    ? recorded({ ...event, eventId: 4, orderId: 'b' })
    : recorded({
        ...event,
        eventId: index + 1,
        orderId: 'a',
        version: index < 3 ? index + 1 : index,
        previousEventId: index === 0 ? null : index === 4 ? 3 : index,
      }),
)
const own = events.filter(({ orderId }) => orderId === 'a')

async function past(eventsPerTurn: number, last?: number) {
  const log = new MemoryLog()
  await log.append(events, 0)
  let turns = 0
  const turn = async () => {
    turns++
  }
  return { ...(await readPast(fold, { log, eventsPerTurn, turn }, 11, last)), turns: () => turns }
}

it('reads and folds an order, and lets others have their turn meanwhile', async () => {
  const whole = fold.all(own)
  for (const [eventsPerTurn, turns] of [
    [1, 18],
    [4, 4],
    [10, 0],
  ] as const) {
    const got = await past(eventsPerTurn)
    expect(got.events).toStrictEqual(own)
    expect(got.snapshot).toMatchObject({ value: whole.value, context: whole.context })
    expect(got.turns(), `${eventsPerTurn} a turn`).toBe(turns)
  }
})

it('folds it up to an event, its own or another one', async () => {
  for (const [last, count] of [
    [3, 3],
    [4, 3],
    [5, 4],
    [0, 0],
  ] as const) {
    const { events: heard, snapshot } = await past(2, last)
    expect(heard).toStrictEqual(own.slice(0, count))
    expect(snapshot.value).toEqual(fold.all(own.slice(0, count)).value)
  }
})

it('names the event that the machine does not take, in whichever turn', async () => {
  const log = new MemoryLog()
  const wrong = recorded({
    ...newOrder(),
    eventId: 2,
    orderId: 'a',
    version: 2,
    previousEventId: 1,
  })
  await log.append([events[0]!, wrong], 0)
  const options = { log, eventsPerTurn: 1, turn: async () => {} }
  await expect(readPast(fold, options, 2)).rejects.toThrow(ReplayError)
})
