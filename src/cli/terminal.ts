/** What the commands share of the terminal: options, failures, lines of text. */
import { InvalidArgumentError, Option } from 'commander'
import { type ClientSocket, Connection } from '../client/connection.ts'
import { defaultDataFolder, defaultHost, defaultPort } from '../config.ts'
import { Fault } from '../errors.ts'

/** Says what went wrong on stderr, and ends the process with 1. */
export function fail(error: unknown): never {
  const known = error instanceof Fault || (error as Error)?.name === 'ConnectionError'
  const text = error instanceof Error ? (known ? error.message : error.stack) : String(error)
  process.stderr.write(`ordinal: ${text}\n`)
  process.exit(1)
}

export const dataOption = () =>
  new Option('--data <dir>', 'the folder of the log').default(defaultDataFolder)

export const urlOption = () =>
  new Option('--url <url>', 'the gateway of a running server')
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

/** Connects to a running server. */
export async function connect(url: string): Promise<Connection> {
  const { WebSocket } = await import('ws')
  return Connection.open(url, (to, protocols) => {
    // ws has the browser's properties, with types of its own.
    return new WebSocket(to, protocols) as unknown as ClientSocket
  })
}

/** Writes one line to stdout. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
