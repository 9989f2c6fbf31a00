/** Runs of subjects as plain data, so that a run can be asked of another process. */
import { collectGarbage, type Sample } from '../measure.ts'
import { drive, driveAtRate, planOrders } from '../workload.ts'
import { type Loading, runOnce, type Subject } from './subject.ts'

/** A closed loop: so many commands in flight. */
export interface ClosedLoop {
  readonly inFlight: number
}

/** Commands at a rate. */
export interface OpenLoop {
  readonly perSecond: number
}

export interface Run {
  /** What does not count: of what has just been opened, all is new, and the code of V8 is, too. */
  readonly leadIn: ClosedLoop & { readonly orders: number }
  readonly orders: number
  readonly load: ClosedLoop | OpenLoop
}

/** Where runs take place. */
export interface Runs {
  /** @throws {WrongResultError} if the subject did not keep the orders as it must */
  run(subject: Subject, run: Run): Promise<Sample>
  /** Ends all processes of subjects. */
  end(): void
}

/** Runs in this process, in new folders within one. */
export const runsHere = (folder: string): Runs => ({
  run: (subject, run) => {
    const orders = planOrders(run.leadIn.orders + run.orders)
    // They would be copied twice while the subject runs, at some ten milliseconds each time.
    collectGarbage()
    return runOnce(subject, orders, folder, loadingOf(run))
  },
  end: () => {},
})

function loadingOf({ leadIn, load }: Run): Loading {
  return async (orders, submit) => {
    await drive(orders.slice(0, leadIn.orders), leadIn.inFlight, submit)
    const rest = orders.slice(leadIn.orders)
    return 'inFlight' in load
      ? drive(rest, load.inFlight, submit)
      : driveAtRate(rest, load.perSecond, submit)
  }
}
