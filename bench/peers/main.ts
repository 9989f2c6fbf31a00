/** `npm --prefix bench/peers start -- [--quick] [--json] [--only NAMES] [--folder DIR]` */
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describeSetup, printSetup } from '../setup.ts'
import { engineSubject } from '../subjects/engine.ts'
import { type Contestant, compare, full, printComparison, quick } from './compare.ts'
import { help, type Options, type PeerName, parseOptions } from './options.ts'
import { NatsProgram } from './servers/nats.ts'
import { PostgresCluster } from './servers/postgresql.ts'
import { emmettPostgresqlSubject } from './subjects/emmett-postgresql.ts'
import { emmettSqliteSubject } from './subjects/emmett-sqlite.ts'
import { natsSubject } from './subjects/nats.ts'
import { postgresqlPoolSubject, postgresqlSubject } from './subjects/postgresql.ts'
import { sqliteSubject } from './subjects/sqlite.ts'

try {
  const options = parseOptions(process.argv.slice(2))
  if (options) await run(options)
  else console.log(help)
} catch (error) {
  console.error(error instanceof Error ? `${error.name}: ${error.message}` : error)
  process.exit(1)
}

async function run({ peers, quick: isQuick, json, folder }: Options): Promise<void> {
  const own = temporaryFolder(folder)
  const { contestants, versions } = makeContestants(peers, own)
  const setup = describeSetup(own)
  if (!json) console.log(`${printSetup(setup)}\npeers       ${versions.join(', ')}\n`)
  const plan = { ...(isQuick ? quick : full), contestants, folder: own, note }
  const comparison = await compare(plan)
  note('')
  if (json) {
    console.log(JSON.stringify({ setup, versions, quick: isQuick, ...comparison }, null, 2))
  } else {
    console.log(printComparison(comparison))
    if (isQuick) console.log('Quick: it works, and the figures mean nothing.')
  }
}

/**
 * Ordinal, and the peers that are asked for.
 *
 * @throws {MissingProgramError} before anything is measured, if a server of theirs is not installed
 */
function makeContestants(peers: readonly PeerName[], folder: string) {
  const asksFor = (...names: readonly PeerName[]) => names.some((name) => peers.includes(name))
  const contestants: Contestant[] = [
    { subject: { ...engineSubject, name: 'Ordinal' }, isSlow: false },
  ]
  const versions: string[] = []
  const add = (name: PeerName, subject: () => Contestant['subject'], isSlow: boolean) => {
    if (asksFor(name)) contestants.push({ subject: subject(), isSlow })
  }
  if (asksFor('emmett-sqlite')) versions.push(versionOf('@event-driven-io/emmett-sqlite'))
  add('emmett-sqlite', () => emmettSqliteSubject, true)
  if (asksFor('emmett-postgresql', 'postgresql-pool', 'postgresql')) {
    const cluster = new PostgresCluster(folder)
    versions.push(versionOf('@event-driven-io/emmett-postgresql'), versionOf('pg'), cluster.version)
    add('emmett-postgresql', () => emmettPostgresqlSubject(cluster), true)
    add('postgresql-pool', () => postgresqlPoolSubject(cluster), true)
    add('postgresql', () => postgresqlSubject(cluster), false)
  }
  if (asksFor('sqlite')) versions.push(versionOf('better-sqlite3'))
  add('sqlite', () => sqliteSubject, false)
  if (asksFor('nats')) {
    const program = new NatsProgram()
    versions.push(versionOf('@nats-io/transport-node'), program.version)
    add('nats', () => natsSubject(program), false)
  }
  return { contestants, versions }
}

/** The package and its version, as it is installed beside this program. */
function versionOf(name: string): string {
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? []
  for (const folder of folders) {
    try {
      const { version } = JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8'))
      return `${name} ${version}`
    } catch {
      // Not in this folder: the next one.
    }
  }
  return name
}

/** A folder of this process's own, removed when it ends, also by Ctrl-C. */
function temporaryFolder(parent: string): string {
  const folder = mkdtempSync(join(realpathSync(parent), 'ordinal-peers-'))
  // A server that is killed with this process may write for a moment more.
  const options = { recursive: true, force: true, maxRetries: 20, retryDelay: 50 } as const
  process.once('exit', () => rmSync(folder, options))
  process.once('SIGINT', () => process.exit(130))
  process.once('SIGTERM', () => process.exit(143))
  return folder
}

/** Shows what is being measured in one line that the next overwrites, where someone watches. */
function note(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
}
