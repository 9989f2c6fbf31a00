/** How many durable commands a second, and how long a receipt takes, with so many in flight? */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Measured, measureInTurn, type Rounds, type Sample } from './measure.ts'
import type { Question } from './question.ts'
import { milliseconds, rate, ratio, table } from './report.ts'
import { barePutsSubject } from './subjects/bare-puts.ts'
import { crudSubject } from './subjects/crud.ts'
import { engineSubject } from './subjects/engine.ts'
import type { Subject } from './subjects/subject.ts'
import { commandsPerOrder, drive, type OrderPlan, planOrders } from './workload.ts'

export interface Load {
  readonly inFlight: number
  /** Many times as many as are in flight, so that the thinning out at the end does not count. */
  readonly orders: number
}

export interface Plan extends Rounds {
  readonly folder: string
  readonly loads: readonly Load[]
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
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly p999: number }
  /** Commands a second as a multiple of those of each subject under the same load. */
  readonly timesThatOf: Readonly<Record<string, number>>
}

export interface ThroughputAnswer extends Rounds {
  readonly loads: readonly Load[]
  readonly subjects: readonly Pick<Subject, 'name' | 'does'>[]
  readonly cells: readonly Cell[]
}

const subjects = [engineSubject, crudSubject, barePutsSubject]
const full = {
  rounds: 5,
  warmups: 1,
  loads: [
    { inFlight: 1, orders: 1_000 },
    { inFlight: 64, orders: 15_000 },
    { inFlight: 1024, orders: 40_000 },
  ],
}
const quick = {
  rounds: 3,
  warmups: 1,
  loads: [
    { inFlight: 1, orders: 200 },
    { inFlight: 64, orders: 1_500 },
    { inFlight: 1024, orders: 6_000 },
  ],
}

export const throughput: Question<ThroughputAnswer> = {
  name: 'throughput',
  asks: 'How many durable commands a second with 1, 64 and 1024 in flight, and how late is a receipt?',
  run: ({ quick: isQuick, folder, note }) =>
    measureThroughput({ ...(isQuick ? quick : full), subjects, folder, note }),
  print: printThroughput,
}

/** @throws {WrongResultError} if a subject did not keep the orders as it must */
export async function measureThroughput(plan: Plan): Promise<ThroughputAnswer> {
  const { rounds, warmups, loads } = plan
  const cells: Cell[] = []
  for (const load of loads) cells.push(...(await measureLoad(plan, load)))
  const described = plan.subjects.map(({ name, does }) => ({ name, does }))
  return { rounds, warmups, loads, subjects: described, cells }
}

async function measureLoad(plan: Plan, load: Load): Promise<readonly Cell[]> {
  const { subjects, folder, note } = plan
  const orders = planOrders(load.orders)
  const names = subjects.map(({ name }) => name)
  const measured = await measureInTurn(names, plan, (index) => {
    const subject = subjects[index]!
    note(`throughput: ${subject.name}, ${load.inFlight} in flight`)
    return runOnce(subject, orders, load.inFlight, folder)
  })
  return measured.map((one, index) => cellOf(one, names[index]!, load.inFlight, measured, names))
}

/** One run, from an empty folder to results that were checked; only the commands are timed. */
async function runOnce(
  subject: Subject,
  orders: readonly OrderPlan[],
  inFlight: number,
  parent: string,
): Promise<Sample> {
  const folder = mkdtempSync(join(parent, 'run-'))
  try {
    const running = await subject.open(folder)
    try {
      const { elapsedMs, latenciesMs } = await drive(orders, inFlight, running.submit)
      await running.check(orders)
      return { unitMs: elapsedMs / (orders.length * commandsPerOrder), latenciesMs }
    } finally {
      await running.close()
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function cellOf(
  { perSecond, latencyMs }: Measured,
  subject: string,
  inFlight: number,
  all: readonly Measured[],
  names: readonly string[],
): Cell {
  const { p50, p99, p999 } = latencyMs
  const times = all.map((other, index) => [names[index]!, perSecond.p50 / other.perSecond.p50])
  return {
    subject,
    inFlight,
    commandsPerSecond: perSecond.p50,
    spreadPerSecond: perSecond.mad,
    latencyMs: { p50, p99, p999 },
    timesThatOf: Object.fromEntries(times),
  }
}

function printThroughput({ cells, subjects, loads, rounds, warmups }: ThroughputAnswer): string {
  const head = ['in flight', 'subject', 'commands/s', '±', 'p50 ms', 'p99 ms', 'p99.9 ms']
  const compared = [crudSubject.name, barePutsSubject.name]
  for (const name of compared) head.push(`x ${name}`)
  const rows = cells.map(({ latencyMs, ...cell }) => [
    String(cell.inFlight),
    cell.subject,
    rate(cell.commandsPerSecond),
    rate(cell.spreadPerSecond),
    milliseconds(latencyMs.p50),
    milliseconds(latencyMs.p99),
    milliseconds(latencyMs.p999),
    ...compared.map((name) => ratio(cell.timesThatOf[name]!)),
  ])
  const sizes = loads.map(({ inFlight, orders }) => `${orders} orders at ${inFlight}`).join(', ')
  return [
    throughput.asks,
    table(head, rows),
    `Medians of ${rounds} rounds in turn after ${warmups} to warm up, ± their median absolute ` +
      `deviation; ${sizes}, three commands each; results checked after each run.`,
    ...subjects.map(({ name, does }) => `${name}: ${does}.`),
  ].join('\n')
}
