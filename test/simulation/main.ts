/** `npm run simulate -- --seeds N`: many simulations, one after the other; or one, with all that happens. */
import { SingleBar } from 'cli-progress'
import { Command, InvalidArgumentError } from 'commander'
import { edgesOf } from './model/paths.ts'
import { shrink } from './shrink.ts'
import { type Simulated, simulate } from './simulate.ts'

function wholeNumber(text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= 0) return number
  throw new InvalidArgumentError('It must be a whole number from 0 on.')
}

const numbers = (text: string) => text.split(',').map(wholeNumber)

const program = new Command('simulate')
  .description('Engine, gateway and SDK in one process, with simulated time, network and log.')
  .option('--seeds <number>', 'how many seeds', wholeNumber, 1000)
  .option('--from <number>', 'the first seed; another one each time unless given', wholeNumber)
  .option('--seed <number>', 'one seed alone, and a line for all that happens', wholeNumber)
  .option('--only <steps>', 'with --seed: these steps of its plan alone, such as 3,7', numbers)
  .addHelpText('after', '\nExample:\n  $ npm run simulate -- --seeds 10000')
  .parse()
const { seeds, from, seed, only } = program.opts<{
  readonly seeds: number
  readonly from?: number
  readonly seed?: number
  readonly only?: readonly number[]
}>()
if (only && seed === undefined) program.error('error: --only needs --seed, whose steps it names.')

if (seed !== undefined) await one(seed)
else await many(from ?? Date.now() % 1_000_000)

async function one(seed: number): Promise<void> {
  const { wrong, counts } = await simulate({ seed, only, trace: console.log })
  console.log(JSON.stringify(counts))
  if (wrong === undefined) return console.log(`Seed ${seed}: all is well.`)
  console.log(`WRONG with seed ${seed}: ${wrong}`)
  process.exitCode = 1
}

async function many(first: number): Promise<void> {
  const startedAt = Date.now()
  const format = '{bar} {percentage}% seed {value} of {total}, {eta} s to go'
  const bar = new SingleBar({ format, hideCursor: true, noTTYOutput: false })
  const total: Record<string, number> = {}
  const edges = new Set<string>()
  bar.start(seeds, 0)
  for (let done = 0; done < seeds; done++) {
    const simulated = await simulate({ seed: first + done })
    bar.update(done + 1)
    if (simulated.wrong !== undefined) {
      bar.stop()
      return tell(simulated)
    }
    for (const [name, count] of Object.entries(simulated.counts)) {
      total[name] = (total[name] ?? 0) + count
    }
    for (const edge of simulated.edges) edges.add(edge)
  }
  bar.stop()
  const seconds = (Date.now() - startedAt) / 1000
  console.log(JSON.stringify(total))
  console.log(
    `${seeds} seeds from ${first} on, ${(seeds / seconds).toFixed(0)} a second: all is well. ` +
      `${edges.size} of the ${edgesOf().length} edges of the order's machine were taken.`,
  )
}

async function tell({ seed, wrong, planned }: Simulated): Promise<void> {
  console.log(`WRONG with seed ${seed}: ${wrong}`)
  const steps = Array.from({ length: planned }, (_, number) => number)
  const left = await shrink(steps, async (only) => {
    return (await simulate({ seed, only })).wrong !== undefined
  })
  const again = await simulate({ seed, only: left })
  console.log(`With ${left.length} of its ${planned} steps: ${again.wrong}`)
  const flags = `--seed ${seed} --only ${left.join()}`
  console.log(`Again with: npm run simulate -- ${flags}`)
  process.exitCode = 1
}
