import type { Command, OrderPlan } from '../workload.ts'

/** Something that the order workload is run against. */
export interface Subject {
  readonly name: string
  /** What it does for a command, and when it answers: one line for people. */
  readonly does: string
  /** Opens it in an empty folder of its own. */
  open(folder: string): Promise<Running>
}

/** A subject that is open, for one run. */
export interface Running {
  /** Resolves once the command is durable. Rejects where it was refused. */
  submit(command: Command): Promise<void>
  /** @throws {WrongResultError} if not all of the orders are there, as they must be at the end */
  check(plans: readonly OrderPlan[]): Promise<void>
  close(): Promise<void>
}
