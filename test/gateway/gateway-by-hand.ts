/** A gateway before stages that answer, and sockets that take what they are sent, when told to. */
import { Fold } from '../../src/checkpoint/fold.ts'
import { type Config, configure } from '../../src/config.ts'
import type { Command, Outcome, RecordedEvent, View } from '../../src/domain.ts'
import { Gateway } from '../../src/gateway/gateway.ts'
import { MemoryLog, orderDomain } from '../../src/index.ts'
import { orderMachine } from '../../src/order/machine.ts'
import { CommandForms } from '../../src/protocol/commands.ts'
import { OrderView } from '../../src/view/order-view.ts'
import { recorded } from '../support/orders.ts'
import { FakeSocket, HandTimers } from './fakes.ts'

const fold = new Fold(orderMachine)

export function gatewayByHand(limits: Partial<Config> = {}) {
  const config = configure(limits)
  const ticks: (() => void)[] = []
  const timers = new HandTimers({ soon: (run) => void ticks.push(run) })
  const log = new MemoryLog()
  const view = new OrderView(orderDomain as never, log, timers.runtime)
  const submitted: { command: Command; settle: (outcome: Outcome) => void }[] = []
  const snapshots = new Map<string, typeof fold.initial>()
  let reads = 0
  let lastEventId = 0
  const counting = new Proxy(view, {
    get(target, key) {
      if (key === 'list') reads++
      const value = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  const stages = {
    domain: orderDomain,
    forms: new CommandForms(orderDomain as never, timers.runtime),
    log,
    view: counting,
    submit: (command: Command, settle: (outcome: Outcome) => void) => {
      submitted.push({ command, settle })
    },
  }
  const gateway = new Gateway(stages as never, config, timers.runtime)
  return {
    gateway,
    config,
    timers,
    submitted,
    reads: () => reads,
    lastEventId: () => lastEventId,
    /** The first event of a new order. */
    placed: () => recorded({ eventId: ++lastEventId, orderId: `o-${lastEventId}` }),
    /** One more event of an order. */
    paidOnce: ({ orderId }: RecordedEvent) =>
      recorded({
        eventId: ++lastEventId,
        orderId,
        type: 'OrderPaymentEvent',
        data: { paymentId: `p-${lastEventId}`, amount: 1 },
      }),
    connect() {
      const socket = new FakeSocket()
      gateway.connect(socket)
      return socket
    },
    /** Orders change: their events are applied, and the watchers are told. */
    change(...events: RecordedEvent[]) {
      const changed: View[] = []
      for (const event of events) {
        const known = snapshots.get(event.orderId) ?? fold.initial
        const snapshot = fold.apply(known, event)
        snapshots.set(event.orderId, snapshot)
        changed.push(view.apply({ event, snapshot }))
      }
      gateway.tell(changed)
    },
    /** Lets everything run that waits for a turn of the event loop, until nothing does. */
    async settle() {
      for (let turn = 0; turn < 20; turn++) {
        await new Promise((resolve) => setImmediate(resolve))
        for (const run of ticks.splice(0)) run()
      }
    },
  }
}
