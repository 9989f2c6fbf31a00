import { Command } from 'commander'
import { wireEvent } from '../protocol/wire.ts'
import { eventColumns } from './lines.ts'
import { dataOption, jsonOption, print, wholeNumber } from './terminal.ts'

interface EventsOptions {
  readonly data: string
  readonly from?: number
  readonly limit?: number
  readonly json?: true
}

export function eventsCommand(): Command {
  return new Command('events')
    .description("List the events of a folder's log, also beside a running server.")
    .addOption(dataOption())
    .option('--from <id>', 'the eventId to begin with', wholeNumber(1))
    .option('--limit <count>', 'how many at the most', wholeNumber(1))
    .addOption(jsonOption('print each event as one line of JSON'))
    .addHelpText('after', '\nExample:\n  $ ordinal events --from 2 --limit 10')
    .action(events)
}

async function events({ data, from, limit, json }: EventsOptions): Promise<void> {
  const { openLogForReading } = await import('../log/lmdb-log.ts')
  const log = openLogForReading(data)
  const lines = eventColumns()
  if (from !== undefined && from > log.head) {
    console.error(`There is no event ${from} yet: the newest is ${log.head}.`)
  }
  let left = limit ?? Number.POSITIVE_INFINITY
  for await (const batch of log.read(from ?? log.firstEventId)) {
    for (const event of batch.slice(0, left)) {
      const wire = wireEvent(event)
      print(json ? JSON.stringify(wire) : lines.line(wire))
    }
    left -= batch.length
    if (left <= 0) break
  }
  await log.close()
}
