/** The log of a server: lines of JSON on stderr, or on a terminal lines that people can read. */
import { Option } from 'commander'
import type { pino as Pino } from 'pino'
import type PinoPretty from 'pino-pretty'
import type { Logger } from '../log-lines/log-lines.ts'
import { printable } from './lines.ts'

const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof levels)[number]

export const logLevelOption = () =>
  new Option('--log-level <level>', 'what is logged on stderr').choices(levels).default('info')

/** Bytes of lines that wait where nobody reads them; what comes on top is dropped. */
const waitingBytesMax = 1024 * 1024

export async function openLogger(level: LogLevel): Promise<Logger> {
  const { pino } = await import('pino')
  const logger: Logger = process.stderr.isTTY
    ? pino({ level }, readable((await import('pino-pretty')).default))
    : pino({ level, formatters, timestamp: pino.stdTimeFunctions.isoTime }, lines(pino))
  return logger
}

const formatters = { level: (label: string) => ({ level: label }) }

/** Not waited for: a reader of the log that hangs must not hang the server. */
function lines({ destination }: typeof Pino) {
  return destination({ fd: 2, sync: false, maxLength: waitingBytesMax })
}

function readable(pretty: typeof PinoPretty) {
  return pretty({
    destination: 2,
    sync: true,
    ignore: 'pid,hostname',
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss.l',
    // What a client or a token has named could otherwise drive the terminal.
    customPrettifiers: Object.fromEntries(
      ['client', 'subject', 'customerId', 'remote', 'method'].map((name) => [
        name,
        (value: unknown) => (value === null ? value : printable(String(value))) as string,
      ]),
    ),
  })
}
