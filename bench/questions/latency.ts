/** How late is a receipt at a given rate of commands, and how late a bare group commit? */
import type { Finding } from '../goals.ts'
import { measureInTurn, type Percentiles, type Rounds, ratioByRound } from '../measure.ts'
import type { Plot } from '../plot/plot.ts'
import type { Question } from '../question.ts'
import { milliseconds, rate, ratio, table } from '../report.ts'
import { barePutsSubject } from '../subjects/bare-puts.ts'
import { engineSubject } from '../subjects/engine.ts'
import { RunsApart } from '../subjects/processes.ts'
import type { Run, Runs } from '../subjects/runs.ts'
import type { Subject } from '../subjects/subject.ts'
import { commandsPerOrder } from '../workload.ts'

export interface Plan extends Rounds {
  readonly runs: Runs
  /** The first is whose receipts are asked about; the second is the commit that they wait for. */
  readonly subjects: readonly [Subject, Subject]
  /** What the highest throughput is measured with: a closed loop. */
  readonly highest: { readonly inFlight: number; readonly orders: number }
  /** Shares of the highest throughput. */
  readonly loads: readonly number[]
  readonly secondsPerRun: number
  readonly leadIn: Run['leadIn']
  readonly note: (text: string) => void
}

export interface LatencyAnswer extends Rounds {
  readonly highestPerSecond: number
  readonly inFlight: number
  readonly secondsPerRun: number
  readonly leadInOrders: number
  readonly subjects: readonly Pick<Subject, 'name' | 'does'>[]
  readonly points: readonly Point[]
}

/** One load; the latencies are those of all rounds. */
export interface Point {
  readonly load: number
  readonly commandsPerSecond: number
  readonly latencies: readonly {
    readonly subject: string
    /** Below the rate that was asked for where the subject did not keep up. */
    readonly commandsPerSecond: number
    readonly latencyMs: Percentiles
    /** In which V8 collected garbage. */
    readonly pausesPerSecond: number
    readonly pauseMs: Percentiles
  }[]
  /** p99 of the first subject by p50 of the second: the median of the rounds. */
  readonly p99ToP50: { readonly figure: number; readonly range: readonly [number, number] }
}

const judgedLoad = 0.5
const full = {
  rounds: 5,
  warmups: 1,
  highest: { inFlight: 1024, orders: 40_000 },
  loads: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9],
  secondsPerRun: 1,
  leadIn: { orders: 20_000, inFlight: 64 },
}
const quick = {
  rounds: 1,
  warmups: 0,
  highest: { inFlight: 1024, orders: 2_000 },
  loads: [0.1, 0.5, 0.9],
  secondsPerRun: 0.1,
  leadIn: { orders: 200, inFlight: 64 },
}

export const latency: Question<LatencyAnswer> = {
  name: 'latency',
  asks: 'How late is a receipt at a given rate of commands, and how late a bare group commit?',
  async run({ quick: isQuick, folder, note }) {
    const runs = new RunsApart(folder)
    try {
      const subjects = [engineSubject, barePutsSubject] as const
      return await measureLatency({ ...(isQuick ? quick : full), runs, subjects, note })
    } finally {
      runs.end()
    }
  },
  print: printLatency,
  findings: findingsOf,
  plots: plotsOf,
}

/** @throws {WrongResultError} if a subject did not keep the orders as it must */
export async function measureLatency(plan: Plan): Promise<LatencyAnswer> {
  const { rounds, warmups, secondsPerRun, leadIn, subjects, highest } = plan
  const highestPerSecond = await measureHighest(plan)
  const points: Point[] = []
  for (const load of plan.loads) points.push(await measureLoad(plan, load, highestPerSecond * load))
  return {
    rounds,
    warmups,
    highestPerSecond,
    inFlight: highest.inFlight,
    secondsPerRun,
    leadInOrders: leadIn.orders,
    subjects: subjects.map(({ name, does }) => ({ name, does })),
    points,
  }
}

async function measureHighest(plan: Plan): Promise<number> {
  const { subjects, highest, runs, leadIn, note } = plan
  const { orders, ...load } = highest
  const [measured] = await measureInTurn([subjects[0].name], plan, () => {
    note(`latency: the highest throughput, ${highest.inFlight} in flight`)
    return runs.run(subjects[0], { leadIn, orders, load })
  })
  return measured!.perSecond.p50
}

