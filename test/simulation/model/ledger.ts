/**
 * What is true: the events on the disk, folded by plain rules, and each command that was sent with
 * what its sender was told of it. Every event and every answer is held against the rest.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Receipt, RecordedEvent } from '../../../src/domain.ts'
import type { SimDisk } from '../world/disk.ts'
import { eventOf, PlainOrder } from './plain-order.ts'

/** Something that must never be. */
export class Violation extends Error {
  override readonly name = 'Violation'
}

/** One command that somebody sent, over however many connections. */
export interface Submission {
  readonly by: string
  readonly method: string
  readonly params: Record<string, any>
  readonly orderId: string
  readonly commandId: string
  /** How many events its order had when it was sent. */
  readonly versionBefore: number
  /** Undefined until there is an answer. */
  told: 'receipt' | 'not applied' | 'unknown' | undefined
}

interface Order {
  readonly events: RecordedEvent[]
  /** The order, and its view, after each of them. */
  readonly states: PlainOrder[]
  readonly views: object[]
}

interface Key {
  readonly submissions: Submission[]
  event: RecordedEvent | undefined
  /** Receipts that were told not to be a repetition. */
  firstReceipts: number
}

export class Ledger {
  readonly #disk: SimDisk
  readonly orders = new Map<string, Order>()
  readonly events: RecordedEvent[] = []
  readonly #keys = new Map<string, Key>()
  readonly submissions: Submission[] = []

  constructor(disk: SimDisk) {
    this.#disk = disk
  }

  /** The newest event that was looked at. */
  get head(): number {
    return this.#disk.firstEventId - 1 + this.events.length
  }

  event(eventId: number): RecordedEvent | undefined {
    return this.events[eventId - this.#disk.firstEventId]
  }

  /** The view of an order with that event, or with its newest up to that one; undefined for none. */
  viewAt(orderId: string, eventId: number): object | undefined {
    const order = this.orders.get(orderId)
    if (!order) return undefined
    let last = order.events.length - 1
    while (last >= 0 && order.events[last]!.eventId > eventId) last--
    return order.views[last]
  }

  /** All orders as they are with that event, by id, in the order of placing. */
  viewsAt(eventId: number): Map<string, object> {
    const views = new Map<string, object>()
    for (const orderId of this.orders.keys()) {
      const view = this.viewAt(orderId, eventId)
      if (view) views.set(orderId, view)
    }
    return views
  }

  /** Takes in what has been written since. */
  follow(): void {
    if (this.#disk.head < this.head) {
      throw new Violation(`the log has shrunk from ${this.head} to ${this.#disk.head}`)
    }
    for (let next = this.#disk.event(this.head + 1); next; next = this.#disk.event(this.head + 1)) {
      this.#take(next)
    }
  }

  /** A command is about to be sent. */
  send(by: string, method: string, params: Record<string, any>, commandId: string): Submission {
    this.follow()
    const orderId: string = params['orderId'] ?? commandId
    const versionBefore = this.orders.get(orderId)?.events.length ?? 0
    const submission: Submission = {
      ...{ by, method, params, orderId, commandId, versionBefore, told: undefined },
    }
    const key = this.#key(submission)
    key.submissions.push(submission)
    this.submissions.push(submission)
    return submission
  }

  /** Its sender has a receipt: there is that event, durable, and it is what was asked for. */
  receipt(submission: Submission, receipt: Receipt): void {
    this.follow()
    const { commandId, orderId } = submission
    const key = this.#key(submission)
    const event = this.event(receipt.eventId)
    const what = `the receipt of ${commandId} says event ${receipt.eventId}`
    if (!event) throw new Violation(`${what}, and the log ends with ${this.head}`)
    const { version, recordedAt } = event
    const { replayed, ...rest } = receipt
    const expected = { orderId, version, eventId: event.eventId, recordedAt }
    if (!isDeepStrictEqual(rest, expected)) {
      throw new Violation(`${what}, and is ${text(receipt)} where the log has ${text(expected)}`)
    }
    if (event.commandId !== commandId || !isWhatIsAsked(submission, event)) {
      throw new Violation(`${what}, which is ${text(event)}`)
    }
    if (!replayed && ++key.firstReceipts > 1) {
      throw new Violation(`${what}, as the first one does, and says that it is none again`)
    }
    submission.told = 'receipt'
  }

  /** Its sender was told that it was not applied, surely; with a refusal's reason if it is one. */
  notApplied(submission: Submission, reason: string): void {
    this.follow()
    submission.told = 'not applied'
    const { event } = this.#key(submission)
    this.#mustBeTold(this.#key(submission))
    if (!isOfOrder(reason)) return
    if (event && event.version <= submission.versionBefore && isWhatIsAsked(submission, event)) {
      throw new Violation(
        `${submission.commandId} was refused with ${reason}, and had been honoured before`,
      )
    }
    const found = this.#reasonsSince(submission)
    if (found.has(reason)) return
    throw new Violation(
      `${submission.commandId} (${submission.method}) was refused with ${reason}, and its order ` +
        `would have said ${[...found].join(' or ')}`,
    )
  }

  unknown(submission: Submission): void {
    submission.told = 'unknown'
  }

  /** What the order may have said to a command since it was sent. */
  #reasonsSince({ orderId, versionBefore, method, params, commandId }: Submission): Set<string> {
    const { events, states } = this.orders.get(orderId) ?? { events: [], states: [] }
    const { type, data } = eventOf(method, params)
    const reasons = new Set<string>()
    for (let version = versionBefore; version <= events.length; version++) {
      reasons.add(reasonOf(states[version - 1], type, data) ?? 'yes')
      const expected = params['expectedVersion']
      if (expected !== undefined && expected !== version) reasons.add('VERSION_CONFLICT')
    }
    if (events.some((event) => event.commandId === commandId)) reasons.add('COMMAND_ID_REUSED')
    return reasons
  }

