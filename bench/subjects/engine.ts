import { defaults } from '../../src/config.ts'
import { type Engine, openEngine } from '../../src/engine.ts'
import type { OrderStatus } from '../../src/order/index.ts'
import { checkFinal, commandsPerOrder, expect, type OrderPlan } from '../workload.ts'
import type { Subject } from './subject.ts'

/** The whole way of a command, in process: form, decision, actor, number, log, view, receipt. */
export const engineSubject: Subject = {
  name: 'engine',
  does:
    'validates, decides with the XState actor of the order, numbers, appends to the LMDB log (one ' +
    `entry a commit of up to ${defaults.batchEventsMax} events), shows in OrderView; answers after the flush`,
  isDurable: true,
  async open(folder) {
    const engine = await openEngine({ data: folder })
    return {
      submit: ({ method, params }) => engine.submit(method, params),
      check: (plans) => checkEngine(engine, plans),
      close: () => engine.close(),
    }
  },
}

/** Where each order of a run has come to: its events, and the status that they lead to. */
export interface End {
  readonly events: number
  readonly status: OrderStatus
}

const paid: End = { events: commandsPerOrder, status: 'paid' }

/** @throws {WrongResultError} if the log or the view is not what these orders lead to */
export async function checkEngine(
  engine: Engine,
  plans: Iterable<OrderPlan>,
  end = paid,
): Promise<void> {
  let orders = 0
  for (const plan of plans) {
    const view = engine.get(plan.orderId)
    checkFinal(plan, view, end.status)
    if (view?.version !== end.events) {
      expect(`the version of ${plan.orderId}`, view?.version, end.events)
    }
    orders++
  }
  expect('the number of orders', engine.counts().orders, orders)
  expect('the last eventId', engine.eventId, orders * end.events)
  expect('the number of events in the log', await countEvents(engine), orders * end.events)
}

async function countEvents(engine: Engine): Promise<number> {
  let count = 0
  for await (const batch of engine.events()) count += batch.length
  return count
}
