import type { Command, Outcome, Recorded } from '../domain.ts'
import type { MachineError, OutcomeUnknownError } from '../errors.ts'
import type { LiveOrder } from './live-order.ts'

/**
 * The one answer to a command: a receipt, a refusal, or the fault at which the writer stopped
 * (OutcomeUnknownError: perhaps recorded; MachineError: surely not).
 */
export type Answer = Outcome | OutcomeUnknownError | MachineError

/** A command and who waits for its answer. */
export interface Waiting {
  readonly command: Command
  /** Stands for the commands that must not overtake each other, whatever their orders. */
  readonly batch: object | undefined
  /** Its order, if that is alive, as the group that it is of begins. */
  order: LiveOrder | undefined
  /** What is to be answered once the append that it rests on is durable. */
  outcome: Outcome | undefined
  settle(answer: Answer): void
}

/** One append under way, and the answers that wait for it. */
export class Append {
  readonly recorded: Recorded[] = []
  /** Whose events they are, one for each. */
  readonly orders: LiveOrder[] = []
  /** Who waits, in the order of deciding: for receipts of its events, and what else rests on them. */
  readonly answers: Waiting[] = []
  /** How it ended; undefined while it is under way. */
  ended: { readonly error?: unknown } | undefined

  /** Answers a command once this is durable. */
  answer(waiting: Waiting, outcome: Outcome): void {
    waiting.outcome = outcome
    this.answers.push(waiting)
  }

  holds(eventId: number): boolean {
    const first = this.recorded[0]?.event.eventId
    return first !== undefined && first <= eventId && eventId < first + this.recorded.length
  }
}
