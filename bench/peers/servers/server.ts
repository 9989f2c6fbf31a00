/** Servers that are started for a run on folders of their own, and ended after it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { accessSync, constants, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A program that a peer needs is not on this machine. */
export class MissingProgramError extends Error {
  override readonly name = 'MissingProgramError'
}

/**
 * Where a program is: in a folder of `PATH`, or in one of those that its package puts it in.
 *
 * @throws {MissingProgramError} naming the Debian package that brings it
 */
export function findProgram(
  program: string,
  debianPackage: string,
  elsewhere: readonly string[] = [],
): string {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...elsewhere]
  const found = folders.map((folder) => join(folder, program)).find(isExecutable)
  if (found !== undefined) return found
  throw new MissingProgramError(
    `The program ${program} is not in PATH${elsewhere.map((folder) => `, nor in ${folder}`).join('')}. ` +
      `The Debian package ${debianPackage} brings it: apt-get install ${debianPackage}. ` +
      'To measure without it, name the peers that are to be measured with --only.',
  )
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The folders `<parent>/<any>/<below>`, the last name first; none where there is no parent. */
export function foldersBelow(parent: string, below: string): readonly string[] {
  try {
    const names = readdirSync(parent).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    return names.map((name) => join(parent, name, below))
  } catch {
    return []
  }
}

/** Whom a server runs as. */
export interface Account {
  readonly uid?: number
  readonly gid?: number
}

/** Nobody in particular, where this process is root's; otherwise whoever runs this process. */
export function unprivileged(names: readonly string[]): Account {
  if (process.getuid?.() !== 0) return {}
  for (const name of names) {
    try {
      const idOf = (flag: string) => Number(execFileSync('id', [flag, name], { stdio: 'pipe' }))
      return { uid: idOf('-u'), gid: idOf('-g') }
    } catch {
      // There is no such account: the next one.
    }
  }
  throw new Error(`None of the accounts ${names.join(', ')} is there, and root is not taken.`)
}

export interface Server {
  /** What `ready` matched in the line by which the server said that it is ready. */
  readonly ready: RegExpExecArray
  /** Ends it by a signal, and waits until it has ended. */
  stop(signal: NodeJS.Signals): Promise<void>
}

export interface ServerOptions {
  readonly account?: Account
  /** A part of what it prints to stderr once it takes connections. */
  readonly ready: RegExp
  /** Ends it at once, if this process ends before it. */
  readonly killSignal: NodeJS.Signals
}

/** How much of what a server printed is told where it did not start. */
const toldCharacters = 2000

/** @throws {Error} with what the server printed, if it ends before it is ready */
export function startServer(
  program: string,
  args: readonly string[],
  { account, ready, killSignal }: ServerOptions,
): Promise<Server> {
  const child = spawn(program, args, { ...account, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const kill = () => void child.kill(killSignal)
  // Before the folders are removed, which was asked for earlier.
  process.prependOnceListener('exit', kill)
  ended.then(() => process.removeListener('exit', kill))
  const stop = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    await ended
  }
  return new Promise((resolve, reject) => {
    watch(child, (printed) => {
      const match = ready.exec(printed)
      if (match) resolve({ ready: match, stop })
      return match !== null
    })
    const fail = (why: string, printed = '') =>
      reject(new Error(`${program} ${why} before it was ready. It printed:\n${printed}`))
    child.once('error', ({ message }) => fail(message))
    child.once('close', (code, signal) => fail(`ended (${code ?? signal})`, printedBy.get(child)))
  })
}

const printedBy = new WeakMap<ChildProcess, string>()

/** Hands on all that was printed until it is enough; what is printed later is thrown away. */
function watch(child: ChildProcess, isEnough: (printed: string) => boolean): void {
  let isWatching = true
  let printed = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    if (!isWatching) return
    printed += text
    isWatching = !isEnough(printed)
    printedBy.set(child, printed.slice(-toldCharacters))
  })
}
