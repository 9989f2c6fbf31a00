/** Runs of subjects as plain data, so that a run can be asked of another process. */
import { collectGarbage, type Sample } from '../measure.ts'
import { drive, driveAtRate, inGroups, type OrderPlan, planOrders } from '../workload.ts'
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
    const loading = loadingOf(run, orders)
    // All that is to be sent would be copied twice while the subject runs, at some ten milliseconds each time.
    collectGarbage()
    return runOnce(subject, orders, folder, loading)
  },
  end: () => {},
})

function loadingOf({ leadIn, load }: Run, orders: readonly OrderPlan[]): Loading {
  const first = orders.slice(0, leadIn.orders)
  const rest = orders.slice(leadIn.orders)
  const then = 'inFlight' in load ? closedLoop(rest, load) : openLoop(rest, load)
  return async (submit) => {
    await drive(first, leadIn.inFlight, submit)
    return then(submit)
  }
}

const closedLoop =
  (orders: readonly OrderPlan[], { inFlight }: ClosedLoop): Loading =>
  (submit) =>
    drive(orders, inFlight, submit)

function openLoop(orders: readonly OrderPlan[], { perSecond }: OpenLoop): Loading {
  const commands = inGroups(orders)
  return (submit) => driveAtRate(commands, perSecond, submit)
}
