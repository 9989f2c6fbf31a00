/** What does the hot path cost a command, stage by stage? */
import { measureInTurn, medianOf, type Percentiles, type Rounds } from '../measure.ts'
import type { Question } from '../question.ts'
import { microseconds, table } from '../report.ts'
import { recordInputs } from '../stages/inputs.ts'
import { stages as allStages, type Stage } from '../stages/stages.ts'
import { inFolder } from '../subjects/subject.ts'

export interface Plan extends Rounds {
  readonly folder: string
  readonly orders: number
  readonly inFlight: number
  readonly stages: readonly Stage[]
  readonly note: (text: string) => void
}

export interface StagesAnswer extends Rounds {
  readonly orders: number
  readonly inFlight: number
  /** Microseconds a command. */
  readonly rows: readonly Row[]
}

interface Row extends Pick<Stage, 'name' | 'does' | 'part'> {
  /** Medians of the rounds: the main thread was busy, and with what it waited. */
  readonly busyUs: number
  readonly wallUs: number
  /** Of batches of commands; undefined where there are none. */
  readonly batchUs: Percentiles | undefined
}

const full = { rounds: 5, warmups: 1, orders: 60_000, inFlight: 1024 }
const quick = { rounds: 1, warmups: 0, orders: 1_500, inFlight: 1024 }

export const stages: Question<StagesAnswer> = {
  name: 'stages',
  asks: 'What does the hot path cost a command, stage by stage, and how does the sum compare?',
  run: ({ quick: isQuick, folder, note }) =>
    measureStages({ ...(isQuick ? quick : full), stages: allStages, folder, note }),
  print: printStages,
  // A profile: what it is good for is said by the other questions.
  findings: () => [],
}

/** @throws {WrongResultError} if a stage did not do its work */
export async function measureStages(plan: Plan): Promise<StagesAnswer> {
  const { stages, rounds, warmups, orders, inFlight, note, folder } = plan
  note('stages: recording what goes in')
  const inputs = await recordInputs(orders, inFlight)
  const wallMs = stages.map((): number[] => [])
  const names = stages.map(({ name }) => name)
  const measured = await measureInTurn(names, plan, async (index) => {
    note(`stages: ${names[index]}`)
    const taken = await inFolder(folder, (own) => stages[index]!.run(inputs, own))
    wallMs[index]!.push(taken.wallMs)
    return { unitMs: taken.busyMs, latenciesMs: Float64Array.from(taken.batchesMs) }
  })
  const rows = measured.map(({ perSecondByRound, latencyMs }, index) => {
    const { name, does, part } = stages[index]!
    const { p50, p99, p999, max } = latencyMs
    const batchUs = { p50: p50 * 1e3, p99: p99 * 1e3, p999: p999 * 1e3, max: max * 1e3 }
    return {
      ...{ name, does, part },
      busyUs: medianOf(perSecondByRound.map((perSecond) => 1e6 / perSecond)),
      wallUs: 1e3 * medianOf(wallMs[index]!.slice(warmups)),
      batchUs: Number.isNaN(p50) ? undefined : batchUs,
    }
  })
  return { rounds, warmups, orders, inFlight, rows }
}

function printStages({ rows, rounds, warmups, orders, inFlight }: StagesAnswer): string {
  const sum = (part: Stage['part']) =>
    rows.filter((row) => row.part === part).reduce((total, { busyUs }) => total + busyUs, 0)
  const always = sum('always')
  const whole = sum('whole')
  const line = (name: string, us: number, of: number) => [
    name,
    '',
    microseconds(us),
    of > 0 ? `${Math.round((us / of) * 100)} %` : '',
    ...['', '', '', ''],
  ]
  const rowOf = ({ name, part, busyUs, wallUs, batchUs }: Row) => [
    name,
    part,
    microseconds(busyUs),
    part === 'sockets' || whole === 0 ? '' : `${Math.round((busyUs / whole) * 100)} %`,
    microseconds(wallUs),
    ...(batchUs ? [batchUs.p50, batchUs.p99, batchUs.p999].map(microseconds) : ['', '', '']),
  ]
  const head = ['stage', 'passed', 'busy µs', 'of whole', 'wall µs', 'p50 µs', 'p99 µs', 'p99.9 µs']
  return [
    stages.asks,
    table(head, [
      ...rows.filter(({ part }) => part !== 'whole').map(rowOf),
      line('sum of always', always, whole),
      ...rows.filter(({ part }) => part === 'whole').map(rowOf),
      line('the rest', whole - always, whole),
    ]),
    `Microseconds a command. busy: the main thread; wall: with what it waits, for the disk mostly. ` +
      `Percentiles: of batches of commands. The rest: promises, the ` +
      `clients' loop, and garbage that a stage alone does not leave. ${orders} orders, three commands ` +
      `each, ${inFlight} in flight; medians of ${rounds} rounds in turn after ${warmups} to warm up.`,
    ...rows.map(({ name, does }) => `${name}: ${does}.`),
  ].join('\n')
}
