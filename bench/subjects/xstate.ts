import { type Actor, createActor } from 'xstate'
import type { OrderEvent } from '../../src/order/index.ts'
import { orderMachine } from '../../src/order/machine.ts'
import { type Command, checkFinal, expect } from '../workload.ts'
import type { Subject } from './subject.ts'

const answered: Promise<true> = Promise.resolve(true)

/** What XState alone takes for the same: the engine's machine, run by XState's own interpreter. */
export const xstateSubject: Subject = {
  name: 'xstate',
  does:
    "makes an actor of the engine's machine with XState's own interpreter, sends it the order's " +
    'three events and lets it go; validates, records and keeps nothing; answers at once',
  isDurable: false,
  async open() {
    const actors = new Map<string, Actor<typeof orderMachine>>()
    let ended = 0
    let last: { readonly orderId: string; readonly snapshot: Final } | undefined
    return {
      submit(command) {
        const { orderId } = command.params as { orderId: string }
        if (command.method === 'order.new') actors.set(orderId, createActor(orderMachine).start())
        const actor = actors.get(orderId)!
        actor.send(eventOf(command))
        if (command.method === 'order.pay') {
          const snapshot = actor.getSnapshot()
          // Whatever is kept costs garbage collection, so each is looked at here, and one is kept.
          if (isFinal(snapshot)) ended++
          last = { orderId, snapshot }
          actor.stop()
          actors.delete(orderId)
        }
        return answered
      },
      async check(plans) {
        expect('the number of actors alive', actors.size, 0)
        expect('the number of orders that are as they must be', ended, plans.length)
        const plan = plans.find(({ orderId }) => orderId === last?.orderId)
        const context = last?.snapshot.context
        if (plan) checkFinal(plan, context && { ...context, status: 'paid' })
      },
      async close() {},
    }
  },
}

type Final = ReturnType<Actor<typeof orderMachine>['getSnapshot']>

function isFinal({ value, context }: Final): boolean {
  const open = (value as { open?: { payment?: string } }).open
  return open?.payment === 'paid' && context.total === 6000 && context.paid === 6000
}

/** What `decide` makes of the command. */
function eventOf({ method, params }: Command): OrderEvent {
  switch (method) {
    case 'order.new': {
      const { customerId = null, currency, lines } = params
      return { type: 'NewOrderEvent', data: { customerId, currency, lines } }
    }
    case 'order.modify':
      return { type: 'ModifyOrderEvent', data: { lines: params.lines } }
    case 'order.pay': {
      const { paymentId, amount } = params
      return { type: 'OrderPaymentEvent', data: { paymentId, amount } }
    }
  }
}
