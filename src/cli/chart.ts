import { writeFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import type { ChartFormat } from '../chart/chart.ts'
import { jsonOption } from './terminal.ts'

// Here and not where they are made: help needs no more.
const formats = ['svg', 'json', 'mermaid', 'xstate'] satisfies readonly ChartFormat[]

interface ChartOptions {
  readonly format?: ChartFormat
  readonly json?: true
  readonly out?: string
}

export function chartCommand(): Command {
  return new Command('chart')
    .description('Draw the life of an order: the states of its machine, and what leads where.')
    .addOption(new Option('--format <format>', 'svg unless another is named').choices(formats))
    .option('--out <file>', 'the file to write, in place of printing it')
    .addOption(jsonOption('the same as --format json').conflicts('format'))
    .addHelpText('after', help)
    .action(chart)
}

const help = `
The formats:
  svg      a drawing that stands by itself, light or dark as the reader's system is
  json     the drawing as data: states, edges and where they stand; a server has it as /chart.json
  mermaid  a stateDiagram-v2 for Mermaid
  xstate   the machine's config, which Stately's editor opens: guards and actions by name

Examples:
  $ ordinal chart --out order.svg
  $ ordinal chart --format mermaid`

async function chart({ json, format = json ? 'json' : 'svg', out }: ChartOptions): Promise<void> {
  const { chartText } = await import('../chart/chart.ts')
  const { orderDomain } = await import('../order/index.ts')
  const text = await chartText(orderDomain.machine, format)
  if (out === undefined) process.stdout.write(text)
  else writeFileSync(out, text)
}
