/** The command line as a user has it: the built program, in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** File descriptors to write to in place of a pipe that the test reads, and what to run it by. */
export interface Surroundings {
  readonly stdout?: number
  readonly stderr?: number
  /** A command that ends with running the one that follows. */
  readonly within?: readonly string[]
}

/** The lines of one of its outputs, as they come. */
class Lines {
  /** Resolves when the output has ended. */
  readonly ended: Promise<void>
  readonly #lines: string[] = []
  readonly #looking = new Set<() => void>()

  constructor(output: Readable | null) {
    if (!output) {
      this.ended = Promise.resolve()
      return
    }
    const reader = createInterface({ input: output })
    reader.on('line', (line) => {
      this.#lines.push(line)
      for (const look of [...this.#looking]) look()
    })
    this.ended = new Promise((resolve) => output.once('close', resolve))
  }

  get text(): string {
    return this.#lines.join('\n')
  }

  /** The first line that fits, when it comes. */
  find(fits: (line: string) => boolean): Promise<string> {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.#lines.find(fits)
        if (found === undefined) return
        this.#looking.delete(look)
        resolve(found)
      }
      this.#looking.add(look)
      look()
    })
  }
}

export class Running {
  readonly process: ChildProcess
  readonly ended: Promise<Ended>
  readonly #stdout: Lines
  readonly #stderr: Lines

  constructor(
    args: readonly string[],
    environment: NodeJS.ProcessEnv = {},
    { within = [], stdout = undefined, stderr: errors = undefined }: Surroundings = {},
  ) {
    const [command, ...rest] = [...within, process.execPath, program, ...args]
    const child = spawn(command!, rest, {
      env: { ...process.env, ...environment },
      stdio: ['ignore', stdout ?? 'pipe', errors ?? 'pipe'],
    })
    this.process = child
    this.#stdout = new Lines(child.stdout)
    this.#stderr = new Lines(child.stderr)
    let stderr = ''
    child.stderr?.on('data', (data) => {
      stderr += data
    })
    this.ended = new Promise((resolve) => {
      child.on('close', (code, signal) => {
        const read = Promise.all([this.#stdout.ended, this.#stderr.ended])
        void read.then(() => resolve({ code, signal, stdout: this.#stdout.text, stderr }))
      })
    })
    onTestFinished(() => {
      child.kill('SIGKILL')
    })
  }

  /** The first line of stdout that fits, when it comes; rejects where the process ends without. */
  line(fits: (line: string) => boolean = () => true): Promise<string> {
    return this.#orEnd(this.#stdout.find(fits))
  }

  /** The same of stderr. */
  said(fits: (line: string) => boolean = () => true): Promise<string> {
    return this.#orEnd(this.#stderr.find(fits))
  }

  async #orEnd(line: Promise<string>): Promise<string> {
    const ended = this.ended.then(({ code, stderr }) => {
      throw new Error(`ended with ${code} before that line: ${stderr}`)
    })
    return Promise.race([line, ended])
  }
}

/** Runs a command to its end. */
export function ordinal(...args: string[]): Promise<Ended> {
  return new Running(args).ended
}

export interface Server extends Running {
  readonly url: string
  readonly address: { readonly host: string; readonly port: number }
}

/** Starts a server on a free port, and waits until it is ready. */
export function serve(data: string, ...args: string[]): Promise<Server> {
  return serveWithin({}, data, ...args)
}

export async function serveWithin(
  surroundings: Surroundings,
  data: string,
  ...args: string[]
): Promise<Server> {
  const asked = ['serve', '--data', data, '--port', '0', '--json', ...args]
  const running = new Running(asked, {}, surroundings)
  const { url } = JSON.parse(await running.line())
  const { hostname, port } = new URL(url)
  return Object.assign(running, { url, address: { host: hostname, port: Number(port) } })
}
