/** What does a long life cost: the start, the memory, and the throughput, after ten million events? */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { checkpointFile } from '../../src/checkpoint/stored/open.ts'
import { type Engine, openEngine } from '../../src/engine.ts'
import { encodeEntry } from '../../src/log/codec.ts'
import { eventsFile } from '../../src/log/events-file.ts'
import type { Finding } from '../goals.ts'
import { collectGarbage, medianOf, ratioByRound } from '../measure.ts'
import type { Question } from '../question.ts'
import { rate, ratio, table } from '../report.ts'
import { checkEngine } from '../subjects/engine.ts'
import { Life } from '../subjects/life.ts'
import { inFolder } from '../subjects/subject.ts'
import { checkFinal, commandsPerOrder, drive, eachPlan, expect, planOrders } from '../workload.ts'

export interface Plan {
  readonly folder: string
  readonly rounds: number
  /** Orders of three events each, in the log that is started from. */
  readonly startOrders: number
  /** Events of the short and of the long life, in orders that finish after five. */
  readonly few: number
  readonly many: number
  /** Events between two looks at the memory. */
  readonly step: number
  /** Events of one window, in which the throughput is taken. */
  readonly window: number
  readonly inFlight: number
  readonly note: (text: string) => void
}

interface Look {
  readonly events: number
  /** Bytes of heap and of typed arrays, on a heap that was just collected. */
  readonly heapBytes: number
  /** With the pages of both files that the kernel keeps mapped. */
  readonly residentBytes: number
}

export interface LivesAnswer {
  readonly rounds: number
  readonly start: {
    readonly orders: number
    readonly events: number
    readonly checkpointMs: readonly number[]
    readonly replayMs: readonly number[]
    readonly heapBytesAnOrder: number
  }
  readonly looks: readonly Look[]
  readonly perSecond: { readonly few: readonly number[]; readonly many: readonly number[] }
  readonly fileBytesAnEvent: number
  readonly encodedBytesAnEvent: number
  readonly checkpointBytesAnOrder: number
}

const full = {
  ...{ rounds: 5, startOrders: 1_000_000, few: 100_000, many: 10_000_000 },
  ...{ step: 1_000_000, window: 500_000, inFlight: 1024 },
}
const quick = {
  ...{ rounds: 1, startOrders: 3_000, few: 1_000, many: 20_000 },
  ...{ step: 5_000, window: 2_000, inFlight: 256 },
}

export const lives: Question<LivesAnswer> = {
  name: 'lives',
  asks: 'What does a long life cost: the start, the memory, and the throughput?',
  run: ({ quick: isQuick, folder, note }) =>
    measureLives({ ...(isQuick ? quick : full), folder, note }),
  print: printLives,
  findings: findingsOf,
}

/** @throws {WrongResultError} if the orders are not as they must be */
export async function measureLives(plan: Plan): Promise<LivesAnswer> {
  const start = await inFolder(plan.folder, (data) => measureStart(data, plan))
  const life = await inFolder(plan.folder, (long) =>
    inFolder(plan.folder, (short) => measureLife(long, short, plan)),
  )
  return { rounds: plan.rounds, start, ...life }
}

async function measureStart(data: string, plan: Plan): Promise<LivesAnswer['start']> {
  const { startOrders: orders, rounds, inFlight, note } = plan
  note(`lives: ${orders} orders are placed`)
  const engine = await openEngine({ data })
  const perTurn = 50_000
  for (let placed = 0; placed < orders; placed += perTurn) {
    const plans = planOrders(Math.min(perTurn, orders - placed), placed)
    await drive(plans, inFlight, ({ method, params }) => engine.submit(method, params))
  }
  await engine.close()
  const checkpointMs: number[] = []
  const replayMs: number[] = []
  const heaps: number[] = []
  for (let round = 0; round < rounds; round++) {
    note(`lives: start ${round + 1} of ${rounds}`)
    const from = await timeStart(data, true, orders, round === 0)
    checkpointMs.push(from.ms)
    heaps.push(from.heapBytes)
    replayMs.push((await timeStart(data, false, orders, round === 0)).ms)
  }
  const heapBytesAnOrder = medianOf(heaps) / orders
  return { orders, events: orders * 3, checkpointMs, replayMs, heapBytesAnOrder }
}

/** Opens an engine, with the checkpoint or without, and sees that it has all of them: each one, or the last. */
async function timeStart(data: string, checkpoint: boolean, orders: number, all: boolean) {
  const before = heapBytes()
  const began = performance.now()
  const engine = await openEngine({ data, checkpoint })
  const ms = performance.now() - began
  const held = heapBytes() - before
  expect('the number of orders', engine.counts().orders, orders)
  expect('the last eventId', engine.eventId, orders * commandsPerOrder)
  const [last] = planOrders(1, orders - 1)
  checkFinal(last!, engine.get(last!.orderId))
  if (all) await checkEngine(engine, eachPlan(orders))
  await engine.close()
  return { ms, heapBytes: held }
}

