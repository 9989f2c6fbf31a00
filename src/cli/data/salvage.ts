import { join } from 'node:path'
import { Command } from 'commander'
import type { Domain } from '../../domain.ts'
import { salvageFiles } from '../../log/folder/data-folder.ts'
import { systemRuntime } from '../../runtime.ts'
import type { Range } from '../../upkeep/salvage/ranges.ts'
import type { CutOrder, SalvageReport } from '../../upkeep/salvage/report.ts'
import { printable } from '../lines.ts'
import { dataOption, jsonOption, print } from '../terminal.ts'
import { Bars } from './bars.ts'

export function salvageCommand(): Command {
  return new Command('salvage')
    .description('Copy all that is sound out of a damaged log into a new one.')
    .argument('<target>', 'the folder of the new log, which is empty or does not exist yet')
    .addOption(dataOption())
    .addOption(jsonOption('print the report as JSON'))
    .addHelpText('after', help)
    .action(salvage)
}

const help = `
Reads the file of the log byte by byte, without LMDB, and changes nothing in it. The new log has no gaps:
after events that are lost, the others have new eventIds. An order is kept up to the first of its events
that is missing. What was left out is told, and lies beside the new log:
  ${salvageFiles.report}     which events are lost, left out and renumbered, and which orders lack some
  ${salvageFiles.leftOut}  the events that were found and left out, as ordinal export writes them

Ends with 0 where nothing is missing, and with 1 where something is, or may be.

Example:
  $ ordinal salvage ./rescued --data ./shop`

async function salvage(
  target: string,
  { data, json }: { readonly data: string; readonly json?: true },
) {
  const { salvageLog } = await import('../../upkeep/salvage/salvage.ts')
  const { orderDomain } = await import('../../order/index.ts')
  const bars = new Bars()
  const report = await salvageLog({
    source: data,
    target,
    domain: orderDomain as unknown as Domain,
    runtime: systemRuntime,
    onProgress: bars.show.bind(bars),
  }).finally(() => bars.end())
  print(json ? JSON.stringify({ target, ...report }, null, 2) : textOf(target, report))
  if (!isWhole(report)) process.exitCode = 1
}

const isWhole = ({ lost, leftOut, sourceHead }: SalvageReport) =>
  lost.length + leftOut.length === 0 && sourceHead !== null

function textOf(target: string, report: SalvageReport): string {
  const { firstEventId, head, kept, lost, leftOut, renumbered, orders } = report
  const holds = `${target} holds ${count(kept, 'event')}, ${firstEventId} to ${head}, and is sound.`
  if (isWhole(report)) {
    return `${holds}\nNothing is missing, and no event has another eventId than before.`
  }
  const [first] = renumbered
  const isEndLost = report.sourceHead === null
  return [
    holds,
    ...rangesLine('lost, as nothing sound is left of them', lost),
    ...rangesLine('left out, as they follow what is lost', leftOut),
    ...namesLine('orders that are as they were before that', orders.map(nameOf)),
    ...rangesLine('lost, and perhaps the newest of any order', report.ofUnknownOrders),
    ...namesLine('what can still be read of the lost', report.clues.map(clueOf)),
    ...(isEndLost ? ['  the way to the newest event is damaged: later ones may be lost, too'] : []),
    ...(first
      ? [`  from event ${first.first} on, eventIds are others: ${first.now} and so on`]
      : []),
    `${join(target, salvageFiles.report)} says all of it.`,
  ].join('\n')
}

/** Orders, or ranges of events, that are named. */
const namedMax = 5

const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`

function rangesLine(what: string, ranges: readonly Range[]): string[] {
  if (ranges.length === 0) return []
  const events = ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0)
  const named = ranges
    .slice(0, namedMax)
    .map(({ first, last }) => (first === last ? `${first}` : `${first} to ${last}`))
  const more = ranges.length > namedMax ? ' and more' : ''
  return [`  ${what}: ${named.join(', ')}${more} (${count(events, 'event')})`]
}

function namesLine(what: string, names: readonly string[]): string[] {
  if (names.length === 0) return []
  const more = names.length > namedMax ? ` and ${names.length - namedMax} more` : ''
  return [printable(`  ${what}: ${names.slice(0, namedMax).join(', ')}${more}`)]
}

const nameOf = ({ orderId, version }: CutOrder) =>
  `${orderId} (${version === 0 ? 'not there' : `v${version}`})`

const clueOf = ({ eventId, type, orderId }: SalvageReport['clues'][number]) =>
  `${eventId} ${type} of ${orderId}`
