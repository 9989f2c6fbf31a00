/** What the program is asked for. */
import { statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'

/** The names that `--only` takes, in the order in which the peers are printed. */
export const peerNames = [
  'emmett-sqlite',
  'emmett-postgresql',
  'postgresql-pool',
  'postgresql',
  'sqlite',
  'nats',
] as const

export type PeerName = (typeof peerNames)[number]

export interface Options {
  readonly peers: readonly PeerName[]
  readonly quick: boolean
  readonly json: boolean
  /** An existing folder on the disk to measure. */
  readonly folder: string
}

export const help = `Usage: npm --prefix bench/peers start -- [options]

Runs the order workload against Ordinal and what one would pick instead, one after the other in the same
run. Results are checked after each run. bench/README.md tells what each of them does and does not do.

Options:
  --quick         fewer rounds and orders: shows that it works, and judges nothing
  --json          print one JSON document; npm --silent, or npm says something before it
  --only <names>  these peers alone, with commas between them; Ordinal is always measured:
                  ${peerNames.join(',')}
  --folder <dir>  an existing folder on the disk to measure (default: ${tmpdir()})
  --help          this text

Example:
  npm --prefix bench/peers start -- --quick --only sqlite,nats
`

/** The program was asked for what it does not have. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/**
 * Undefined where help is asked for.
 *
 * @throws {UsageError} saying what of the arguments is wrong, and what would be right
 */
export function parseOptions(args: readonly string[]): Options | undefined {
  const { quick, json, only, folder, help } = parse(args)
  if (help) return undefined
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(`--folder takes an existing folder, and ${folder} is none.`)
  }
  return { peers: only === undefined ? peerNames : namesIn(only), quick, json, folder }
}

function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        quick: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        only: { type: 'string' },
        folder: { type: 'string', default: tmpdir() },
        help: { type: 'boolean', default: false },
      },
    })
    return values
  } catch (error) {
    throw new UsageError(`${(error as Error).message}. --help lists the options.`)
  }
}

function namesIn(only: string): readonly PeerName[] {
  const asked = only.split(',')
  for (const name of asked) {
    if (!peerNames.some((known) => known === name)) {
      throw new UsageError(
        `--only takes some of ${peerNames.join(',')}; "${name}" is none of them.`,
      )
    }
  }
  return peerNames.filter((name) => asked.includes(name))
}
