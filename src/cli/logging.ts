/** The log of a server: lines of JSON on stderr, or on a terminal lines that people can read. */
import { Option } from 'commander'
import type { PrettyOptions } from 'pino-pretty'
import type { Logger } from '../log-lines/log-lines.ts'
import { printable } from './lines.ts'
import { LogOutput } from './log-output.ts'

const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof levels)[number]

export const logLevelOption = () =>
  new Option('--log-level <level>', 'what is logged on stderr').choices(levels).default('info')

/** Through Node's own stderr, as a write by any other way could hang, and the process with it. */
export async function openLogger(level: LogLevel): Promise<Logger> {
  const { pino } = await import('pino')
  const { stderr } = process
  const forPeople = stderr.isTTY ? (await import('pino-pretty')).prettyFactory(readable) : undefined
  const output = new LogOutput(stderr, forPeople)
  const options = forPeople ? {} : { formatters, timestamp: pino.stdTimeFunctions.isoTime }
  const logger = pino({ level, ...options }, output)
  output.onDropped = (lines) => logger.warn({ lines }, 'lines were dropped: nobody read them')
  return logger
}

const formatters = { level: (label: string) => ({ level: label }) }

const readable: PrettyOptions = {
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
}
