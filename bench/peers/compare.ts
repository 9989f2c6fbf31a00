/** Ordinal and its peers under the same loads, in turn, so that ratios are of what ran back to back. */
import {
  type Measured,
  measureInTurn,
  type Percentiles,
  type Rounds,
  ratioByRound,
} from '../measure.ts'
import { milliseconds, rate, ratio, table } from '../report.ts'
import { runOnce, type Subject } from '../subjects/subject.ts'
import { drive, planOrders } from '../workload.ts'

export interface Contestant {
  readonly subject: Subject
  /** One that takes some thousands of commands a second at most is given fewer orders. */
  readonly isSlow: boolean
}

export interface Load {
  readonly inFlight: number
  /** Many times as many as are in flight, so that the thinning out at the end does not count. */
  readonly orders: number
  /** For those that are slow: smaller tables, which is to their favour if it matters at all. */
  readonly ordersIfSlow: number
}

export interface Plan extends Rounds {
  readonly folder: string
  readonly loads: readonly Load[]
  /** The first is what is compared with the others. */
  readonly contestants: readonly Contestant[]
  /** Hears what is being measured now, in a few words. */
  readonly note: (text: string) => void
}

/** One subject under one load. Medians of the rounds, and percentiles of all their answers. */
export interface Cell {
  readonly subject: string
  readonly inFlight: number
  readonly orders: number
  readonly commandsPerSecond: number
  /** Median absolute deviation of the rounds. */
  readonly spreadPerSecond: number
  readonly latencyMs: Percentiles
  /** Commands a second of the first as a multiple of this one's: the median of the rounds. */
  readonly firstIsTimes: { readonly figure: number; readonly range: readonly [number, number] }
}

export interface Comparison extends Rounds {
  readonly subjects: readonly Pick<Subject, 'name' | 'does' | 'isDurable'>[]
  readonly cells: readonly Cell[]
}

export const full = {
  rounds: 5,
  warmups: 1,
  loads: [
    { inFlight: 1, orders: 1_000, ordersIfSlow: 500 },
    { inFlight: 64, orders: 15_000, ordersIfSlow: 2_000 },
    { inFlight: 1024, orders: 40_000, ordersIfSlow: 5_000 },
  ],
}

export const quick = {
  rounds: 1,
  warmups: 1,
  loads: [
    { inFlight: 1, orders: 30, ordersIfSlow: 30 },
    { inFlight: 64, orders: 500, ordersIfSlow: 100 },
    { inFlight: 1024, orders: 2_000, ordersIfSlow: 1_024 },
  ],
}

/** @throws {WrongResultError} if one of them did not keep the orders as it must: nothing is reported */
export async function compare(plan: Plan): Promise<Comparison> {
  const { rounds, warmups, loads, contestants } = plan
  const cells: Cell[] = []
  for (const load of loads) cells.push(...(await measureLoad(plan, load)))
  const subjects = contestants.map(({ subject: { name, does, isDurable } }) => ({
    name,
    does,
    isDurable,
  }))
  return { rounds, warmups, subjects, cells }
}

async function measureLoad(plan: Plan, load: Load): Promise<readonly Cell[]> {
  const { contestants, folder, note } = plan
  const { inFlight } = load
  const names = contestants.map(({ subject }) => subject.name)
  const orders = contestants.map(({ isSlow }) => (isSlow ? load.ordersIfSlow : load.orders))
  const plans = planOrders(Math.max(...orders))
  const measured = await measureInTurn(names, plan, async (index) => {
    const { subject } = contestants[index]!
    note(`${subject.name}, ${inFlight} in flight`)
    try {
      const loaded = plans.slice(0, orders[index])
      return await runOnce(subject, loaded, folder, (submit) => drive(loaded, inFlight, submit))
    } catch (error) {
      if (error instanceof Error) error.message = `${subject.name}: ${error.message}`
      throw error
    }
  })
  return measured.map((one, index) => ({
    ...{ subject: names[index]!, inFlight, orders: orders[index]! },
    ...figuresOf(one, measured[0]!),
  }))
}

function figuresOf({ perSecond, perSecondByRound, latencyMs }: Measured, first: Measured) {
  return {
    commandsPerSecond: perSecond.p50,
    spreadPerSecond: perSecond.mad,
    latencyMs,
    firstIsTimes: ratioByRound(first.perSecondByRound, perSecondByRound),
  }
}

export function printComparison({ cells, subjects, rounds, warmups }: Comparison): string {
  const first = subjects[0]!.name
  const percentiles = ['p50 ms', 'p99 ms', 'p99.9 ms']
  const head = ['in flight', 'subject', 'flushed', 'orders', 'commands/s', '±', ...percentiles]
  const rows = cells.map(({ latencyMs, firstIsTimes: { figure, range }, ...cell }) => [
    String(cell.inFlight),
    cell.subject,
    subjects.find(({ name }) => name === cell.subject)?.isDurable ? 'yes' : 'NO',
    String(cell.orders),
    rate(cell.commandsPerSecond),
    rate(cell.spreadPerSecond),
    milliseconds(latencyMs.p50),
    milliseconds(latencyMs.p99),
    milliseconds(latencyMs.p999),
    ratio(figure),
    `${ratio(range[0])} to ${ratio(range[1])}`,
  ])
  return [
    table([...head, `${first} is times`, 'rounds'], rows, 3),
    `Medians of ${rounds} ${rounds === 1 ? 'round' : 'rounds'} in turn after ${warmups} to warm up, ` +
      '± their median absolute deviation; three commands an order; results checked after each run.',
    ...subjects.map(({ name, does, isDurable }) =>
      isDurable ? `${name}: ${does}.` : `${name} (NOT FLUSHED): ${does}.`,
    ),
  ].join('\n')
}
