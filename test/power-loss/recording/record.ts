/** Records a real server under load: from its first start on, over a kill and a stop in good order. */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { open } from 'lmdb'
import { WebSocket } from 'ws'
import { type Client, connect } from '../../../src/client/index.ts'
import { eventsPath } from '../../../src/log/events-file.ts'
import { openLogForReading } from '../../../src/log/lmdb-log.ts'
import { Chance } from '../../soak/chance.ts'
import { type Command, Commands } from '../../soak/commands.ts'
import { frequentCheckpoints, SoakServer } from '../../soak/server.ts'
import { dataFiles, filesOf, type RecordingFiles } from './recording.ts'
import { recordedBy } from './trace.ts'

export interface RecordOptions {
  /** An empty folder, which becomes the recording. */
  readonly folder: string
  /** The built command line. */
  readonly program: string
  /** Processes, one after the other: the first of several is killed, the others stop in good order. */
  readonly processes: number
  /** Commands that are sent to each of them, at the least. */
  readonly commands: number
  readonly seed: number
  /** Arguments for Node, such as a module that breaks the server. */
  readonly nodeArgs?: readonly string[]
}

/** How many commands are sent at once: so that commits are of one event, of some, and of many. */
const atOnce = [1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 5, 8, 20, 60, 150]

/** @throws {Error} where strace is missing, or may not trace */
export async function record(options: RecordOptions): Promise<void> {
  requireStrace()
  const {
    program,
    processes,
    commands,
    seed,
    nodeArgs = frequentCheckpoints(options.program),
  } = options
  // As the kernel names it.
  const folder = realpathSync(options.folder)
  const files = filesOf(folder)
  const root = join(folder, 'disk')
  // Two folders that are not there yet: their names have to last, too.
  const data = join(root, 'shop', 'data')
  mkdirSync(root)
  const chance = new Chance(seed)
  let process = 1
  const within = () => [...recordedBy(files.trace(process))]
  const server = await SoakServer.start(program, data, { within, nodeArgs })
  const client = connect(server.url, {
    socket: (url, protocols) => new WebSocket(url, protocols) as never,
    random: () => chance.next() * 0.1,
  })
  try {
    const { epoch } = await client.ready
    client.map()
    client.events({ from: { epoch, eventId: 0 } }, () => {})
    const load = new Load(client, chance)
    for (; process <= processes; process++) {
      if (process > 1) await server.start()
      await load.send(commands)
      const last = load.send(atOnce.at(-1)!)
      await wait(chance.below(20))
      await server.end(process === 1 && processes > 1 ? 'SIGKILL' : 'SIGTERM')
      // What is unanswered is sent again to the next.
      if (process === processes) client.close()
      last.catch(() => {})
      await traceEnds(files.trace(process), server.pid ?? 0)
      keep(data, files.left(process))
    }
  } finally {
    client.close()
    await server.end('SIGKILL')
  }
  const about = { root, data, processes, ...(await writeEvents(data, files.events)) }
  writeFileSync(files.about, JSON.stringify(about satisfies RecordingFiles))
}

class Load {
  readonly #client: Client
  readonly #chance: Chance
  readonly #commands: Commands
  #big = 0

  constructor(client: Client, chance: Chance) {
    this.#client = client
    this.#chance = chance
    this.#commands = new Commands('c', chance)
  }

  /** Resolves once at least so many commands are answered; they are sent some at once, or one by one. */
  async send(commands: number): Promise<void> {
    for (let sent = 0; sent < commands; ) {
      const some = Array.from({ length: this.#chance.of(atOnce) }, () => this.#next())
      sent += some.length
      await Promise.all(some.map((command) => this.#submit(command)))
    }
  }

  #next(): Command {
    if (this.#chance.below(20) > 0) return this.#commands.next()
    // An entry of several pages, which LMDB keeps apart from the tree.
    const lines = Array.from({ length: 1 + this.#chance.below(100) }, (_, index) => ({
      ...{ sku: `${index}-${'x'.repeat(60)}`.slice(0, 60), quantity: 1, unitPrice: 1 },
    }))
    const orderId = `big-${++this.#big}`
    return { commandId: orderId, method: 'order.new', params: { orderId, currency: 'USD', lines } }
  }

  #submit({ method, params, commandId }: Command) {
    return this.#client.submit(method as 'order.ship', params as never, { commandId })
  }
}

/** Fails loudly: without it nothing is tried. */
export function requireStrace(): void {
  const { status, stderr, error } = spawnSync('strace', ['--trace=none', '--', 'true'])
  if (status === 0) return
  const why = (error as NodeJS.ErrnoException)?.code === 'ENOENT' ? 'is missing' : String(stderr)
  throw new Error(
    `This needs strace, which records what a process writes: strace ${why}. ` +
      'On Debian: apt-get install strace. In a container, it needs the right to trace (ptrace).',
  )
}

const traceMsMax = 30_000

/** Waits for the last line, which strace writes when the process has gone. */
async function traceEnds(trace: string, pid: number): Promise<void> {
  const until = Date.now() + traceMsMax
  const last = new RegExp(`^${pid} +\\+\\+\\+ .*\\+\\+\\+\\n$`)
  for (;;) {
    const text = readFileSync(trace)
    const end = text.subarray(text.lastIndexOf(10, text.length - 2) + 1).toString()
    if (last.test(end)) return
    if (Date.now() > until) throw new Error(`strace did not come to its end: ${end.slice(0, 200)}`)
    await wait(10)
  }
}

/** What a process left behind, before the next one comes. */
function keep(data: string, folder: string): void {
  mkdirSync(folder)
  for (const name of dataFiles) {
    if (existsSync(join(data, name))) cpSync(join(data, name), join(folder, name))
  }
}

/** Writes down what the log holds in the end. */
async function writeEvents(data: string, path: string) {
  const log = openLogForReading(data)
  const lines: string[] = []
  for await (const batch of log.read(1)) {
    for (const event of batch) lines.push(`${JSON.stringify(event)}\n`)
  }
  await log.close()
  writeFileSync(path, lines.join(''))
  const tree = open<Buffer, number>({
    ...{ path: eventsPath(data), encoding: 'binary', useVersions: true },
    ...{ overlappingSync: false, readOnly: true },
  })
  const entries = [...tree.getRange({ versions: true })].map(({ version }) => version ?? 0)
  await tree.close()
  return { epoch: log.epoch, entries }
}
