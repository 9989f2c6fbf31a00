/**
 * Orders in front of a store that takes them one by one and numbers them itself: decided in process, as by
 * hand, on the order ahead of the store; shown in a Map, and answered once the store has said that it
 * has the event.
 */
import { OrderForms } from '../../../src/crud/forms.ts'
import {
  decide,
  type Event,
  evolve,
  type Order,
  type Refusal,
} from '../../subjects/by-hand/rules.ts'
import {
  type Command,
  checkFinal,
  commandsPerOrder,
  expect,
  type OrderPlan,
} from '../../workload.ts'

/** An event that the store is yet to number. */
export type Unnumbered = Omit<Event, 'eventId'>

/** Calls back once with the number that the store gave to the event, or with why it has none. */
export type Append = (
  event: Unnumbered,
  kept: (eventId: number) => void,
  failed: (error: unknown) => void,
) => void

interface Receipt {
  readonly orderId: string
  readonly version: number
  readonly eventId: number
  readonly recordedAt: number
}

interface Slot {
  shown: Order | undefined
  ahead: Order
}

export class Orders {
  readonly #append: Append
  readonly #forms = new OrderForms()
  readonly #slots = new Map<string, Slot>()
  #lastEventId = 0

  constructor(append: Append) {
    this.#append = append
  }

  readonly submit = (command: Command): Promise<Receipt | Refusal> =>
    new Promise((resolve, reject) => {
      this.#forms.check(command.method, command.params)
      const orderId = command.params.orderId!
      let slot = this.#slots.get(orderId)
      const fact = decide(slot?.ahead, command)
      if ('refused' in fact) return resolve(fact)
      const { type, data } = fact
      const version = (slot?.ahead.version ?? 0) + 1
      const recordedAt = Date.now()
      const event = { type, orderId, version, recordedAt, data } as Unnumbered
      const next = evolve(slot?.ahead, { ...event, eventId: 0 } as Event)
      if (slot) slot.ahead = next
      else {
        slot = { shown: undefined, ahead: next }
        this.#slots.set(orderId, slot)
      }
      const shownIn = slot
      const kept = (eventId: number) => {
        shownIn.shown = { ...next, eventId }
        if (eventId > this.#lastEventId) this.#lastEventId = eventId
        resolve({ orderId, version, eventId, recordedAt })
      }
      this.#append(event, kept, reject)
    })

  /**
   * `events` are all that the store has, in its order, each with its number.
   *
   * @throws {WrongResultError} if the store or the view is not what these orders lead to
   */
  check(plans: readonly OrderPlan[], events: Iterable<Event>): void {
    let last = 0
    const folded = new Map<string, Order>()
    for (const event of events) {
      expect('the number of an event', event.eventId, last + 1)
      const before = folded.get(event.orderId)
      expect(`the version of ${event.orderId}`, event.version, (before?.version ?? 0) + 1)
      folded.set(event.orderId, evolve(before, event))
      last = event.eventId
    }
    expect('the number of events', last, plans.length * commandsPerOrder)
    expect('the last number that a receipt had', this.#lastEventId, last)
    expect('the number of orders', this.#slots.size, plans.length)
    for (const plan of plans) {
      const shown = this.#slots.get(plan.orderId)?.shown
      checkFinal(plan, shown)
      expect(`${plan.orderId} in the store`, folded.get(plan.orderId), shown)
    }
  }
}
