/** Processes that open images. One that dies of an image has found something, and another takes its place. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

/** An image on the disk, and what has to be in it. */
export interface Opening {
  readonly folder: string
  readonly epoch: string
  /** The greatest eventId that anybody was told before the power was cut. */
  readonly acknowledged: number
  /** True where anybody was told which log this is: it has to be there then, and the same one. */
  readonly isKnown: boolean
  /** True where a checkpoint was flushed, which is whole then: as it was, or as it was to become. */
  readonly hasCheckpoint: boolean
  /** True where it is opened for reading before it is opened for writing. */
  readonly isReadFirst: boolean
}

export type Answer = { readonly head: number } | { readonly wrong: string }

const openMsMax = 30_000

export class Opener {
  readonly #script: string
  readonly #events: string
  #process: ChildProcess | undefined

  /** @param events the file of all events that were recorded */
  constructor(script: string, events: string) {
    this.#script = script
    this.#events = events
  }

  async open(opening: Opening): Promise<Answer> {
    this.#process ??= fork(this.#script, [this.#events], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    const child = this.#process
    let errors = ''
    const hear = (data: unknown) => {
      errors += data
    }
    child.stderr?.on('data', hear)
    let isLate = false
    const late = setTimeout(() => {
      isLate = true
      child.kill('SIGKILL')
    }, openMsMax)
    const over = new AbortController()
    const { signal: ends } = over
    const answered = once(child, 'message', { signal: ends }).then(([answer]) => answer as Answer)
    const died = once(child, 'close', { signal: ends }).then(([code, signal]): Answer => {
      this.#process = undefined
      const why = isLate ? `after ${openMsMax} ms without an answer` : (signal ?? `code ${code}`)
      return { wrong: `the process that opened it died: ${why} ${errors.slice(-500)}`.trim() }
    })
    child.send(opening)
    const either = [answered, died]
    try {
      return await Promise.race(either)
    } finally {
      clearTimeout(late)
      child.stderr?.off('data', hear)
      void Promise.allSettled(either)
      over.abort()
    }
  }

  close(): void {
    this.#process?.kill()
  }
}
