import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { measureThroughput, throughput } from '../../bench/questions/throughput.ts'
import { barePutsSubject } from '../../bench/subjects/bare-puts.ts'
import { HandWrittenOrders } from '../../bench/subjects/by-hand/orders.ts'
import type { Event } from '../../bench/subjects/by-hand/rules.ts'
import { runsHere } from '../../bench/subjects/runs.ts'
import type { Subject } from '../../bench/subjects/subject.ts'
import { xstateSubject } from '../../bench/subjects/xstate.ts'
import { type Command, drive, planOrders, WrongResultError } from '../../bench/workload.ts'
import { temporaryFolder } from '../support/folders.ts'
import { deciding, lossy, subjects, tampered } from './subjects.ts'

const loads = [
  { inFlight: 1, orders: 2 },
  { inFlight: 8, orders: 20 },
]

const measure = (measured: readonly Subject[], folder = temporaryFolder()) =>
  measureThroughput({
    ...{ subjects: measured, loads, rounds: 2, warmups: 0 },
    leadIn: { orders: 0, inFlight: 1 },
    ...{ runs: runsHere(folder), note: () => {} },
  })

describe('the throughput question', () => {
  it('yields a cell for each subject under each load, and leaves no file behind', async () => {
    const folder = temporaryFolder()
    const answer = await measure(subjects, folder)
    const places = answer.cells.map(({ subject, inFlight }) => `${subject} at ${inFlight}`)
    const names = subjects.map(({ name }) => name)
    expect(places).toEqual([1, 8].flatMap((load) => names.map((name) => `${name} at ${load}`)))
    for (const cell of answer.cells) {
      const { p50, p99, p999, max } = cell.latencyMs
      const { figure, range } = cell.firstIsTimes
      const figures = [cell.commandsPerSecond, p50, figure, ...range]
      for (const one of figures) expect(one).toSatisfy((x) => Number.isFinite(x) && x > 0)
      expect(cell.spreadPerSecond).toBeGreaterThanOrEqual(0)
      expect(p50 <= p99 && p99 <= p999 && p999 <= max).toBe(true)
      expect(range[0] <= figure && figure <= range[1]).toBe(true)
      if (cell.subject === names[0]) expect(cell.firstIsTimes).toEqual({ figure: 1, range: [1, 1] })
    }
    expect(readdirSync(folder)).toEqual([])

    const printed = throughput.print(answer)
    for (const { name, does } of subjects) {
      expect(printed).toContain(`│ ${name} `)
      expect(printed).toContain(does)
    }
    expect(JSON.parse(JSON.stringify(answer))).toEqual(answer)
  })

  it('holds the engine to its goals where it was measured at their loads', () => {
    const cells = [1, 64, 1024].flatMap((inFlight) =>
      subjects.map(({ name: subject }) => ({
        ...{ subject, inFlight, commandsPerSecond: 1, spreadPerSecond: 0 },
        latencyMs: { p50: 1, p99: 1, p999: 1, max: 1 },
        firstIsTimes: { figure: inFlight, range: [inFlight, inFlight] as const },
      })),
    )
    const loads = [1, 64, 1024].map((inFlight) => ({ inFlight, orders: 1 }))
    const leadIn = { orders: 0, inFlight: 1 }
    const answer = { cells, loads, subjects, leadIn, rounds: 1, warmups: 0 }
    const findings = throughput.findings(answer)
    expect(findings.map(({ goal: { what, value }, figure }) => [what, value, figure])).toEqual([
      ['commands/s, 1024 in flight, to by hand', 1, 1024],
      ['commands/s, 64 in flight, to by hand', 0.9, 64],
      ['commands/s, 1 in flight, to by hand', 0.9, 1],
      ['commands/s, 1024 in flight, to bare puts', 0.4, 1024],
      ['commands/s, 1024 in flight, to file', 0.6, 1024],
      ['commands/s, 1024 in flight, to xstate', 3.5, 1024],
      ['commands/s, 1024 in flight, to crud', 1.5, 1024],
    ])
    expect(throughput.findings({ ...answer, cells: [] })).toEqual([])
    const [plot] = throughput.plots!(answer)
    expect(plot?.lines.map(({ points }) => points.map(([x]) => x))).toEqual(
      subjects.map(() => [1, 64, 1024]),
    )
  })

  it.each(subjects)(
    'refuses to report where $name lost a command that it answered',
    async (subject) => {
      const folder = temporaryFolder()
      await expect(measure([lossy(subject)], folder)).rejects.toThrow(WrongResultError)
      expect(readdirSync(folder)).toEqual([])
    },
  )

  it.each(deciding)(
    'refuses to report where an order of $name ends in another state',
    async (subject) => {
      const stingy = tampered(subject, 'order.pay', (submit, command) =>
        submit({ ...command, params: { ...command.params, amount: 5999 } } as Command),
      )
      await expect(measure([stingy])).rejects.toThrow(/^order-00000001 is .*"paid":5999/)
    },
  )

  it('refuses to report where an actor of XState ends in another state', async () => {
    const stingy = tampered(xstateSubject, 'order.pay', (submit, command) =>
      submit({ ...command, params: { ...command.params, amount: 5999 } } as Command),
    )
    await expect(measure([stingy])).rejects.toThrow(/orders that are as they must be is 1,/)
  })

  it.each(deciding)('refuses to report where $name refused a command', async (subject) => {
    const twice = tampered(subject, 'order.new', async (submit, command) => {
      await submit(command)
      return submit(command)
    })
    await expect(measure([twice])).rejects.toThrow(WrongResultError)
  })

  it('refuses to report where bare puts wrote more than was asked', async () => {
    const twice = tampered(barePutsSubject, 'order.pay', async (submit, command) => {
      await submit(command)
      return submit(command)
    })
    await expect(measure([twice])).rejects.toThrow('the number of entries is 7, and must be 6.')
  })
})

