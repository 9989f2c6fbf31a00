/** Ways in which the world, or a stage, can be wrong: the simulation must find each of them. */
import { Successions } from '../../src/gateway/session/successions.ts'
import { EventWatchers } from '../../src/gateway/watch/events.ts'
import { ViewWatchers } from '../../src/gateway/watch/views.ts'
import { LiveOrder } from '../../src/sequencer/live-order.ts'
import { OrderView } from '../../src/view/order-view.ts'
import type { Sins } from './world.ts'

export interface Sin {
  /** The first seed that is tried, where only few find it. */
  readonly from?: number
  readonly sins?: Sins
  /** Makes a stage wrong; returns what makes it right again. */
  readonly commit?: () => () => void
}

/** Puts another method in the place of one, on all objects of a class. */
function replaced<T extends object, Name extends keyof T & string>(
  of: { readonly prototype: T },
  name: Name,
  make: (method: T[Name]) => T[Name],
): () => void {
  const method = of.prototype[name]
  of.prototype[name] = make(method)
  return () => {
    of.prototype[name] = method
  }
}

/** Every so manieth call is for nothing. */
function forgetful<Args extends unknown[]>(
  every: number,
  method: (this: any, ...args: Args) => void,
): (this: any, ...args: Args) => void {
  let calls = 0
  return function (this: any, ...args) {
    if (++calls % every !== 0) method.apply(this, args)
  }
}

export const sins: Readonly<Record<string, Sin>> = {
  'a log that acknowledges before it keeps': { sins: { acksEarly: true } },
  'a log that says it is full, and has written': { sins: { fullButWritten: true } },
  'a network that reorders within a socket': { sins: { reorders: true } },
  'a server that says not applied where it does not know': {
    sins: {
      tamper: (text) => text.replace('"outcome":"unknown"', '"outcome":"not_applied"'),
    },
  },
  'a client that sends a command again under another commandId': {
    sins: {
      tamper: (text, to, chance) =>
        to === 'server'
          ? text.replace(/"commandId":"(c-|w-)/, `"commandId":"${chance.below(1000)}$1`)
          : text,
    },
  },
  'a receipt that names another event': {
    sins: {
      tamper: (text, to) =>
        to === 'client'
          ? text.replace(/"eventId":(\d+),"recordedAt":(\d+),"replayed"/, (_, id, at) => {
              return `"eventId":${Number(id) + 1},"recordedAt":${at},"replayed"`
            })
          : text,
    },
  },
  'a sequencer that forgets commandIds': {
    commit: () => replaced(LiveOrder, 'honoured', () => () => undefined),
  },
  'a log whose histories do not name the commandIds': { sins: { losesCommandIds: true } },
  'a view that skips a change': {
    commit: () =>
      replaced(OrderView, 'apply', (apply) => {
        let calls = 0
        return function (this: OrderView, recorded, place) {
          const before = this.get(recorded.event.orderId)
          const view = apply.call(this, recorded, place)
          return ++calls % 20 === 0 && before ? before : view
        }
      }),
  },
  'a gateway that keeps a change of a view to itself': {
    commit: () => replaced(ViewWatchers, 'tell', (tell) => forgetful(20, tell)),
  },
  'a gateway that takes what was sent by a connection that is given up': {
    from: 1030,
    commit: () => replaced(Successions, 'begin', () => () => {}),
  },
  'a gateway that tells an event twice': {
    commit: () =>
      replaced(EventWatchers, 'text', (text) => {
        let calls = 0
        return function (this: EventWatchers, event) {
          const made = text.call(this, event)
          return ++calls % 50 === 0 ? `${made},${made}` : made
        }
      }),
  },
}
