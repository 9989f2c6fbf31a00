/** How many bytes of heap does an order take: its view, and its actor while it is in use? */
import { openEngine } from '../../src/engine.ts'
import { Child } from '../child.ts'
import type { Finding } from '../goals.ts'
import { collectGarbage, medianOf } from '../measure.ts'
import type { Question } from '../question.ts'
import { table } from '../report.ts'
import { checkEngine } from '../subjects/engine.ts'
import { inFolder } from '../subjects/subject.ts'
import { drive, expect, planOrders } from '../workload.ts'

export interface Plan {
  readonly folder: string
  readonly rounds: number
  readonly views: number
  readonly actors: number
  readonly inFlight: number
  readonly note: (text: string) => void
}

export interface MemoryAnswer {
  readonly rounds: number
  readonly rows: readonly {
    readonly what: string
    readonly does: string
    readonly count: number
    readonly bytes: number
    readonly range: readonly [number, number]
  }[]
}

const full = { rounds: 5, views: 100_000, actors: 20_000, inFlight: 1024 }
const quick = { rounds: 1, views: 2_000, actors: 1_000, inFlight: 256 }
/** So few actors are all that the engine keeps alive beside those that are counted. */
const fewActors = 300

export const memory: Question<MemoryAnswer> = {
  name: 'memory',
  asks: 'How many bytes of heap does an order take: its view, and its actor while it is in use?',
  // In a process of its own: what V8 has seen changes what objects take. After other questions a view took 525
  // bytes in place of 492.
  async run({ quick: isQuick, folder, note }) {
    const alone = new Child<Omit<Plan, 'note'>, MemoryAnswer>('questions/memory-alone')
    try {
      note('memory: in a process of its own')
      return await alone.ask({ ...(isQuick ? quick : full), folder })
    } finally {
      alone.end()
    }
  },
  print: printMemory,
  findings: ({ rows: [view, actor] }): readonly Finding[] => [
    {
      goal: { what: 'heap of a view', bound: 'most', value: 500, unit: 'bytes', isExact: true },
      figure: view!.bytes,
      range: view!.range,
    },
    {
      goal: {
        what: 'heap of a live actor',
        bound: 'most',
        value: 2500,
        unit: 'bytes',
        isExact: true,
      },
      figure: actor!.bytes,
      range: actor!.range,
    },
  ],
}

/** @throws {WrongResultError} if the orders are not as they must be */
export async function measureMemory(plan: Plan): Promise<MemoryAnswer> {
  const { rounds, views, actors } = plan
  const perView: number[] = []
  const perActor: number[] = []
  // What is made once, such as compiled forms, is not an order's.
  await bytesOfViews({ ...plan, views: Math.min(views, 1000) })
  for (let round = 0; round < rounds; round++) {
    plan.note(`memory: ${views} views`)
    perView.push(await bytesOfViews(plan))
    plan.note(`memory: ${actors} actors`)
    perActor.push(await bytesOfActors(plan))
  }
  const row = (what: string, does: string, count: number, each: readonly number[]) => {
    const range: readonly [number, number] = [Math.min(...each), Math.max(...each)]
    return { what, does, count, bytes: medianOf(each), range }
  }
  const view =
    'what an engine holds that was opened on a log of so many orders, by their number: the view of ' +
    'each, the indexes of OrderView, and its head in the log; the engine itself not'
  const actor =
    'what an engine holds with so many orders in use, less what one holds that keeps only ' +
    `${fewActors} of them in use: actor, snapshot, and what the sequencer knows of it`
  return {
    rounds,
    rows: [row('a view', view, views, perView), row('a live actor', actor, actors, perActor)],
  }
}

/** Of an order at rest, in an engine that was opened on its log. */
function bytesOfViews({ folder: parent, views, inFlight }: Plan): Promise<number> {
  return inFolder(parent, async (data) => {
    await place(data, views, inFlight)
    // An engine that is open when it is counted, so that only what the orders take is the difference.
    return inFolder(parent, async (empty) => {
      const without = await heapOf(empty, 0)
      const held = await heapOf(data, views)
      return (held - without) / views
    })
  })
}

/** Heap of an engine that is opened on a folder. */
async function heapOf(data: string, orders: number): Promise<number> {
  const before = heapBytes()
  const engine = await openEngine({ data, checkpoint: false })
  const held = heapBytes() - before
  expect('the number of orders', engine.counts().orders, orders)
  await checkEngine(engine, planOrders(orders))
  await engine.close()
  return held
}

async function place(data: string, orders: number, inFlight: number): Promise<void> {
  const engine = await openEngine({ data })
  const plans = planOrders(orders)
  await drive(plans, inFlight, ({ method, params }) => engine.submit(method, params))
  await engine.close()
}

async function bytesOfActors({ folder, actors, inFlight }: Plan): Promise<number> {
  const few = await heapInUse(folder, actors, inFlight, fewActors)
  const all = await heapInUse(folder, actors, inFlight, Math.max(actors, fewActors))
  return (all - few) / (actors - fewActors)
}

/** Heap of an engine that has placed the orders, and keeps so many of them in use. */
function heapInUse(
  parent: string,
  orders: number,
  inFlight: number,
  liveActorsMax: number,
): Promise<number> {
  return inFolder(parent, async (data) => {
    const before = heapBytes()
    const engine = await openEngine({ data, limits: { liveActorsMax } })
    await drive(planOrders(orders), inFlight, ({ method, params }) => engine.submit(method, params))
    const held = heapBytes() - before
    await checkEngine(engine, planOrders(orders))
    await engine.close()
    return held
  })
}

/** With what lies beside the heap for the typed arrays in it. Twice, as the first frees more to free. */
function heapBytes(): number {
  collectGarbage()
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

function printMemory({ rows, rounds }: MemoryAnswer): string {
  return [
    memory.asks,
    table(
      ['what', 'measured over', 'heap bytes', 'least', 'most'],
      rows.map(({ what, count, bytes, range }) => [
        what,
        count.toLocaleString('en-US'),
        ...[bytes, ...range].map((each) => Math.round(each).toLocaleString('en-US')),
      ]),
      1,
    ),
    `Medians of ${rounds} rounds, on heaps that were just collected, with the typed arrays; an ` +
      `order has one line and three events; results checked.`,
    ...rows.map(({ what, does }) => `${what}: ${does}.`),
  ].join('\n')
}
