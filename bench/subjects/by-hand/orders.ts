/**
 * The best that a team would write by hand: each command is checked for its form, decided by a plain
 * function on the order ahead of the disk, numbered, and kept with others in one flush; then the Map
 * that is the view shows it, and it is answered.
 */
import { OrderForms } from '../../../src/crud/forms.ts'
import {
  type Command,
  checkFinal,
  commandsPerOrder,
  expect,
  type OrderPlan,
} from '../../workload.ts'
import { decide, type Event, evolve, type Order, type Refusal } from './rules.ts'

/** Where events are kept. */
export interface Store {
  /** Resolves once all of them are flushed. Called again before that at most once. */
  keep(events: readonly Event[]): Promise<unknown>
  /** All events there are, in their order, read back from the disk. */
  read(): Iterable<Event>
  close(): Promise<void>
}

/** As much as what the engine answers with. */
interface Receipt {
  readonly orderId: string
  readonly version: number
  readonly eventId: number
  readonly recordedAt: number
}

interface Waiting {
  readonly command: Command
  readonly resolve: (answer: Receipt | Refusal) => void
  readonly reject: (error: unknown) => void
  answer: Receipt | Refusal | undefined
  /** The order that its receipt is of, as it is to be shown. */
  slot: Slot | undefined
  next: Order | undefined
}

/** An order as it is shown, and as it is ahead of the disk. */
interface Slot {
  shown: Order | undefined
  ahead: Order | undefined
}

/** Flushes under way: one group is decided while the other is flushed. */
const flushesMax = 2
/** So few are not worth two flushes. */
const splitMin = 128

export class HandWrittenOrders {
  readonly #store: Store
  readonly #forms = new OrderForms()
  readonly #slots = new Map<string, Slot>()
  #queue: Waiting[] = []
  #underWay = 0
  #answersWaiting = 0
  #lastEventId = 0
  #isWoken = false
  /** One group in a turn of the event loop: a store may flush together what one turn gives it. */
  readonly #pump = () => {
    this.#isWoken = false
    if (this.#queue.length === 0 || this.#underWay === flushesMax) return
    this.#keepGroup()
    if (this.#queue.length === 0 || this.#underWay === flushesMax) return
    this.#isWoken = true
    setImmediate(this.#pump)
  }

  constructor(store: Store) {
    this.#store = store
  }

  readonly submit = (command: Command): Promise<Receipt | Refusal> =>
    new Promise((resolve, reject) => {
      this.#forms.check(command.method, command.params)
      const answer = undefined
      this.#queue.push({ command, resolve, reject, answer, slot: undefined, next: undefined })
      if (this.#isWoken) return
      this.#isWoken = true
      queueMicrotask(this.#pump)
    })

  /** The order as the disk has it. */
  get(orderId: string): Order | undefined {
    return this.#slots.get(orderId)?.shown
  }

  /** @throws {WrongResultError} if the disk or the view is not what these orders lead to */
  async check(plans: readonly OrderPlan[]): Promise<void> {
    let last = 0
    const folded = new Map<string, Order>()
    for (const event of this.#store.read()) {
      expect('the eventId of an event', event.eventId, last + 1)
      folded.set(event.orderId, evolve(folded.get(event.orderId), event))
      last = event.eventId
    }
    expect('the number of events', last, plans.length * commandsPerOrder)
    expect('the last eventId', this.#lastEventId, last)
    expect('the number of orders', this.#slots.size, plans.length)
    for (const plan of plans) {
      const shown = this.get(plan.orderId)
      checkFinal(plan, shown)
      expect(`${plan.orderId} on the disk`, folded.get(plan.orderId), shown)
    }
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  /** Half of all that is in flight, so that two groups take turns on the disk; or all of a few. */
  #keepGroup(): void {
    const half = Math.ceil((this.#queue.length + this.#answersWaiting) / flushesMax)
    const share = Math.max(half, splitMin)
    const group = this.#queue.length <= share ? this.#queue : this.#queue.slice(0, share)
    this.#queue = group === this.#queue ? [] : this.#queue.slice(share)
    const events: Event[] = []
    const recordedAt = Date.now()
    for (const waiting of group) this.#decide(waiting, recordedAt, events)
    this.#underWay++
    this.#answersWaiting += group.length
    this.#store.keep(events).then(
      () => {
        this.#underWay--
        this.#answersWaiting -= group.length
        for (const waiting of group) {
          if (waiting.slot) waiting.slot.shown = waiting.next
          waiting.resolve(waiting.answer!)
        }
        this.#pump()
      },
      (error) => {
        for (const { reject } of group) reject(error)
      },
    )
  }

  #decide(waiting: Waiting, recordedAt: number, events: Event[]): void {
    const { command } = waiting
    const orderId = command.params.orderId!
    const slot = this.#slots.get(orderId)
    const before = slot?.ahead
    const fact = decide(before, command)
    if ('refused' in fact) {
      waiting.answer = fact
      return
    }
    const eventId = ++this.#lastEventId
    const version = (before?.version ?? 0) + 1
    const { type, data } = fact
    const event = { eventId, type, orderId, version, recordedAt, data } as Event
    events.push(event)
    const next = evolve(before, event)
    waiting.answer = { orderId, version, eventId, recordedAt }
    waiting.next = next
    waiting.slot = slot ?? this.#newSlot(orderId)
    waiting.slot.ahead = next
  }

  #newSlot(orderId: string): Slot {
    const slot: Slot = { shown: undefined, ahead: undefined }
    this.#slots.set(orderId, slot)
    return slot
  }
}
