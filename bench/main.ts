/** `npm run bench [question | plots] [-- --quick] [--json] [--plot DIR] [--folder DIR]` */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Argument, Command, InvalidArgumentError } from 'commander'
import { type Finding, judged, printFindings } from './goals.ts'
import { draw, type Plot } from './plot/plot.ts'
import type { Question } from './question.ts'
import { questions } from './questions/index.ts'
import { describeSetup, printSetup, type Setup } from './setup.ts'

interface Options {
  readonly quick: boolean
  readonly json: boolean
  readonly plot?: string
  readonly folder: string
}

/** Asks all questions that have something to draw. */
const allPlots = 'plots'
const plotsFolder = 'bench/plots'

const names = questions.map(({ name }) => name)
const program = new Command('npm run bench --')
  .description(
    'Measures how fast Ordinal is, and next to what. bench/README.md tells how to read it.',
  )
  .addArgument(
    new Argument('[question]', 'all of them unless one is named').choices([...names, allPlots]),
  )
  .option('--quick', 'fewer rounds and orders: shows that it works, and judges nothing', false)
  .option(
    '--json',
    'print one JSON document; npm run --silent, or npm says something before it',
    false,
  )
  .option('--plot <dir>', 'write the plots of what is asked there, as SVG')
  .option('--folder <dir>', 'an existing folder on the disk to measure', existingFolder, tmpdir())
  .addHelpText('after', () => {
    const list = questions.map(({ name, asks }) => `  ${name.padEnd(11)} ${asks}`)
    list.push(`  ${allPlots.padEnd(11)} Those with a plot, written to --plot or ${plotsFolder}/.`)
    return `\nQuestions:\n${list.join('\n')}\n\nExample:\n  npm run bench throughput -- --folder /mnt/data\n`
  })
  .action((name: string | undefined, options: Options) => ask(name, options))

try {
  await program.parseAsync()
} catch (error) {
  console.error(error instanceof Error ? `${error.name}: ${error.message}` : error)
  process.exit(1)
}

async function ask(name: string | undefined, options: Options): Promise<void> {
  const { quick, json, folder } = options
  const plotTo = options.plot ?? (name === allPlots ? plotsFolder : undefined)
  const own = temporaryFolder(folder)
  const setup = describeSetup(own)
  if (!json) console.log(`${printSetup(setup)}\n`)
  const answers: Record<string, unknown> = {}
  const findings: Finding[] = []
  const asked = questions.filter((question) => isAsked(question, name))
  for (const question of asked) {
    const answer = await question.run({ folder: own, quick, note })
    note('')
    const found = question.findings(answer)
    findings.push(...found)
    answers[question.name] = answer
    if (!json) console.log(`${question.print(answer)}\n`)
    if (!json && found.length > 0) console.log(`${printFindings(found, !quick)}\n`)
    if (plotTo === undefined) continue
    for (const path of writePlots(question.plots?.(answer) ?? [], plotTo, setup)) {
      if (!json) console.log(`Drawn to ${path}\n`)
    }
  }
  if (json) {
    const goals = quick ? findings : findings.map(judged)
    console.log(JSON.stringify({ setup, quick, answers, goals }, null, 2))
  } else if (asked.length > 1) {
    console.log(`All goals\n${printFindings(findings, !quick)}`)
  }
}

function isAsked(question: Question, name: string | undefined): boolean {
  if (name === allPlots) return question.plots !== undefined
  return name === undefined || question.name === name
}

function existingFolder(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path
  throw new InvalidArgumentError(`It takes an existing folder, and ${path} is none.`)
}

/** Returns where they were written to. */
function writePlots(plots: readonly Plot[], folder: string, setup: Setup): readonly string[] {
  const { cpu, cores, node, fileSystem, flushMs, takenAt } = setup
  const flush = `fdatasync ${flushMs.p50.toFixed(2)} ms`
  const under = `${cpu}, ${cores} cores; Node ${node}; ${fileSystem}, ${flush}; ${takenAt.slice(0, 10)}`
  mkdirSync(folder, { recursive: true })
  return plots.map((plot) => {
    const path = join(folder, plot.file)
    writeFileSync(path, draw(plot, under))
    return path
  })
}

/** A folder of this process's own, removed when it ends, also by Ctrl-C. */
function temporaryFolder(parent: string): string {
  const folder = mkdtempSync(join(realpathSync(parent), 'ordinal-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  process.once('SIGINT', () => process.exit(130))
  process.once('SIGTERM', () => process.exit(143))
  return folder
}

/** Shows what is being measured in one line that the next overwrites, where someone watches. */
function note(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
}
