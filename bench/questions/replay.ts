/** How fast is a start: the log replayed into OrderView, next to the log just read and decoded? */
import { openEngine } from '../../src/engine.ts'
import { openLogForReading } from '../../src/log/lmdb-log.ts'
import type { Finding } from '../goals.ts'
import {
  measureInTurn,
  type Percentiles,
  type Rounds,
  ratioByRound,
  type Sample,
} from '../measure.ts'
import type { Question } from '../question.ts'
import { microseconds, rate, table } from '../report.ts'
import { checkEngine, engineSubject } from '../subjects/engine.ts'
import { inFolder } from '../subjects/subject.ts'
import { commandsPerOrder, drive, expect, type OrderPlan, planOrders } from '../workload.ts'

export interface Plan extends Rounds {
  readonly folder: string
  readonly orders: number
  readonly inFlight: number
  readonly note: (text: string) => void
}

/** One way through the log of a folder. */
export interface Reader {
  readonly name: string
  readonly does: string
  /** Times itself from the opening of the folder to the last event, and checks what came of it. */
  read(folder: string, orders: readonly OrderPlan[]): Promise<Sample>
}

export interface ReplayAnswer extends Rounds {
  readonly orders: number
  readonly inFlight: number
  readonly rows: readonly {
    readonly name: string
    readonly does: string
    readonly eventsPerSecond: number
    readonly spreadPerSecond: number
    /** Of the batches that the log is read in. */
    readonly usPerEvent: Percentiles
  }[]
  /** The first by the second: the median of the rounds. */
  readonly firstToSecond: { readonly figure: number; readonly range: readonly [number, number] }
}

const full = { rounds: 5, warmups: 1, orders: 100_000, inFlight: 1024 }
const quick = { rounds: 1, warmups: 0, orders: 2_000, inFlight: 1024 }

export const replay: Question<ReplayAnswer> = {
  name: 'replay',
  asks: 'How fast is the log replayed into OrderView, next to the log just read and decoded?',
  run: ({ quick: isQuick, folder, note }) =>
    measureReplay({ ...(isQuick ? quick : full), folder, note }, [replaying, reading]),
  print: printReplay,
  findings: ({ firstToSecond }): readonly Finding[] => [
    {
      goal: {
        what: 'events/s replayed into OrderView, to events/s read and decoded',
        bound: 'least',
        value: 0.5,
      },
      ...firstToSecond,
    },
  ],
}

export const replaying: Reader = {
  name: 'replay',
  does: 'opens an engine on the folder: reads, decodes, folds each order, shows it in OrderView',
  async read(folder, orders) {
    const clock = new BatchClock(orders)
    const engine = await openEngine({
      ...{ data: folder, checkpoint: false },
      onProgress: ({ done }) => clock.at(done),
    })
    const sample = clock.sample()
    await checkEngine(engine, orders)
    await engine.close()
    return sample
  },
}

export const reading: Reader = {
  name: 'read',
  does: 'opens the log of the folder for reading, and reads and decodes each event',
  async read(folder, orders) {
    const clock = new BatchClock(orders)
    const log = openLogForReading(folder)
    let last = 0
    for await (const batch of log.read(log.firstEventId)) {
      last += batch.length
      clock.at(last)
      expect('the eventId of the last event of a batch', batch.at(-1)!.eventId, last)
    }
    const sample = clock.sample()
    expect('the number of events', last, orders.length * commandsPerOrder)
    await log.close()
    return sample
  },
}

/** Times from one batch to the next, in milliseconds an event. */
class BatchClock {
  readonly #began = performance.now()
  readonly #events: number
  readonly #batchesMs: number[] = []
  #last = this.#began
  #done = 0

  constructor(orders: readonly OrderPlan[]) {
    this.#events = orders.length * commandsPerOrder
  }

  at(done: number): void {
    const now = performance.now()
    this.#batchesMs.push((now - this.#last) / (done - this.#done))
    this.#last = now
    this.#done = done
  }

  sample(): Sample {
    const unitMs = (performance.now() - this.#began) / this.#events
    return { unitMs, latenciesMs: Float64Array.from(this.#batchesMs) }
  }
}

/** @throws {WrongResultError} if what was read is not what was written */
export async function measureReplay(
  plan: Plan,
  readers: readonly [Reader, Reader],
): Promise<ReplayAnswer> {
  const { folder: parent, note, inFlight, rounds, warmups } = plan
  const orders = planOrders(plan.orders)
  return inFolder(parent, async (folder) => {
    note('replay: writing the log')
    const { submit, close } = await engineSubject.open(folder, orders.length)
    await drive(orders, inFlight, submit).finally(() => close())
    const names = readers.map(({ name }) => name)
    const measured = await measureInTurn(names, plan, (index) => {
      note(`replay: ${names[index]}`)
      return readers[index]!.read(folder, orders)
    })
    const rows = measured.map(({ perSecond, latencyMs }, index) => {
      const { name, does } = readers[index]!
      const { p50, p99, p999, max } = latencyMs
      const usPerEvent = { p50: p50 * 1e3, p99: p99 * 1e3, p999: p999 * 1e3, max: max * 1e3 }
      const { p50: eventsPerSecond, mad: spreadPerSecond } = perSecond
      return { name, does, eventsPerSecond, spreadPerSecond, usPerEvent }
    })
    const [first, second] = measured.map(({ perSecondByRound }) => perSecondByRound)
    const firstToSecond = ratioByRound(first!, second!)
    return { rounds, warmups, orders: plan.orders, inFlight, rows, firstToSecond }
  })
}

function printReplay({ rows, rounds, warmups, orders, inFlight }: ReplayAnswer): string {
  const head = ['subject', 'events/s', '±', 'p50 µs', 'p99 µs', 'p99.9 µs']
  return [
    replay.asks,
    table(
      head,
      rows.map(({ name, eventsPerSecond, spreadPerSecond, usPerEvent: { p50, p99, p999 } }) => [
        name,
        rate(eventsPerSecond),
        rate(spreadPerSecond),
        microseconds(p50),
        microseconds(p99),
        microseconds(p999),
      ]),
      1,
    ),
    `${orders * commandsPerOrder} events of ${orders} orders, written with ${inFlight} in flight. ` +
      `µs: an event, of the batches that it is read in. Medians of ${rounds} rounds in turn after ` +
      `${warmups} to warm up; the file is in the system's memory; views checked after each run.`,
    ...rows.map(({ name, does }) => `${name}: ${does}.`),
  ].join('\n')
}
