import { readdirSync } from 'node:fs'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { latency, measureLatency } from '../../bench/questions/latency.ts'
import { lives, measureLives } from '../../bench/questions/lives.ts'
import { measureMemory, memory } from '../../bench/questions/memory.ts'
import { measureReplay, reading, replay, replaying } from '../../bench/questions/replay.ts'
import { measureSize, size } from '../../bench/questions/size.ts'
import { measureStages, stages } from '../../bench/questions/stages.ts'
import { recordInputs } from '../../bench/stages/inputs.ts'
import { stages as allStages } from '../../bench/stages/stages.ts'
import { barePutsSubject } from '../../bench/subjects/bare-puts.ts'
import { engineSubject } from '../../bench/subjects/engine.ts'
import { runsHere } from '../../bench/subjects/runs.ts'
import { WrongResultError } from '../../bench/workload.ts'
import { Engine } from '../../src/engine.ts'
import { temporaryFolder } from '../support/folders.ts'
import { lossy } from './subjects.ts'

const base = () => ({ folder: temporaryFolder(), note: () => {}, rounds: 1, warmups: 0 })
const isFigure = (figure: unknown) => Number.isFinite(figure) && (figure as number) > 0

describe('the latency question', () => {
  const plan = (own = base()) => ({
    ...own,
    runs: runsHere(own.folder),
    highest: { inFlight: 8, orders: 50 },
    loads: [0.2, 0.5],
    secondsPerRun: 0.02,
    leadIn: { orders: 20, inFlight: 4 },
  })

  it('yields a point for each load, and a plot of them', async () => {
    const own = plan()
    const answer = await measureLatency({ ...own, subjects: [engineSubject, barePutsSubject] })
    expect(answer.points.map(({ load }) => load)).toEqual([0.2, 0.5])
    expect(answer.highestPerSecond).toSatisfy(isFigure)
    for (const { latencies, p99ToP50 } of answer.points) {
      expect(latencies.map(({ subject }) => subject)).toEqual(['engine', 'bare puts'])
      expect(p99ToP50.figure).toSatisfy(isFigure)
    }
    const [finding] = latency.findings(answer)
    expect(finding).toMatchObject({ goal: { bound: 'most', value: 5 } })
    expect(finding?.figure).toBe(answer.points[1]?.p99ToP50.figure)
    for (const { pausesPerSecond } of answer.points.flatMap(({ latencies }) => latencies)) {
      expect(pausesPerSecond).toBeGreaterThanOrEqual(0)
    }
    expect(latency.print(answer)).toContain('50 %')
    expect(latency.print(answer)).toContain('pauses/s')
    const [plot] = latency.plots!(answer)
    expect(plot?.lines.map(({ points }) => points.map(([x]) => x))).toEqual(
      Array.from({ length: 5 }, () => [20, 50]),
    )
    expect(readdirSync(own.folder)).toEqual([])
  })

  it('refuses to report where a command was lost', async () => {
    const lost = measureLatency({ ...plan(), subjects: [lossy(engineSubject), barePutsSubject] })
    await expect(lost).rejects.toThrow(WrongResultError)
    const commit = measureLatency({ ...plan(), subjects: [engineSubject, lossy(barePutsSubject)] })
    await expect(commit).rejects.toThrow(WrongResultError)
  })
})

describe('the replay question', () => {
  const plan = () => ({ ...base(), orders: 30, inFlight: 8 })

  it('yields a row for each way through the log', async () => {
    const answer = await measureReplay(plan(), [replaying, reading])
    expect(answer.rows.map(({ name }) => name)).toEqual(['replay', 'read'])
    for (const { eventsPerSecond, usPerEvent } of answer.rows) {
      expect([eventsPerSecond, usPerEvent.p99]).toSatisfy((each) => each.every(isFigure))
    }
    expect(replay.print(answer)).toContain('90 events of 30 orders')
    expect(replay.findings(answer)).toMatchObject([{ goal: { value: 0.5 } }])
  })

  it.each([replaying, reading])(
    'refuses to report where $name finds one order too many',
    async (reader) => {
      const short: typeof reader = {
        name: 'short',
        does: reader.does,
        read: (folder, orders) => reader.read(folder, orders.slice(0, -1)),
      }
      await expect(measureReplay(plan(), [short, reading])).rejects.toThrow(WrongResultError)
    },
  )
})

describe('the memory question', () => {
  it('yields the bytes of a view and of an actor', async () => {
    const answer = await measureMemory({ ...base(), views: 50, actors: 310, inFlight: 64 })
    expect(answer.rows.map(({ what, count }) => [what, count])).toEqual([
      ['a view', 50],
      ['a live actor', 310],
    ])
    for (const { bytes } of answer.rows) expect(bytes).toSatisfy(Number.isFinite)
    expect(memory.findings(answer).map(({ goal: { value } }) => value)).toEqual([500, 2500])
    expect(memory.print(answer)).toContain('heap bytes')
  })
})