async function measureLoad(plan: Plan, load: number, perSecond: number): Promise<Point> {
  const { subjects, runs, note, secondsPerRun, leadIn } = plan
  const orders = Math.ceil((perSecond * secondsPerRun) / commandsPerOrder)
  const names = subjects.map(({ name }) => name)
  const measured = await measureInTurn(names, plan, (index) => {
    note(`latency: ${names[index]} at ${Math.round(load * 100)} % of the highest throughput`)
    return runs.run(subjects[index]!, { leadIn, orders, load: { perSecond } })
  })
  const [asked, commit] = measured
  return {
    load,
    commandsPerSecond: perSecond,
    latencies: measured.map(({ perSecond, latencyMs, pausesPerSecond, pauseMs }, index) => ({
      subject: names[index]!,
      commandsPerSecond: perSecond.p50,
      ...{ latencyMs, pausesPerSecond, pauseMs },
    })),
    p99ToP50: ratioByRound(
      asked!.latencyMsByRound.map(({ p99 }) => p99),
      commit!.latencyMsByRound.map(({ p50 }) => p50),
    ),
  }
}

function findingsOf({ points }: LatencyAnswer): readonly Finding[] {
  const point = points.find(({ load }) => load === judgedLoad)
  if (!point) return []
  const what = 'receipt p99 at half of the highest throughput, to the p50 of a bare group commit'
  return [{ goal: { what, bound: 'most', value: 5 }, ...point.p99ToP50 }]
}

function plotsOf({ points, subjects }: LatencyAnswer): readonly Plot[] {
  const line = (index: number, of: 'p50' | 'p99' | 'p999', named: string) => ({
    name: `${subjects[index]!.name} ${named}`,
    isDashed: index > 0,
    points: points.map(
      ({ load, latencies }) => [load * 100, latencies[index]!.latencyMs[of]] as const,
    ),
  })
  return [
    {
      file: 'latency.svg',
      title: 'How late a receipt is',
      x: { label: '% of the highest throughput', scale: 'linear', ticks: [0, 20, 40, 60, 80, 100] },
      y: { label: 'ms', scale: 'log' },
      lines: [
        line(0, 'p50', 'p50'),
        line(0, 'p99', 'p99'),
        line(0, 'p999', 'p99.9'),
        line(1, 'p50', 'p50'),
        line(1, 'p99', 'p99'),
      ],
    },
  ]
}

/** What the goal would be for the bare commit itself. */
function ownTail({ points, subjects }: LatencyAnswer): readonly string[] {
  const latencies = points.find(({ load }) => load === judgedLoad)?.latencies[1]
  if (!latencies) return []
  const { p50, p99 } = latencies.latencyMs
  return [
    `At half of the highest throughput the p99 of ${subjects[1]!.name} is itself ${ratio(p99 / p50)} times its p50.`,
  ]
}

function printLatency(answer: LatencyAnswer): string {
  const percentiles = ['p50 ms', 'p99 ms', 'p99.9 ms', 'max ms']
  const head = ['load', 'subject', 'asked/s', 'done/s', ...percentiles, 'pauses/s', 'each, ms']
  const rows = answer.points.flatMap(({ load, commandsPerSecond, latencies }) =>
    latencies.map((one) => [
      `${Math.round(load * 100)} %`,
      one.subject,
      rate(commandsPerSecond),
      rate(one.commandsPerSecond),
      milliseconds(one.latencyMs.p50),
      milliseconds(one.latencyMs.p99),
      milliseconds(one.latencyMs.p999),
      milliseconds(one.latencyMs.max),
      one.pausesPerSecond.toFixed(1),
      one.pausesPerSecond > 0 ? milliseconds(one.pauseMs.p50) : '-',
    ]),
  )
  const { rounds, warmups, secondsPerRun, leadInOrders, highestPerSecond, inFlight, subjects } =
    answer
  return [
    latency.asks,
    table(head, rows),
    `The highest throughput of ${subjects[0]!.name} is ${rate(highestPerSecond)} commands/s, with ` +
      `${inFlight} in flight in a closed loop. Loads are open loops of ${secondsPerRun} s at a fixed ` +
      `rate after ${leadInOrders} orders that do not count, and a latency counts from when its command ` +
      `was to be sent; ${rounds} rounds in turn after ${warmups} to warm up; results checked after ` +
      'each run. Pauses are those in which V8 collects garbage, each as long as the median of them.',
    ...ownTail(answer),
    ...subjects.map(({ name, does }) => `${name}: ${does}.`),
  ].join('\n')
}
