import { defaults } from '../../src/config.ts'
import { type Engine, openEngine } from '../../src/engine.ts'
import { checkFinal, commandsPerOrder, expect, WrongResultError } from '../workload.ts'
import type { Subject } from './subject.ts'

/** The whole way of a command, in process: form, decision, actor, number, log, view, receipt. */
export const engineSubject: Subject = {
  name: 'engine',
  does:
    'validates, decides with the XState actor of the order, numbers, appends to the LMDB log (one ' +
    `entry a commit of up to ${defaults.batchEventsMax} events), shows in OrderView; answers after the flush`,
  async open(folder) {
    const engine = await openEngine({ data: folder })
    return {
      async submit({ method, params }) {
        const outcome = await engine.submit(method, params)
        if ('refused' in outcome) throw new WrongResultError(outcome.message)
      },
      async check(plans) {
        const events = plans.length * commandsPerOrder
        expect('the number of events in the log', await countEvents(engine), events)
        expect('the last eventId', engine.eventId, events)
        expect('the number of orders', engine.counts().orders, plans.length)
        for (const plan of plans) {
          const view = engine.get(plan.orderId)
          checkFinal(plan, view)
          expect(`the version of ${plan.orderId}`, view?.version, commandsPerOrder)
        }
      },
      close: () => engine.close(),
    }
  },
}

async function countEvents(engine: Engine): Promise<number> {
  let count = 0
  for await (const batch of engine.events()) count += batch.length
  return count
}
