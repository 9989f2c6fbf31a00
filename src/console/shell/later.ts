import { after } from '../platform.ts'

/** Runs the newest of what it is given, once nothing newer has come for a while. */
export class Later {
  readonly #ms: number
  #cancel = () => {}

  constructor(ms: number) {
    this.#ms = ms
  }

  run(what: () => void): void {
    this.#cancel()
    this.#cancel = after(this.#ms, what)
  }
}

const restPerWork = 10
/** What took longer waited for a connection, and not for work. */
const restMsMax = 3000

/** How long to rest, in milliseconds, before what took the server so long is asked again. */
export function restAfter(workMs: number, restMsMin: number): number {
  return Math.max(restMsMin, Math.min(restPerWork * workMs, restMsMax))
}
