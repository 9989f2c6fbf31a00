import { Command } from 'commander'
import { childSilenceMsMax, findingsMax } from '../../config.ts'
import type { Progress } from '../../upkeep/progress.ts'
import type { Verdict } from '../../upkeep/verify.ts'
import { printable } from '../lines.ts'
import { dataOption, failSaying, jsonOption, print } from '../terminal.ts'
import { Bars } from './bars.ts'
import { type ChildEnd, runChild } from './child.ts'
import type { VerifyMessage } from './verify-child.ts'

export function verifyCommand(): Command {
  return new Command('verify')
    .description("Read all of a folder's log, and see whether it is sound; also beside a server.")
    .addOption(dataOption())
    .addOption(jsonOption('print what was found as one JSON document'))
    .addHelpText('after', help)
    .action(verify)
}

const help = `
Looks at the pages of the file, then at each event: its checksum, its eventId, the event before it that
it names, its version, its form, and whether the machine of its order takes it. Changes nothing.

Ends with 0 where the log is sound, with 1 where it is not, or cannot be read.

Example:
  $ ordinal verify --data ./shop`

/** What a process that died of what it read could not tell. */
type Report = Partial<Verdict> & Pick<Verdict, 'findings'>

async function verify({ data, json }: { readonly data: string; readonly json?: true }) {
  const report = await read(data)
  const sound = report.findings.length === 0
  if (json) print(JSON.stringify({ sound, data, ...report }, null, 2))
  else print(textOf(data, report))
  if (!sound) process.exitCode = 1
}

async function read(data: string): Promise<Report> {
  const bars = new Bars()
  let last: Progress | undefined
  let end: VerifyMessage | undefined
  const args = [data, String(findingsMax)]
  const child = await runChild('./verify-child.js', args, childSilenceMsMax, (message) => {
    const said = message as VerifyMessage
    if ('progress' in said) {
      last = said.progress
      bars.show(last)
    } else end = said
  })
  bars.end()
  if (end && 'verdict' in end) return end.verdict
  if (end && 'failure' in end) return failSaying(end.failure)
  return { findings: [{ eventId: null, what: deathOf(child, last) }] }
}

/** What the log did to the process that read it; where it was something else, that is said instead. */
function deathOf(
  { code, signal, errors, wasSilent }: ChildEnd,
  last: Progress | undefined,
): string {
  const where = last ? ` after ${last.done} of ${last.total} ${last.of}` : ''
  const why = 'the file is damaged in a way that LMDB does not stand.'
  if (wasSilent) {
    return `The process that read it said nothing for ${childSilenceMsMax / 1000} s${where}: ${why}`
  }
  if (/heap out of memory/.test(errors)) {
    return failSaying(
      'There is too little memory to hold the state of all orders. ' +
        'NODE_OPTIONS=--max-old-space-size=8000 gives Node 8 GB.',
    )
  }
  // Of a module that cannot be opened Node says that it is not there, and this process has it.
  if (errors.includes('ERR_MODULE_NOT_FOUND')) {
    return failSaying(
      'The process that was to read it could not begin: ' +
        'too many files are open (ulimit -n says how many may be).',
    )
  }
  if (signal !== null && deadly.has(signal)) {
    return `The process that read it died of ${signal}${where}: ${why}`
  }
  return failSaying(
    `The process that read it ended with ${signal ?? code}${where}. ${errors}`.trim(),
  )
}

/** What ends a process that touches what is not there, or trusts what is wrong. */
const deadly: ReadonlySet<NodeJS.Signals> = new Set([
  'SIGSEGV',
  'SIGBUS',
  'SIGABRT',
  'SIGFPE',
  'SIGILL',
  'SIGTRAP',
])

function textOf(data: string, { firstEventId, soundUntil, orders, findings }: Report): string {
  const known = firstEventId !== undefined && soundUntil !== undefined && orders !== undefined
  const isEmpty = known && soundUntil < firstEventId
  const those = `events ${firstEventId} to ${soundUntil}, of ${orders} ${orders === 1 ? 'order' : 'orders'}`
  if (findings.length === 0) {
    return isEmpty ? `${data} is sound, and has no events yet.` : `${data} is sound: ${those}.`
  }
  if (findings.every(({ of }) => of === 'checkpoint')) {
    const whole = isEmpty ? '' : `: ${those}`
    const title = `${data} is not sound, though all of its log is${whole}.`
    return [title, ...findings.map(({ what }) => `  ${printable(what)}`)].join('\n')
  }
  const [first] = findings
  const firstBad = first?.eventId == null ? '' : ` The first bad event is ${first.eventId}.`
  const sound = known && !isEmpty ? `Sound are ${those}. ` : ''
  const saves = `\`ordinal salvage DIR --data ${data}\` copies all that is sound into a new log.`
  return [
    `${data} is not sound.${firstBad}`,
    ...findings.map(({ what }) => `  ${printable(what)}`),
    `${sound}${saves}`,
  ].join('\n')
}
