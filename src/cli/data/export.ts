import { Command } from 'commander'
import { dataOption, failSaying, jsonOption, print, wholeNumber } from '../terminal.ts'
import { Bars } from './bars.ts'

interface ExportOptions {
  readonly data: string
  readonly from?: number
  readonly json?: true
}

export function exportCommand(): Command {
  return new Command('export')
    .description("Write the events of a folder's log as CloudEvents, a line of JSON each.")
    .argument('[file]', 'the file to write; stdout where it is left out')
    .addOption(dataOption())
    .option('--from <id>', 'the eventId to begin with', wholeNumber(1))
    .addOption(jsonOption('say as JSON what was written to a file'))
    .addHelpText('after', help)
    .action(exportAll)
}

const help = `
Also beside a running server: up to the event that is the newest then. A file that is there is gone on
with where --from names the event after its last one; a line that was cut off is written anew.

Examples:
  $ ordinal export events.ndjson --data ./shop
  $ ordinal export events.ndjson --data ./shop --from 5001
  $ ordinal export | gzip > events.ndjson.gz`

async function exportAll(path: string | undefined, { data, from, json }: ExportOptions) {
  const { markOf } = await import('../../log/folder/mark.ts')
  const { exportEvents } = await import('../../upkeep/export.ts')
  const { ExportFile } = await import('../../upkeep/export-file.ts')
  const { domain } = markOf(data)
  const file = path === undefined ? undefined : new ExportFile(path, domain)
  const after = file?.last
  if (path !== undefined && after && from !== after.eventId + 1) {
    failSaying(
      `${path} is there, and ends with event ${after.eventId}: ` +
        `--from ${after.eventId + 1} goes on, another file begins anew.`,
    )
  }
  const bars = new Bars()
  const onProgress = bars.show.bind(bars)
  let first: number | undefined
  let last: number | undefined
  for await (const part of exportEvents({ folder: data, from, after, onProgress })) {
    if (file) file.write(part.text)
    else await writeOut(part.text)
    first ??= part.first
    last = part.last
  }
  bars.end()
  if (!file) return
  file.close()
  if (json) print(JSON.stringify({ data, file: path, first: first ?? null, last: last ?? null }))
  else if (first === undefined) print(`${path}: there are no more events.`)
  else print(`${path}: events ${first} to ${last}.`)
}

/** Waits where the reader is slower. */
function writeOut(text: string): Promise<void> | undefined {
  if (process.stdout.write(text)) return undefined
  return new Promise((resolve) => process.stdout.once('drain', resolve))
}
