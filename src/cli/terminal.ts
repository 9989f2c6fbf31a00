/** What the commands share of the terminal: options, failures, lines of text. */
import { getSystemErrorMap } from 'node:util'
import { InvalidArgumentError, Option } from 'commander'
import { ClientError } from '../client/index.ts'
import { defaultDataFolder, defaultHost, defaultPort } from '../config.ts'
import { CorruptLogError, Fault } from '../errors.ts'

/** Says what went wrong on stderr, and ends the process with 1. */
export function fail(error: unknown): never {
  return failSaying(error instanceof Error ? whatOf(error) : String(error))
}

/** Says so on stderr, and ends the process with 1. */
export function failSaying(text: string): never {
  process.stderr.write(`ordinal: ${text}\n`)
  process.exit(1)
}

/** Where it comes from is told of what nobody foresaw: not of a fault, nor of what the system said. */
export function whatOf(error: Error): string {
  if (error instanceof CorruptLogError) {
    return `${error.message} \`ordinal verify\` looks at all of it, \`ordinal salvage\` saves what is sound.`
  }
  const isKnown = error instanceof Fault || error instanceof ClientError || 'syscall' in error
  return isKnown ? error.message : (error.stack ?? error.message)
}

/** Ends the process where nobody takes its output: quietly where they have seen enough (`| head`). */
export function endUnheard(): void {
  for (const output of outputs()) output.on('error', endOn)
}

/** From here on the process goes on where nobody takes its output. */
export function goOnUnheard(): void {
  for (const output of outputs()) output.off('error', endOn).on('error', () => {})
}

const outputs = () => [process.stdout, process.stderr]

function endOn(error: NodeJS.ErrnoException): never {
  if (error.code === 'EPIPE') process.exit()
  const [, why = error.message] = getSystemErrorMap().get(error.errno ?? 0) ?? []
  failSaying(`The output cannot be written: ${why}.`)
}

/** Resolves when all that was written to a stream has left it, or never will. */
export function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve())
  })
}

export const dataOption = () =>
  new Option('--data <dir>', 'the folder of the log').default(defaultDataFolder)

export const urlOption = () =>
  new Option('--url <url>', 'the gateway of a running server; ORDINAL_TOKEN may hold a token')
    .default(`ws://${defaultHost}:${defaultPort}/ws`)
    .argParser(gatewayUrl)

function gatewayUrl(text: string): string {
  if (URL.canParse(text) && /^wss?:$/.test(new URL(text).protocol)) return text
  throw new InvalidArgumentError('It must be the address of a gateway: ws://host:port/ws.')
}

export const jsonOption = (what: string) => new Option('--json', what)

/** Reads a whole number for an option. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER) {
  return (text: string): number => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least || value > most) {
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`)
    }
    return value
  }
}

/** Writes one line to stdout. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