describe('the size question', () => {
  it('yields how long the file is for each load', async () => {
    const loads = [
      { inFlight: 2, orders: 10 },
      { inFlight: 1024, orders: 20 },
    ]
    const answer = await measureSize({ ...base(), loads })
    expect(answer.rows.map(({ inFlight, events }) => [inFlight, events])).toEqual([
      [2, 30],
      [1024, 60],
    ])
    for (const { fileBytes, encodedBytes } of answer.rows) {
      expect(fileBytes).toBeGreaterThan(encodedBytes)
    }
    expect(size.findings(answer)).toMatchObject([{ goal: { value: 1.3 } }])
    expect(size.print(answer)).toContain('1024')
  })
})

const lifePlan = () => ({
  ...base(),
  ...{ startOrders: 40, few: 50, many: 300, step: 100, window: 60, inFlight: 8 },
})

describe('the lives question', () => {
  it('yields how long a start takes, and what memory and throughput are as the log grows', async () => {
    const own = lifePlan()
    const answer = await measureLives(own)
    expect(answer.start).toMatchObject({ orders: 40, events: 120 })
    expect(answer.looks.map(({ events }) => Math.floor(events / 100))).toEqual([1, 2, 3])
    for (const { heapBytes, residentBytes } of answer.looks) {
      expect([heapBytes, residentBytes].every(isFigure)).toBe(true)
    }
    expect([...answer.perSecond.few, ...answer.perSecond.many].every(isFigure)).toBe(true)
    expect(lives.findings(answer).map(({ goal }) => goal.value)).toEqual([0.1, 500, 1.2, 0.9, 1.3])
    expect(lives.findings(answer).every(({ figure }) => isFigure(figure))).toBe(true)
    expect(lives.print(answer)).toContain('from the checkpoint')
    expect(readdirSync(own.folder)).toEqual([])
  })
})

/** One order is placed for somebody else. */
function oneOrderAmiss(): void {
  const { submit } = Engine.prototype
  const spy = vi.spyOn(Engine.prototype, 'submit')
  onTestFinished(() => spy.mockRestore())
  spy.mockImplementation(function (this: Engine, method, params, ...rest) {
    const isTheOne = 'customerId' in params && 'orderId' in params && params.orderId === amiss
    const customerId = 'somebody-else'
    return submit.call(this, method, isTheOne ? { ...params, customerId } : params, ...rest)
  })
}
const amiss = 'order-00000007'

describe('refused, where an order is not what it must be, is the answer to', () => {
  const few = { orders: 10, inFlight: 4 }
  it.each<[string, () => Promise<unknown>]>([
    ['memory', () => measureMemory({ ...base(), views: 50, actors: 310, inFlight: 64 })],
    ['size', () => measureSize({ ...base(), loads: [few] })],
    ['replay', () => measureReplay({ ...base(), ...few }, [replaying, reading])],
    ['lives: a start', () => measureLives({ ...lifePlan(), startOrders: 40 })],
    ['lives: a life', () => measureLives({ ...lifePlan(), startOrders: 1 })],
  ])('%s', async (_, measure) => {
    oneOrderAmiss()
    const refused = measure()
    await expect(refused).rejects.toThrow(WrongResultError)
    await expect(refused).rejects.toThrow(amiss)
  })
})

describe('the stages question', () => {
  it('yields a row for each stage of the way, and the sum of them', async () => {
    const answer = await measureStages({ ...base(), orders: 40, inFlight: 16, stages: allStages })
    expect(answer.rows.map(({ name }) => name)).toEqual([
      ...['frame', 'parse', 'decide', 'encode', 'append', 'view', 'notify', 'whole'],
    ])
    for (const { wallUs } of answer.rows) expect(wallUs).toSatisfy(isFigure)
    const printed = stages.print(answer)
    for (const row of ['sum of always', 'whole', 'the rest']) expect(printed).toContain(`│ ${row} `)
  })

  it.each(['encode', 'append', 'view', 'notify'])(
    'refuses to report where %s is left without an event',
    async (name) => {
      const inputs = await recordInputs(20, 8)
      const without = <T>(batches: readonly (readonly T[])[]) => [
        ...batches.slice(0, -1),
        batches.at(-1)!.slice(0, -1),
      ]
      const lost = {
        ...inputs,
        batches: without(inputs.batches).filter(({ length }) => length > 0),
        events: without(inputs.events).filter(({ length }) => length > 0),
      }
      const stage = allStages.find((stage) => stage.name === name)!
      await expect(stage.run(lost, temporaryFolder())).rejects.toThrow(WrongResultError)
    },
  )

  it.each(['decide', 'whole'])(
    'refuses to report where %s is left without an order',
    async (name) => {
      const inputs = await recordInputs(20, 8)
      const lost = { ...inputs, orders: inputs.orders.slice(0, -1) }
      const stage = allStages.find((stage) => stage.name === name)!
      await expect(stage.run(lost, temporaryFolder())).rejects.toThrow(WrongResultError)
    },
  )
})
