/** How many durable commands a second, and how long a receipt takes, with so many in flight? */
import type { Finding, Goal } from '../goals.ts'
import {
  type Measured,
  measureInTurn,
  type Percentiles,
  type Rounds,
  ratioByRound,
} from '../measure.ts'
import type { Plot } from '../plot/plot.ts'
import type { Question } from '../question.ts'
import { milliseconds, rate, ratio, table } from '../report.ts'
import { barePutsSubject } from '../subjects/bare-puts.ts'
import { fileSubject } from '../subjects/by-hand/file.ts'
import { byHandSubject } from '../subjects/by-hand/lmdb.ts'
import { crudSubject } from '../subjects/crud.ts'
import { engineSubject } from '../subjects/engine.ts'
import { RunsApart } from '../subjects/processes.ts'
import type { Run, Runs } from '../subjects/runs.ts'
import type { Subject } from '../subjects/subject.ts'
import { xstateSubject } from '../subjects/xstate.ts'

export interface Load {
  readonly inFlight: number
  /** Many times as many as are in flight, so that the thinning out at the end does not count. */
  readonly orders: number
}

export interface Plan extends Rounds {
  readonly runs: Runs
  readonly leadIn: Run['leadIn']
  readonly loads: readonly Load[]
  /** The first is what the others are compared with. */
  readonly subjects: readonly Subject[]
  readonly note: (text: string) => void
}

/** One subject under one load. Medians of the rounds, and percentiles of all their receipts. */
export interface Cell {
  readonly subject: string
  readonly inFlight: number
  readonly commandsPerSecond: number
  /** Median absolute deviation of the rounds. */
  readonly spreadPerSecond: number
  readonly latencyMs: Percentiles
  /** Commands a second of the first subject as a multiple of this one's: the median of the rounds. */
  readonly firstIsTimes: { readonly figure: number; readonly range: readonly [number, number] }
}

export interface ThroughputAnswer extends Rounds {
  readonly leadIn: Run['leadIn']
  readonly loads: readonly Load[]
  readonly subjects: readonly Pick<Subject, 'name' | 'does' | 'isDurable'>[]
  readonly cells: readonly Cell[]
}

const subjects = [
  engineSubject,
  byHandSubject,
  crudSubject,
  barePutsSubject,
  fileSubject,
  xstateSubject,
]
const full = {
  rounds: 5,
  warmups: 1,
  leadIn: { orders: 20_000, inFlight: 64 },
  loads: [
    { inFlight: 1, orders: 1_000 },
    { inFlight: 8, orders: 4_000 },
    { inFlight: 64, orders: 15_000 },
    { inFlight: 256, orders: 25_000 },
    { inFlight: 1024, orders: 40_000 },
  ],
}
const quick = {
  rounds: 1,
  warmups: 1,
  leadIn: { orders: 50, inFlight: 64 },
  loads: [
    { inFlight: 1, orders: 30 },
    { inFlight: 64, orders: 500 },
    { inFlight: 1024, orders: 2_000 },
  ],
}

/** The goals at each load, by the name of the subject that the engine is compared with. */
const goals: readonly (Pick<Goal, 'value' | 'hopedFor'> & { inFlight: number; peer: string })[] = [
  { peer: byHandSubject.name, inFlight: 1024, value: 1 },
  { peer: byHandSubject.name, inFlight: 64, value: 0.9 },
  { peer: byHandSubject.name, inFlight: 1, value: 0.9 },
  { peer: barePutsSubject.name, inFlight: 1024, value: 0.4, hopedFor: 0.6 },
  { peer: fileSubject.name, inFlight: 1024, value: 0.6 },
  { peer: xstateSubject.name, inFlight: 1024, value: 3.5 },
  { peer: crudSubject.name, inFlight: 1024, value: 1.5 },
]

export const throughput: Question<ThroughputAnswer> = {
  name: 'throughput',
  asks: 'How many durable commands a second with so many in flight, and how late is a receipt?',
  async run({ quick: isQuick, folder, note }) {
    const runs = new RunsApart(folder)
    try {
      return await measureThroughput({ ...(isQuick ? quick : full), runs, subjects, note })
    } finally {
      runs.end()
    }
  },
  print: printThroughput,
  findings: findingsOf,
  plots: plotsOf,
}

