import { Command } from 'commander'
import { defaults } from '../config.ts'
import type { RecordedEvent } from '../domain.ts'
import type { EventLog } from '../log/event-log.ts'
import { wireEvent } from '../protocol/wire.ts'
import { eventColumns } from './lines.ts'
import { ReplayBar } from './replay-bar.ts'
import { dataOption, jsonOption, print } from './terminal.ts'

export function historyCommand(): Command {
  return new Command('history')
    .description("List the events of one order from a folder's log, also beside a running server.")
    .argument('<order>', 'the orderId')
    .addOption(dataOption())
    .addOption(jsonOption('print each event as one line of JSON'))
    .addHelpText('after', '\nExample:\n  $ ordinal history bob-1')
    .action(history)
}

async function history(
  orderId: string,
  { data, json }: { readonly data: string; readonly json?: true },
): Promise<void> {
  const { openLogForReading } = await import('../log/lmdb-log.ts')
  const log = openLogForReading(data)
  const events = await eventsOf(log, orderId)
  await log.close()
  const lines = eventColumns()
  for (const event of events) {
    const wire = wireEvent(event)
    print(json ? JSON.stringify(wire) : lines.line(wire))
  }
  if (events.length > 0) return
  process.stderr.write(`ordinal: there is no order ${orderId} in ${data}\n`)
  process.exitCode = 1
}

/** Goes through the whole log: where an order's newest event is, only a running engine knows. */
async function eventsOf(log: EventLog, orderId: string): Promise<RecordedEvent[]> {
  const bar = new ReplayBar(process.stderr, defaults.progressAfterMs)
  const total = log.head - log.firstEventId + 1
  const events: RecordedEvent[] = []
  let done = 0
  for await (const batch of log.read(log.firstEventId)) {
    for (const event of batch) if (event.orderId === orderId) events.push(event)
    done += batch.length
    bar.show({ done, total })
  }
  bar.end()
  return events
}
