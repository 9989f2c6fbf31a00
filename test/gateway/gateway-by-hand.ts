/** A gateway before stages that answer, and sockets that take what they are sent, when told to. */
import { Fold } from '../../src/checkpoint/fold.ts'
import { OrderHeads } from '../../src/checkpoint/heads.ts'
import { type Config, configure } from '../../src/config.ts'
import type { Change, Recorded, RecordedEvent } from '../../src/domain.ts'
import {
  type Authenticator,
  type Identity,
  nobodyInParticular,
} from '../../src/gateway/auth/identity.ts'
import { Gateway } from '../../src/gateway/gateway.ts'
import type { GatewayObserver } from '../../src/gateway/observer.ts'
import { MemoryLog, orderDomain } from '../../src/index.ts'
import { orderMachine } from '../../src/order/machine.ts'
import { CommandForms } from '../../src/protocol/commands.ts'
import type { Waiting } from '../../src/sequencer/append.ts'
import { OrderView } from '../../src/view/order-view.ts'
import { recorded } from '../support/orders.ts'
import { FakeSocket, HandTimers } from './fakes.ts'

const fold = new Fold(orderMachine)

export interface ByHandOptions {
  readonly authenticator?: Authenticator
  readonly observer?: GatewayObserver
}

export function gatewayByHand(limits: Partial<Config> = {}, options: ByHandOptions = {}) {
  const config = configure(limits)
  const ticks: (() => void)[] = []
  const timers = new HandTimers({ soon: (run) => void ticks.push(run) })
  const log = new MemoryLog()
  const heads = new OrderHeads()
  const view = new OrderView(orderDomain as never, log, heads, timers.runtime)
  const submitted: Waiting[] = []
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
    take: (waiting: Waiting) => submitted.push(waiting),
  }
  const { runtime } = timers
  const gateway = new Gateway({ stages: stages as never, config, runtime, ...options })
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
    connect(identity: Identity | undefined = nobodyInParticular) {
      const socket = new FakeSocket()
      gateway.connect(socket, identity)
      return socket
    },
    /** Orders change: their events are applied, and the watchers are told. */
    change(...events: RecordedEvent[]) {
      const batch: Recorded[] = []
      const changes: Change[] = []
      for (const { previousEventId: _, ...rest } of events) {
        const previousEventId = heads.get(rest.orderId)?.eventId ?? null
        const event = { ...rest, previousEventId }
        const known = snapshots.get(event.orderId) ?? fold.initial
        const snapshot = fold.apply(known, event)
        snapshots.set(event.orderId, snapshot)
        batch.push({ event, snapshot })
        const head = heads.apply(event)
        const before = head.view
        changes.push({ view: view.apply({ event, snapshot }, head), before })
      }
      gateway.tell(batch, changes)
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
