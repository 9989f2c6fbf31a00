/** How the suite measures with tinybench: subjects in turn, and statistics of what each run gave. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Bench, type Statistics, type Task } from 'tinybench'

export interface Measured {
  /** Units of work a second, one sample a round. */
  readonly perSecond: Statistics
  /** The same, in the order of the rounds. */
  readonly perSecondByRound: readonly number[]
  /** Of all latencies of all rounds, in milliseconds. */
  readonly latencyMs: Percentiles
  readonly latencyMsByRound: readonly Percentiles[]
  /** Of the pauses in which V8 collected garbage, of all rounds, in milliseconds. */
  readonly pauseMs: Percentiles
  readonly pausesPerSecond: number
}

/** What one run of a subject gave. */
export interface Sample {
  /** Time a unit of work took on average, and the latencies of all of them, in milliseconds. */
  readonly unitMs: number
  readonly latenciesMs: Float64Array
  /** How long each pause took in which V8 collected garbage, where it was asked. */
  readonly pausesMs?: Float64Array
}

export interface Rounds {
  readonly rounds: number
  /** Rounds before them, whose figures are thrown away. */
  readonly warmups: number
}

/** In the unit of what they were taken of. */
export interface Percentiles {
  readonly p50: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

setFlagsFromString('--expose-gc')
export const collectGarbage: () => void = runInNewContext('gc')

/**
 * Measures the subjects in rounds: in each round each of them runs once, alone, on a heap that was
 * just collected. Who begins moves on by one from round to round.
 *
 * Each subject is a task of one tinybench, which runs them side by side; turns keep them apart. A
 * run that throws ends all of it: the turn is not passed on.
 */
export async function measureInTurn(
  names: readonly string[],
  { rounds, warmups }: Rounds,
  run: (index: number) => Promise<Sample>,
): Promise<readonly Measured[]> {
  const bench = new Bench({
    concurrency: 'bench',
    iterations: rounds,
    time: 0,
    warmup: warmups > 0,
    warmupIterations: warmups,
    warmupTime: 0,
    throws: true,
  })
  const turns = new Turns(names.length)
  const samples = names.map((): Sample[] => [])
  for (const [index, name] of names.entries()) {
    const measure = async () => {
      await turns.wait(index)
      collectGarbage()
      const sample = await run(index)
      samples[index]!.push(sample)
      turns.pass()
      return { overriddenDuration: sample.unitMs, overriddenIterationCost: sample.unitMs }
    }
    // Called once for the warm-up and once for the rounds that count.
    const beforeAll = () => {
      samples[index]!.length = 0
    }
    bench.add(name, measure, { async: true, beforeAll })
  }
  const tasks = await bench.run()
  return tasks.map((task, index) => ({
    perSecond: statisticsOf(task).throughput,
    perSecondByRound: samples[index]!.map(({ unitMs }) => 1000 / unitMs),
    latencyMs: percentilesOf(samples[index]!.map(({ latenciesMs }) => latenciesMs)),
    latencyMsByRound: samples[index]!.map(({ latenciesMs }) => percentilesOf([latenciesMs])),
    ...pausesOf(samples[index]!),
  }))
}

function pausesOf(samples: readonly Sample[]): Pick<Measured, 'pauseMs' | 'pausesPerSecond'> {
  const pauses = samples.map(({ pausesMs }) => pausesMs ?? new Float64Array())
  const count = pauses.reduce((total, { length }) => total + length, 0)
  const ms = samples.reduce((total, one) => total + one.unitMs * one.latenciesMs.length, 0)
  return { pauseMs: percentilesOf(pauses), pausesPerSecond: (count / ms) * 1000 }
}

/** Round after round, the turn goes from one to the next; the first of a round is the next one's last. */
class Turns {
  readonly #count: number
  readonly #roundOf: number[]
  readonly #waiting = new Map<number, () => void>()
  #turn = 0

  constructor(count: number) {
    this.#count = count
    this.#roundOf = Array.from({ length: count }, () => 0)
  }

  /** Resolves when it is the turn of this one in its next round. */
  async wait(index: number): Promise<void> {
    const round = this.#roundOf[index]!++
    const place = (index + this.#count - (round % this.#count)) % this.#count
    const turn = round * this.#count + place
    if (turn !== this.#turn) {
      await new Promise<void>((resolve) => this.#waiting.set(turn, resolve))
    }
  }

  pass(): void {
    this.#turn++
    const next = this.#waiting.get(this.#turn)
    this.#waiting.delete(this.#turn)
    next?.()
  }
}

/** Of all samples of all rounds, by the nearest rank; not numbers where there are no samples. */
export function percentilesOf(rounds: readonly Float64Array[]): Percentiles {
  const sorted = new Float64Array(rounds.reduce((total, { length }) => total + length, 0))
  let at = 0
  for (const round of rounds) {
    sorted.set(round, at)
    at += round.length
  }
  sorted.sort()
  const rank = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN
  return { p50: rank(0.5), p99: rank(0.99), p999: rank(0.999), max: rank(1) }
}

/** The middle one of an odd number, the mean of the two in the middle of an even one. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** One figure by another, round by round, as only what was taken back to back can be compared. */
export function ratioByRound(above: readonly number[], below: readonly number[]) {
  const ratios = above.map((value, round) => value / below[round]!)
  const range: readonly [number, number] = [Math.min(...ratios), Math.max(...ratios)]
  return { figure: medianOf(ratios), range }
}

export function statisticsOf({ name, result }: Task) {
  if (result.state !== 'completed') throw new Error(`The measurement of ${name} did not complete.`)
  return { throughput: result.throughput, latency: result.latency }
}
