import type { Command, Outcome, Recorded } from '../domain.ts'
import type { MachineError, OutcomeUnknownError } from '../errors.ts'
import type { LiveOrder } from './live-order.ts'

/**
 * Takes the one answer to a command: a receipt, a refusal, or the fault at which the writer stopped
 * (OutcomeUnknownError: perhaps recorded; MachineError: surely not).
 */
export type Settle = (answer: Answer) => void
export type Answer = Outcome | OutcomeUnknownError | MachineError

/** A command and who waits for its answer. */
export interface Waiting {
  readonly command: Command
  readonly settle: Settle
  /** Stands for the commands that must not overtake each other. */
  readonly batch?: object | undefined
  /** Its order, if that is alive, as the group that it is of begins. */
  order?: LiveOrder | undefined
}

/** One append under way, and the answers that wait for it. */
export class Append {
  readonly recorded: Recorded[] = []
  /** Whose events they are, one for each. */
  readonly orders: LiveOrder[] = []
  /** In the order of deciding: receipts of its events, and what else rests on them. */
  readonly answers: { readonly waiting: Waiting; readonly outcome: Outcome }[] = []
  /** How it ended; undefined while it is under way. */
  ended: { readonly error?: unknown } | undefined

  holds(eventId: number): boolean {
    const first = this.recorded[0]?.event.eventId
    return first !== undefined && first <= eventId && eventId < first + this.recorded.length
  }
}
