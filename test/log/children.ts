/**
 * Other processes for tests of the log. They run the built code (`npm run build`, which `npm test`
 * does first), as Node 20 does not run TypeScript.
 */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished, type TestContext } from 'vitest'

const root = join(import.meta.dirname, '../..')
const scripts = join(import.meta.dirname, 'child')

/** What a child says: one JSON object a line. */
export type Said = Record<string, any>
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly said: readonly Said[]
  readonly errors: string
}

export class Child {
  readonly said: Said[] = []
  /** Once it has ended, and all that it said was read. */
  readonly ended: Promise<Ended>
  readonly #process: ChildProcessWithoutNullStreams
  #listeners: (() => void)[] = []
  #errors = ''

  constructor(command: readonly string[]) {
    this.#process = spawn(command[0]!, command.slice(1), { stdio: 'pipe' })
    this.#process.stdin.on('error', () => {})
    this.#process.stderr.on('data', (data) => {
      this.#errors += data
    })
    createInterface({ input: this.#process.stdout }).on('line', (line) => {
      this.said.push(JSON.parse(line))
      this.#wake()
    })
    this.ended = new Promise((resolve, reject) => {
      this.#process.on('error', reject)
      this.#process.on('close', (code, signal) => {
        resolve({ code, signal, said: this.said, errors: this.#errors })
        this.#wake()
      })
    })
    onTestFinished(() => void this.#process.kill('SIGKILL'))
  }

  /** The line with this index, once it is there. */
  async line(index: number): Promise<Said> {
    while (this.said.length <= index) {
      if (this.#process.exitCode !== null || this.#process.signalCode !== null) {
        await this.ended
        if (this.said.length > index) break
        throw new Error(`The child has ended. ${this.#errors}`)
      }
      await new Promise<void>((resolve) => this.#listeners.push(resolve))
    }
    return this.said[index]!
  }

  write(line: string): void {
    this.#process.stdin.write(`${line}\n`)
  }

  /** Lets it come to its end. */
  finish(): Promise<Ended> {
    this.#process.stdin.end()
    return this.ended
  }

  kill(signal: NodeJS.Signals): Promise<Ended> {
    this.#process.kill(signal)
    return this.ended
  }

  #wake(): void {
    for (const listener of this.#listeners.splice(0)) listener()
  }
}

/** Starts a script of `child/` with these arguments; `within` is a command to run it by. */
export function startChild(
  args: readonly string[],
  within: readonly string[] = [],
  script = 'log-child.mjs',
): Child {
  requireBuild()
  return new Child([...within, process.execPath, join(scripts, script), ...args])
}

/** Runs it to its end. */
export const runChild = (args: readonly string[], within: readonly string[] = []) =>
  startChild(args, within).finish()

/** Old code in `dist` would be tested instead of the code in `src`. */
function requireBuild(): void {
  const sources = readdirSync(join(root, 'src/log'), { recursive: true, encoding: 'utf8' }).filter(
    (name) => /(?<!\.d)\.ts$/.test(name),
  )
  const paths = [...sources.map((name) => `log/${name}`), 'errors.ts', 'runtime.ts']
  for (const path of paths) {
    const source = statSync(join(root, 'src', path))
    const built = statSync(join(root, 'dist', path.replace(/\.ts$/, '.js')), {
      throwIfNoEntry: false,
    })
    if (!built || built.mtimeMs < source.mtimeMs) {
      throw new Error(`dist is older than src/${path}: this test needs \`npm run build\` first.`)
    }
  }
}

/** The first of these ways to run a command that works here, by which to run another. */
function firstThatWorks(ways: readonly (readonly string[])[]): readonly string[] | undefined {
  return ways.find(([command, ...args]) => spawnSync(command!, [...args, 'true']).status === 0)
}

const asRoot = ['--user', '--map-root-user']
const namespace = ['--pid', '--fork', '--kill-child', '--mount-proc']
const mounts = ['sh', '-c', 'mount -t tmpfs tmpfs "$0" && exec "$@"', '/mnt']

/** By what to run a command in a pid namespace of its own. */
export const ownPids = (context: TestContext) =>
  firstThatWorks([
    ['unshare', ...namespace],
    ['unshare', ...asRoot, ...namespace],
  ]) ?? skip(context, 'a pid namespace of its own (unshare --pid)')

/** By what to run a command that may mount file systems, which nobody else sees. */
export function ownMounts(context: TestContext): readonly string[] {
  const ways = [
    ['unshare', '--mount'],
    ['unshare', ...asRoot, '--mount'],
  ]
  const works = firstThatWorks(ways.map((way) => [...way, ...mounts]))
  if (!works) return skip(context, 'to mount file systems of its own (unshare --mount)')
  return works.slice(0, -mounts.length)
}

/** Skips a test so that it is heard: CI counts it as failed. */
export function skip(context: TestContext, need: string): never {
  console.warn(`SKIPPED: "${context.task.name}" needs ${need}, which is not possible here.`)
  return context.skip(`needs ${need}`)
}