describe('what is written by hand', () => {
  const kept: Event[] = []
  const store = (keep: (events: readonly Event[]) => readonly Event[]) => ({
    keep: async (events: readonly Event[]) => void kept.push(...keep(events)),
    read: () => kept,
    close: async () => {},
  })
  const plans = planOrders(300)

  it.each([
    ['loses the last event of a group', (events: readonly Event[]) => events.slice(0, -1)],
    ['keeps an event twice', (events: readonly Event[]) => [...events, events[0]!]],
    [
      'keeps another amount',
      (events: readonly Event[]) =>
        events.map((event) => ({ ...event, data: { ...event.data, amount: 1 } })),
    ],
  ])('is refused where its store %s', async (_, keep) => {
    kept.length = 0
    const orders = new HandWrittenOrders(store(keep as never))
    await drive(plans, 300, orders.submit)
    await expect(orders.check(plans)).rejects.toThrow(WrongResultError)
  })

  it('keeps each event once and in order, in two groups at once', async () => {
    kept.length = 0
    let underWay = 0
    let most = 0
    const orders = new HandWrittenOrders({
      ...store((events) => events),
      async keep(events) {
        most = Math.max(most, ++underWay)
        await new Promise((resolve) => setImmediate(resolve))
        kept.push(...events)
        underWay--
      },
    })
    await drive(plans, 300, orders.submit)
    await orders.check(plans)
    expect(most).toBe(2)
  })

  it('rejects what waits for a group that was not kept', async () => {
    const broken = { ...store((events) => events), keep: () => Promise.reject(new Error('disk')) }
    const orders = new HandWrittenOrders(broken)
    await expect(orders.submit(plans[0]!.commands[0]!)).rejects.toThrow('disk')
    expect(orders.get(plans[0]!.orderId)).toBeUndefined()
  })

  it.each([
    ['params that do not fit', { orderId: 'a', paymentId: 'p', amount: -1 }, /amount/],
    [
      'a payment of an order that is not there',
      { orderId: 'a', paymentId: 'p', amount: 1 },
      'not there',
    ],
  ])('refuses %s', async (_, params, message) => {
    const orders = new HandWrittenOrders(store((events) => events))
    const told = await orders.submit({ method: 'order.pay', params }).then(
      (answer) => (answer as { message: string }).message,
      (error: Error) => error.message,
    )
    expect(told).toMatch(message)
  })

  it('refuses to be paid too much, twice under one id, and lines that nobody priced', async () => {
    kept.length = 0
    const orders = new HandWrittenOrders(store((events) => events))
    const { orderId, commands } = plans[0]!
    await orders.submit(commands[0]!)
    const pay = (paymentId: string, amount: number) =>
      orders.submit({ method: 'order.pay', params: { orderId, paymentId, amount } })
    const modify = (sku: string, quantity: number) =>
      orders.submit({ method: 'order.modify', params: { orderId, lines: [{ sku, quantity }] } })
    expect(await pay('a', 5001)).toMatchObject({ refused: 'OVERPAYMENT' })
    expect(await pay('a', 1000)).toMatchObject({ version: 2 })
    expect(orders.get(orderId)).toMatchObject({ status: 'partiallyPaid', paid: 1000 })
    expect(await pay('a', 1000)).toMatchObject({ refused: 'PAYMENT_ID_REUSED' })
    expect(await modify('gadget', 1)).toMatchObject({ refused: 'LINE_UNKNOWN' })
    expect(await modify('widget', 0)).toMatchObject({ refused: 'NOT_ALLOWED' })
    expect(kept).toHaveLength(2)
  })
})
