/** How the suite measures with tinybench: subjects in turn, and statistics of what each run gave. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Bench, type Statistics, type Task } from 'tinybench'

export interface Measured {
  /** Units of work a second, one sample a round. */
  readonly perSecond: Statistics
  /** Of all latencies of all rounds, in milliseconds. */
  readonly latencyMs: Statistics
}

/** What one run of a subject gave. */
export interface Sample {
  /** Time a unit of work took on average, and the latencies of all of them, in milliseconds. */
  readonly unitMs: number
  readonly latenciesMs: Float64Array
}

export interface Rounds {
  readonly rounds: number
  /** Rounds before them, whose figures are thrown away. */
  readonly warmups: number
}

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

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
  const latencies = names.map((): Float64Array[] => [])
  for (const [index, name] of names.entries()) {
    const measure = async () => {
      await turns.wait(index)
      collectGarbage()
      const { unitMs, latenciesMs } = await run(index)
      latencies[index]!.push(latenciesMs)
      turns.pass()
      return { overriddenDuration: unitMs, overriddenIterationCost: unitMs }
    }
    // Called once for the warm-up and once for the rounds that count.
    const beforeAll = () => {
      latencies[index]!.length = 0
    }
    bench.add(name, measure, { async: true, beforeAll })
  }
  const tasks = await bench.run()
  return tasks.map((task, index) => ({
    perSecond: statisticsOf(task).throughput,
    latencyMs: latencyStatistics(latencies[index]!),
  }))
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

/** tinybench's statistics of latencies that were taken elsewhere: given back to it one by one. */
function latencyStatistics(rounds: readonly Float64Array[]): Statistics {
  const samples = rounds.flatMap((round) => Array.from(round))
  let next = 0
  const bench = new Bench({ iterations: samples.length, time: 0, warmup: false, throws: true })
  bench.add('latency', () => ({ overriddenDuration: samples[next++]! }), { async: false })
  return statisticsOf(bench.runSync()[0]!).latency
}

export function statisticsOf({ name, result }: Task) {
  if (result.state !== 'completed') throw new Error(`The measurement of ${name} did not complete.`)
  return { throughput: result.throughput, latency: result.latency }
}
