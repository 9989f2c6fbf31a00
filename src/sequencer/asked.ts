import type { Command, Outcome } from '../domain.ts'
import type { Answer, Waiting } from './append.ts'
import type { LiveOrder } from './live-order.ts'

type Resolve = (outcome: Outcome) => void
type Reject = (error: Error) => void

/** Of the promise that was made last: an executor of its own for each would be one more closure. */
let resolveLast!: Resolve
let rejectLast!: Reject
const keep = (resolve: Resolve, reject: Reject): void => {
  resolveLast = resolve
  rejectLast = reject
}

/** A command for whose answer somebody in the same program waits with a promise. */
export class Asked implements Waiting {
  readonly command: Command
  readonly batch = undefined
  order: LiveOrder | undefined = undefined
  outcome: Outcome | undefined = undefined
  /** Rejects with the fault, where the answer is one. */
  readonly answer = new Promise<Outcome>(keep)
  readonly #resolve = resolveLast
  readonly #reject = rejectLast

  constructor(command: Command) {
    this.command = command
  }

  settle(answer: Answer): void {
    if (answer instanceof Error) this.#reject(answer)
    else this.#resolve(answer)
  }
}
