/** `npm run bench [question] [-- --quick] [--json] [--folder DIR]` */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Argument, Command } from 'commander'
import type { Question } from './question.ts'
import { describeSetup, printSetup } from './setup.ts'
import { throughput } from './throughput.ts'

/** In the order in which they are asked where none is named. */
const questions: readonly Question[] = [throughput]

interface Options {
  readonly quick: boolean
  readonly json: boolean
  readonly folder: string
}

const names = questions.map(({ name }) => name)
const program = new Command('npm run bench --')
  .description(
    'Measures how fast Ordinal is, and next to what. bench/README.md tells how to read it.',
  )
  .addArgument(new Argument('[question]', 'all of them unless one is named').choices(names))
  .option('--quick', 'fewer rounds and orders: shows that it works, and judges nothing', false)
  .option('--json', 'print one JSON document', false)
  .option('--folder <dir>', 'an existing folder on the disk to measure', tmpdir())
  .addHelpText('after', () => {
    const list = questions.map(({ name, asks }) => `  ${name}  ${asks}`).join('\n')
    return `\nQuestions:\n${list}\n\nExample:\n  npm run bench throughput -- --folder /mnt/data\n`
  })
  .action((name: string | undefined, options: Options) => ask(name, options))

try {
  await program.parseAsync()
} catch (error) {
  console.error(error instanceof Error ? `${error.name}: ${error.message}` : error)
  process.exit(1)
}

async function ask(name: string | undefined, { quick, json, folder }: Options): Promise<void> {
  const own = temporaryFolder(folder)
  const setup = describeSetup(own)
  if (!json) console.log(`${printSetup(setup)}\n`)
  const answers: Record<string, unknown> = {}
  for (const question of questions) {
    if (name !== undefined && question.name !== name) continue
    const answer = await question.run({ folder: own, quick, note })
    note('')
    if (!json) console.log(`${question.print(answer)}\n`)
    answers[question.name] = answer
  }
  if (json) console.log(JSON.stringify({ setup, quick, answers }, null, 2))
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
