import { createReadStream, statSync } from 'node:fs'
import { Command } from 'commander'
import type { Domain } from '../../domain.ts'
import { systemRuntime } from '../../runtime.ts'
import type { Imported } from '../../upkeep/import.ts'
import { dataOption, failSaying, jsonOption, print } from '../terminal.ts'
import { Bars } from './bars.ts'

export function importCommand(): Command {
  return new Command('import')
    .description("Append events that were exported to a folder's log, or make a log of them.")
    .argument('[file]', 'the file to read; stdin where it is left out')
    .addOption(dataOption())
    .addOption(jsonOption('print what was appended as JSON'))
    .addHelpText('after', help)
    .action(importAll)
}

const help = `
No server may have the folder open. Events that the log has already are compared with its own and
skipped, so that what was cut off can be imported again. The first line that cannot be taken ends it:
all before it is in the log then, and sound.

Examples:
  $ ordinal import events.ndjson --data ./restored
  $ gunzip < events.ndjson.gz | ordinal import --data ./restored`

interface ImportOptions {
  readonly data: string
  readonly json?: true
}

async function importAll(path: string | undefined, { data, json }: ImportOptions): Promise<void> {
  const { importEvents } = await import('../../upkeep/import.ts')
  const { orderDomain } = await import('../../order/index.ts')
  if (path === undefined && process.stdin.isTTY) failSaying('Name a file, or pipe one into it.')
  const bars = new Bars()
  const onProgress = bars.show.bind(bars)
  const done = await importEvents({
    text: path === undefined ? process.stdin : partsOf(path, bars),
    folder: data,
    domain: orderDomain as unknown as Domain,
    runtime: systemRuntime,
    onProgress,
  }).finally(() => bars.end())
  if (json) print(JSON.stringify({ data, ...done }))
  else if (done.head === null) print('There were no events to import.')
  else print(textOf(data, done))
}

async function* partsOf(path: string, bars: Bars): AsyncGenerator<Buffer> {
  const total = mebibytes(statSync(path).size)
  let done = 0
  for await (const part of createReadStream(path)) {
    yield part
    done += part.length
    bars.show({ of: 'bytes', done: mebibytes(done), total })
  }
}

const mebibytes = (bytes: number) => Math.ceil(bytes / 2 ** 20)

function textOf(data: string, { appended, skipped, head }: Imported) {
  const had = skipped ? `, ${skipped} were there already` : ''
  return `${data}: ${appended} events were appended${had}. Its newest event is ${head}.`
}
