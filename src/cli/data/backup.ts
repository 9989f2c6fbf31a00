import { Command } from 'commander'
import { systemRuntime } from '../../runtime.ts'
import { dataOption, jsonOption, print } from '../terminal.ts'
import { Bars } from './bars.ts'

export function backupCommand(): Command {
  return new Command('backup')
    .description("Copy a folder's log as it is now, also beside a running server.")
    .argument('<target>', 'the folder of the copy, which is empty or does not exist yet')
    .addOption(dataOption())
    .addOption(jsonOption('print what was copied as JSON'))
    .addHelpText('after', help)
    .action(backup)
}

const help = `
The copy is read again when it is written. To go back to it, serve it: ordinal serve --data TARGET.
From then on it is a log of its own, with an epoch of its own, so that clients of the old one notice.

Example:
  $ ordinal backup ./backups/monday --data ./shop`

async function backup(
  target: string,
  { data, json }: { readonly data: string; readonly json?: true },
) {
  const { backupLog } = await import('../../upkeep/backup.ts')
  const bars = new Bars()
  const copy = await backupLog(data, target, systemRuntime, (progress) =>
    bars.show(progress),
  ).finally(() => bars.end())
  const { firstEventId, head, orders } = copy
  if (json) return print(JSON.stringify({ data, target, ...copy }))
  if (head < firstEventId) return print(`${target} is a copy of ${data}, which has no events yet.`)
  const of = `of ${orders} ${orders === 1 ? 'order' : 'orders'}`
  print(`${target} is a copy of ${data}: events ${firstEventId} to ${head}, ${of}.`)
}
