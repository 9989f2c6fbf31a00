import { fork } from 'node:child_process'
import { systemRuntime } from '../../runtime.ts'

/** How a child came to its end. */
export interface ChildEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** What it wrote on stderr, but for what is beyond `errorCharsMax`. */
  readonly errors: string
  /** Whether it was ended, as it said nothing for too long. */
  readonly wasSilent: boolean
}

const errorCharsMax = 10_000

/**
 * Runs a script beside this file in a process of its own: what it reads may end it.
 *
 * @param silenceMsMax how long it may say nothing before it is ended
 */
export function runChild(
  script: string,
  args: readonly string[],
  silenceMsMax: number,
  onMessage: (message: unknown) => void,
): Promise<ChildEnd> {
  const child = fork(new URL(script, import.meta.url), args, {
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  })
  let errors = ''
  child.stderr?.on('data', (data) => {
    if (errors.length < errorCharsMax) errors += data
  })
  let wasSilent = false
  const watch = () =>
    systemRuntime.after(silenceMsMax, () => {
      wasSilent = child.kill('SIGKILL')
    })
  let cancel = watch()
  child.on('message', (message) => {
    cancel()
    cancel = watch()
    onMessage(message)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      cancel()
      resolve({ code, signal, errors, wasSilent })
    })
  })
}
