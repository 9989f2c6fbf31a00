/** The command line as a user has it: the built program, in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export class Running {
  readonly process: ChildProcess
  readonly ended: Promise<Ended>
  readonly #lines: string[] = []
  readonly #looking = new Set<() => void>()

  constructor(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    const child = spawn(process.execPath, [program, ...args], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.process = child
    let stderr = ''
    child.stderr.on('data', (data) => {
      stderr += data
    })
    const reader = createInterface({ input: child.stdout })
    reader.on('line', (line) => {
      this.#lines.push(line)
      for (const look of [...this.#looking]) look()
    })
    const read = new Promise<void>((resolve) => reader.on('close', resolve))
    this.ended = new Promise((resolve) => {
      child.on('close', (code, signal) => {
        void read.then(() => resolve({ code, signal, stdout: this.#lines.join('\n'), stderr }))
      })
    })
    onTestFinished(() => {
      child.kill('SIGKILL')
    })
  }

  /** The first line of stdout that fits, when it comes; rejects where the process ends without. */
  line(fits: (line: string) => boolean = () => true): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.#lines.find(fits)
        if (found === undefined) return
        this.#looking.delete(look)
        resolve(found)
      }
      this.#looking.add(look)
      look()
      void this.ended.then(({ code, stderr }) => {
        reject(new Error(`ended with ${code} before that line: ${stderr}`))
      })
    })
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
export async function serve(data: string, ...args: string[]): Promise<Server> {
  const running = new Running(['serve', '--data', data, '--port', '0', '--json', ...args])
  const { url } = JSON.parse(await running.line())
  const { hostname, port } = new URL(url)
  return Object.assign(running, { url, address: { host: hostname, port: Number(port) } })
}
