/** The server of a soak, in a process of its own, that can be killed and started again. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'

export interface ServerOptions {
  /** By what to run it, such as a command that watches it; asked at each start. */
  readonly within?: () => readonly string[]
  readonly nodeArgs?: readonly string[]
}

/** For Node, to run a server that writes checkpoints all the time; `program` is its built command line. */
export const frequentCheckpoints = (program: string): readonly string[] => [
  '--import',
  resolve(program, '../../../test/support/frequent-checkpoints.mjs'),
]

export class SoakServer {
  readonly url: string
  readonly #args: readonly string[]
  readonly #within: () => readonly string[]
  #process: ChildProcess | undefined
  #stderr = ''

  private constructor(program: string, folder: string, port: number, options: ServerOptions) {
    const { within = () => [], nodeArgs = [] } = options
    this.url = `ws://127.0.0.1:${port}/ws`
    this.#within = within
    const serve = ['serve', '--data', folder, '--port', `${port}`, '--log-level', 'error', '--json']
    this.#args = [...nodeArgs, program, ...serve]
  }

  /** Starts it on a port that is free, and stays the same. */
  static async start(
    program: string,
    folder: string,
    options: ServerOptions = {},
  ): Promise<SoakServer> {
    const server = new SoakServer(program, folder, await freePort(), options)
    await server.start()
    return server
  }

  /** Of the process that was started last. */
  get pid(): number | undefined {
    return this.#process?.pid
  }

  /** Resolves when it is ready. */
  async start(): Promise<void> {
    const [command = '', ...args] = [...this.#within(), process.execPath, ...this.#args]
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#process = child
    this.#stderr = ''
    child.stderr.on('data', (data) => {
      this.#stderr += data
    })
    const lines = createInterface({ input: child.stdout })
    const ready = await Promise.race([once(lines, 'line'), once(child, 'exit')])
    if (!String(ready[0]).includes('"ready":true')) {
      throw new Error(`The server did not start: ${this.#stderr}`)
    }
  }

  /** Ends it, at once or in good order, and resolves with its exit code, null after a kill. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const child = this.#process
    if (!child || child.exitCode !== null || child.signalCode !== null) return null
    const exited = once(child, 'exit')
    child.kill(signal)
    const [code] = await exited
    if (signal === 'SIGTERM' && code !== 0) {
      throw new Error(`The server ended with ${code} when it was told to stop: ${this.#stderr}`)
    }
    return code
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  await once(probe, 'close')
  return port
}