/** @throws {WrongResultError} if a subject did not keep the orders as it must */
export async function measureThroughput(plan: Plan): Promise<ThroughputAnswer> {
  const { rounds, warmups, leadIn, loads } = plan
  const cells: Cell[] = []
  for (const load of loads) cells.push(...(await measureLoad(plan, load)))
  const described = plan.subjects.map(({ name, does, isDurable }) => ({ name, does, isDurable }))
  return { rounds, warmups, leadIn, loads, subjects: described, cells }
}

async function measureLoad(plan: Plan, { inFlight, orders }: Load): Promise<readonly Cell[]> {
  const { subjects, runs, leadIn, note } = plan
  const run: Run = { leadIn, orders, load: { inFlight } }
  const names = subjects.map(({ name }) => name)
  const measured = await measureInTurn(names, plan, (index) => {
    note(`throughput: ${names[index]}, ${inFlight} in flight`)
    return runs.run(subjects[index]!, run)
  })
  return measured.map((one, index) => cellOf(one, names[index]!, inFlight, measured[0]!))
}

function cellOf(
  { perSecond, perSecondByRound, latencyMs }: Measured,
  subject: string,
  inFlight: number,
  first: Measured,
): Cell {
  return {
    subject,
    inFlight,
    commandsPerSecond: perSecond.p50,
    spreadPerSecond: perSecond.mad,
    latencyMs,
    firstIsTimes: ratioByRound(first.perSecondByRound, perSecondByRound),
  }
}

function findingsOf({ cells }: ThroughputAnswer): readonly Finding[] {
  return goals.flatMap(({ peer, inFlight, ...bound }) => {
    const cell = cells.find((cell) => cell.subject === peer && cell.inFlight === inFlight)
    if (!cell) return []
    const what = `commands/s, ${inFlight} in flight, to ${peer}`
    return [{ goal: { what, bound: 'least', peer, ...bound }, ...cell.firstIsTimes } as const]
  })
}

function plotsOf({ cells, subjects, loads }: ThroughputAnswer): readonly Plot[] {
  const lines = subjects.map(({ name, isDurable }) => ({
    name: isDurable ? name : `${name} (not durable)`,
    isDashed: !isDurable,
    points: cells
      .filter(({ subject }) => subject === name)
      .map(({ inFlight, commandsPerSecond }) => [inFlight, commandsPerSecond] as const),
  }))
  return [
    {
      file: 'throughput.svg',
      title: 'Durable commands a second',
      x: {
        label: 'commands in flight',
        scale: 'log',
        ticks: loads.map(({ inFlight }) => inFlight),
      },
      y: { label: 'commands/s', scale: 'log' },
      lines,
    },
  ]
}

function printThroughput({
  cells,
  subjects,
  loads,
  leadIn,
  rounds,
  warmups,
}: ThroughputAnswer): string {
  const first = subjects[0]!.name
  const head = ['in flight', 'subject', 'commands/s', '±', 'p50 ms', 'p99 ms', 'p99.9 ms']
  const rows = cells.map(({ latencyMs, ...cell }) => [
    String(cell.inFlight),
    cell.subject,
    rate(cell.commandsPerSecond),
    rate(cell.spreadPerSecond),
    milliseconds(latencyMs.p50),
    milliseconds(latencyMs.p99),
    milliseconds(latencyMs.p999),
    ratio(cell.firstIsTimes.figure),
  ])
  const sizes = loads.map(({ inFlight, orders }) => `${orders} orders at ${inFlight}`).join(', ')
  return [
    throughput.asks,
    table([...head, `${first} to it`], rows),
    `Medians of ${rounds} rounds in turn after ${warmups} to warm up, ± their median absolute ` +
      `deviation; ${sizes}, three commands each; results checked after each run. A run begins ` +
      `with ${leadIn.orders} orders that do not count; each subject has a process of its own.`,
    ...subjects.map(({ name, does, isDurable }) =>
      isDurable ? `${name}: ${does}.` : `${name} (NOT DURABLE): ${does}.`,
    ),
  ].join('\n')
}