  #take(event: RecordedEvent): void {
    const { eventId, orderId, version, previousEventId, type } = event
    const data = event.data as Record<string, any>
    const what = `event ${eventId} (${type} of ${orderId})`
    if (eventId !== this.head + 1) throw new Violation(`${what} follows event ${this.head}`)
    const order = this.orders.get(orderId) ?? { events: [], states: [], views: [] }
    const before = order.events.at(-1)
    if (version !== order.events.length + 1 || previousEventId !== (before?.eventId ?? null)) {
      throw new Violation(`${what} has version ${version} and comes after ${previousEventId}`)
    }
    const state = order.states.at(-1)
    const refused = reasonOf(state, type, data)
    if (refused) throw new Violation(`${what} was recorded, and is ${refused}`)
    const after = state ? state.after(type, data) : placed(data)
    order.events.push(event)
    order.states.push(after)
    order.views.push(after.view(event, order.events[0]!.recordedAt))
    this.orders.set(orderId, order)
    this.events.push(event)
    this.#explain(event, what)
  }

  /** An event comes of a command that was sent, once, and was not said to have come to nothing. */
  #explain(event: RecordedEvent, what: string): void {
    const { orderId, commandId } = event
    const key = commandId === null ? undefined : this.#keys.get(`${orderId}|${commandId}`)
    if (!key) throw new Violation(`${what} has commandId ${commandId}, which nobody has sent`)
    if (key.event) {
      throw new Violation(`${what} is commandId ${commandId} again, as event ${key.event.eventId}`)
    }
    key.event = event
    this.#mustBeTold(key)
  }

  /** Where there is an event, somebody who asked for it has its receipt, or may still get it. */
  #mustBeTold({ event, submissions }: Key): void {
    if (!event) return
    const asked = submissions.filter((submission) => isWhatIsAsked(submission, event))
    if (asked.length === 0) {
      throw new Violation(`event ${event.eventId} is not what was asked for by ${event.commandId}`)
    }
    if (asked.every(({ told }) => told === 'not applied')) {
      throw new Violation(
        `${event.commandId} was said not to have been applied, and is event ${event.eventId}`,
      )
    }
  }

  #key({ orderId, commandId }: Submission): Key {
    const name = `${orderId}|${commandId}`
    const known = this.#keys.get(name)
    if (known) return known
    const key: Key = { submissions: [], event: undefined, firstReceipts: 0 }
    this.#keys.set(name, key)
    return key
  }
}

function isWhatIsAsked({ method, params }: Submission, event: RecordedEvent): boolean {
  const { type, data } = eventOf(method, params)
  return type === event.type && isDeepStrictEqual(plain(data), event.data)
}

function reasonOf(
  state: PlainOrder | undefined,
  type: string,
  data: Record<string, any>,
): string | undefined {
  if (state) return state.refuses(type, data)
  return type === 'NewOrderEvent' ? undefined : 'ORDER_NOT_FOUND'
}

function placed({ customerId, currency, lines }: Record<string, any>): PlainOrder {
  return new PlainOrder({ customerId, currency, lines })
}

const reasonsOfOrders = new Set([
  ...['ORDER_NOT_FOUND', 'ORDER_EXISTS', 'VERSION_CONFLICT', 'COMMAND_ID_REUSED', 'NOT_ALLOWED'],
  ...['OVERPAYMENT', 'REFUND_EXCEEDS_PAID', 'LINE_UNKNOWN', 'AMOUNT_OUT_OF_RANGE'],
  ...['PAYMENT_ID_REUSED', 'REFUND_ID_REUSED'],
])

export const isOfOrder = (reason: string) => reasonsOfOrders.has(reason)

/** As it is after it was JSON. */
const plain = (value: object): unknown => JSON.parse(text(value))
const text = (value: unknown) => JSON.stringify(value)

export function notAsExpected(orderId: string, is: unknown, expected: unknown): Violation {
  return new Violation(
    `${orderId} is shown as ${JSON.stringify(is)}, and is ${JSON.stringify(expected)}`,
  )
}

/** An event as it is told: all but the hash. */
export function wire(event: object): object {
  const { commandHash: _, ...rest } = event as Record<string, unknown>
  return rest
}