async function measureLife(long: string, short: string, plan: Plan) {
  const { rounds, few, many, step, window, inFlight, note } = plan
  const looks: Look[] = []
  const old = new Life(await openEngine({ data: long }), inFlight)
  for (let events = step; events <= many; events += step) {
    note(`lives: ${events} of ${many} events`)
    await old.runTo(events)
    looks.push(await look(old))
  }
  const young = new Life(await openEngine({ data: short }), inFlight)
  await young.runTo(few)
  const perSecond = { few: [] as number[], many: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    note(`lives: window ${round + 1} of ${rounds}`)
    const turns = [
      async () => perSecond.few.push(await young.window(window)),
      async () => perSecond.many.push(await old.window(window)),
    ]
    for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn()
  }
  const { engine } = old
  note('lives: what has come of it all is checked')
  await old.check()
  await young.check()
  const { orders } = engine.counts()
  const encodedBytesAnEvent = await encodedBytes(engine, step)
  const events = engine.eventId
  await old.engine.close()
  await young.engine.close()
  const bytesOf = (file: string) => statSync(join(long, file)).size
  return {
    ...{ looks, perSecond, encodedBytesAnEvent },
    fileBytesAnEvent: bytesOf(eventsFile) / events,
    checkpointBytesAnOrder: bytesOf(checkpointFile) / orders,
  }
}

async function look({ engine }: Life): Promise<Look> {
  const heap = heapBytes()
  const { rss: residentBytes } = process.memoryUsage()
  return { events: engine.eventId, heapBytes: heap, residentBytes }
}

function heapBytes(): number {
  collectGarbage()
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** Encoded bytes an event, of a batch from each part of the log. */
async function encodedBytes(engine: Engine, step: number): Promise<number> {
  let [events, bytes] = [0, 0]
  for (let from = 1; from < engine.eventId; from += step) {
    for await (const batch of engine.events(from)) {
      events += batch.length
      bytes += encodeEntry(batch).length
      break
    }
  }
  return bytes / events
}

function findingsOf(answer: LivesAnswer): readonly Finding[] {
  const { start, looks, perSecond, fileBytesAnEvent, encodedBytesAnEvent } = answer
  const begins = ratioByRound(start.checkpointMs, start.replayMs)
  const lasts = ratioByRound(perSecond.many, perSecond.few)
  const growth = looks.at(-1)!.heapBytes / looks[Math.min(1, looks.length - 1)]!.heapBytes
  return [
    {
      goal: { what: 'start from a checkpoint, to a full replay', bound: 'most', value: 0.1 },
      figure: begins.figure,
      range: begins.range,
    },
    {
      goal: {
        what: 'heap of an order at rest',
        bound: 'most',
        value: 500,
        unit: 'bytes',
        isExact: true,
      },
      figure: start.heapBytesAnOrder,
    },
    {
      goal: { what: 'heap at the end of a long life, to its beginning', bound: 'most', value: 1.2 },
      figure: growth,
    },
    {
      goal: { what: 'throughput late in a long life, to early', bound: 'least', value: 0.9 },
      figure: lasts.figure,
      range: lasts.range,
    },
    {
      goal: {
        what: 'bytes of the file an event, to its encoded bytes, after a long life',
        bound: 'most',
        value: 1.3,
        isExact: true,
      },
      figure: fileBytesAnEvent / encodedBytesAnEvent,
    },
  ]
}

function printLives(answer: LivesAnswer): string {
  const { start, looks, perSecond, rounds } = answer
  const whole = (value: number) => Math.round(value).toLocaleString('en-US')
  const mib = (bytes: number) => whole(bytes / 2 ** 20)
  const seconds = (ms: readonly number[]) => `${(medianOf(ms) / 1000).toFixed(2)} s`
  return [
    lives.asks,
    table(
      ['a start with', 'events', 'from the checkpoint', 'from the log', 'heap an order'],
      [
        [
          `${whole(start.orders)} orders`,
          whole(start.events),
          seconds(start.checkpointMs),
          seconds(start.replayMs),
          `${whole(start.heapBytesAnOrder)} bytes`,
        ],
      ],
      1,
    ),
    table(
      ['after events', 'heap MiB', 'resident MiB'],
      looks.map(({ events, heapBytes: heap, residentBytes }) => [
        whole(events),
        mib(heap),
        mib(residentBytes),
      ]),
    ),
    table(
      ['life', 'events/s'],
      [
        ['short', rate(medianOf(perSecond.few))],
        ['long', rate(medianOf(perSecond.many))],
      ],
      1,
    ),
    `Medians of ${rounds} rounds. Resident is with the pages of the files that the kernel keeps mapped ` +
      `for as long as nobody else needs the memory. The log has ${ratio(answer.fileBytesAnEvent)} ` +
      `bytes an event, encoded ${ratio(answer.encodedBytesAnEvent)}; the checkpoint has ` +
      `${whole(answer.checkpointBytesAnOrder)} bytes an order. From the log: without a checkpoint, and ` +
      'without writing one.',
  ].join('\n')
}
