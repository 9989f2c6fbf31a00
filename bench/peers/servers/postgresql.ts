import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { findProgram, foldersBelow, type Server, startServer, unprivileged } from './server.ts'

/** As Debian has it: several versions beside each other, in no folder of PATH. */
const debianFolder = '/usr/lib/postgresql'
const user = 'orders'
const database = 'orders'

/**
 * Durable in full, as it comes (fsync, synchronous_commit and full_page_writes are on), and otherwise
 * set up for this: no checkpoint falls into a run, and nothing is written for replicas.
 */
const settings = [
  'fsync=on',
  'synchronous_commit=on',
  'full_page_writes=on',
  'wal_level=minimal',
  'max_wal_senders=0',
  'max_wal_size=16GB',
  'checkpoint_timeout=1h',
  'shared_buffers=1GB',
  'max_connections=100',
  'autovacuum=off',
  'jit=off',
  'listen_addresses=',
]

/** A pool with so many connections, all of them open already: nobody waits for one while it is measured. */
export async function openPool(config: pg.PoolConfig, connections: number): Promise<pg.Pool> {
  const pool = new pg.Pool({ ...config, max: connections, idleTimeoutMillis: 0 })
  const clients = await Promise.all(Array.from({ length: connections }, () => pool.connect()))
  for (const client of clients) client.release()
  return pool
}

/** PostgreSQL on a folder of its own, reached by a Unix socket in it. It runs only while it is used. */
export class PostgresCluster {
  readonly version: string
  readonly #folder: string
  readonly #postgres: string
  readonly #initdb: string
  readonly #account = unprivileged(['postgres', 'nobody'])
  #isMade = false
  #server: Server | undefined

  /**
   * `parent` is a folder of this process's own, which is opened for the account of the server.
   *
   * @throws {MissingProgramError} if PostgreSQL is not installed
   */
  constructor(parent: string) {
    const folders = foldersBelow(debianFolder, 'bin')
    this.#postgres = findProgram('postgres', 'postgresql', folders)
    this.#initdb = findProgram('initdb', 'postgresql', folders)
    this.version = execFileSync(this.#postgres, ['--version'], { encoding: 'utf8' }).trim()
    this.#folder = join(parent, 'postgresql')
  }

  /** Starts it with an empty database; gives what a pool of pg needs to reach it. */
  async start(): Promise<pg.PoolConfig & { readonly connectionString: string }> {
    if (!this.#isMade) this.#make()
    const args = ['-D', join(this.#folder, 'data'), '-k', this.#folder]
    for (const setting of settings) args.push('-c', setting)
    const account = this.#account
    const ready = /ready to accept connections/
    this.#server = await startServer(this.#postgres, args, {
      account,
      ready,
      killSignal: 'SIGQUIT',
    })
    await this.#administer(`CREATE DATABASE ${database}`)
    const connectionString = `postgresql://${user}@localhost/${database}?host=${this.#folder}`
    return { host: this.#folder, user, database, connectionString }
  }

  /**
   * Drops the database, and stops the server. All connections must be closed; the server waits until
   * it has heard of that, too.
   */
  async stop(): Promise<void> {
    try {
      await this.#administer(`DROP DATABASE ${database}`)
    } finally {
      await this.#server?.stop('SIGINT')
    }
  }

  #make(): void {
    const { uid, gid } = this.#account
    mkdirSync(this.#folder)
    if (uid !== undefined && gid !== undefined) {
      chmodSync(dirname(this.#folder), 0o711)
      chownSync(this.#folder, uid, gid)
    }
    const args = ['-D', join(this.#folder, 'data'), '-U', user, '-A', 'trust', '-E', 'UTF8']
    const options = { ...this.#account, cwd: '/', encoding: 'utf8', stdio: 'pipe' } as const
    execFileSync(this.#initdb, [...args, '--locale=C', '--no-sync'], options)
    this.#isMade = true
  }

  async #administer(statement: string): Promise<void> {
    const client = new pg.Client({ host: this.#folder, user, database: 'postgres' })
    await client.connect()
    try {
      await client.query(statement)
    } finally {
      await client.end()
    }
  }
}
