import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Sample } from '../measure.ts'
import { Pauses } from '../pauses.ts'
import { commandsPerOrder, type Driven, type OrderPlan, type Submit } from '../workload.ts'

/** Something that the order workload is run against. */
export interface Subject {
  readonly name: string
  /** What it does for a command, and when it answers: one line for people. */
  readonly does: string
  /** False where nothing it answers is on the disk: it is compared for another reason. */
  readonly isDurable: boolean
  /** Opens it in an empty folder of its own, for so many commands. */
  open(folder: string, commands: number): Promise<Running>
}

/** A subject that is open, for one run. */
export interface Running {
  /**
   * Resolves with the answer once the command is durable. Commands to one order are decided in the
   * order in which they come. A refusal has `refused` and a `message`.
   */
  readonly submit: Submit
  /** @throws {WrongResultError} if not all of the orders are there, as they must be at the end */
  check(plans: readonly OrderPlan[]): Promise<void>
  close(): Promise<void>
}

/** How a run loads a subject with its orders: a closed loop, or commands at a rate. */
export type Loading = (submit: Submit) => Promise<Driven>

/** One run, from an empty folder to results that were checked; only commands with a latency are timed. */
export async function runOnce(
  subject: Subject,
  orders: readonly OrderPlan[],
  parent: string,
  load: Loading,
): Promise<Sample> {
  return inFolder(parent, async (folder) => {
    const running = await subject.open(folder, orders.length * commandsPerOrder)
    try {
      const pauses = new Pauses()
      const { elapsedMs, latenciesMs } = await load(running.submit)
      const endedAt = performance.now()
      const pausesMs = await pauses.end(endedAt - elapsedMs, endedAt)
      await running.check(orders)
      return { unitMs: elapsedMs / latenciesMs.length, latenciesMs, pausesMs }
    } finally {
      await running.close()
    }
  })
}

/** Works in a new folder, which is removed afterwards. */
export async function inFolder<T>(
  parent: string,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(parent, 'run-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
