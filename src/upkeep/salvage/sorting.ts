import type { Domain, RecordedEvent } from '../../domain.ts'
import { CorruptLogError, ReplayError } from '../../errors.ts'
import { EventChecks } from '../event-checks.ts'
import { Ranges } from './ranges.ts'
import type { CutOrder, Renumbered } from './report.ts'

/** The newest event of an order that is kept. */
interface Kept {
  /** The eventId that it had, and the one that it has now. */
  readonly old: number
  readonly now: number
  readonly version: number
}

/** What is missing of an order. */
interface Cut {
  readonly eventId: number
  readonly why: string
  leftOut: number
}

/**
 * Decides which events are kept, one after the other by the eventIds that they had. As eventIds have no
 * gaps, an event after one that is not kept gets the next number that is free. An order is kept up to
 * the first of its events that is missing: what comes after that rests on what nobody knows.
 */
export class Sorting {
  readonly lost = new Ranges()
  readonly leftOut = new Ranges()
  readonly #checks: EventChecks
  readonly #kept = new Map<string, Kept>()
  readonly #cuts = new Map<string, Cut>()
  readonly #renumbered: Renumbered[] = []
  /** Lost events that a later one of their order names. */
  readonly #named = new Set<number>()

  /** @param firstEventId of the first event that is kept */
  constructor(domain: Domain, firstEventId: number) {
    this.#checks = new EventChecks(domain, firstEventId)
  }

  /** The eventId of the newest event that is kept. */
  get head(): number {
    return this.#checks.head
  }

  /**
   * Takes what was found of one event: more than one record where they differ.
   *
   * @returns the event as it is kept, with its new eventIds; undefined where it is not
   */
  take(found: readonly RecordedEvent[]): RecordedEvent | undefined {
    const kept = found.map((event) => this.#renew(event))
    const fitting = kept.filter((event) => typeof event === 'object')
    const [only, second] = fitting
    if (only && !second) {
      this.#keep(found[kept.indexOf(only)]!, only)
      return only
    }
    this.leftOut.add(found[0]!.eventId)
    for (const [index, event] of found.entries()) {
      const why = kept[index]
      this.#cut(event, typeof why === 'string' ? why : 'different records of it were found')
    }
    return undefined
  }

  /** The event with its new eventIds, or why it cannot be kept. */
  #renew(event: RecordedEvent): RecordedEvent | string {
    const { orderId, previousEventId, version } = event
    const before = this.#kept.get(orderId)
    if (this.#cuts.has(orderId)) return 'an event of its order is not kept before it'
    if (previousEventId !== (before?.old ?? null) || version !== (before?.version ?? 0) + 1) {
      if (previousEventId === null) return 'its order has events before it, and it names none'
      return `event ${previousEventId}, which it follows, is not kept`
    }
    const eventId = this.#checks.head + 1
    const renewed = { ...event, eventId, previousEventId: before?.now ?? null }
    try {
      this.#checks.check(renewed)
    } catch (error) {
      if (error instanceof CorruptLogError) return error.what
      if (error instanceof ReplayError) return `its order is ${error.state}, and does not take it`
      throw error
    }
    return renewed
  }

  #keep({ eventId: old }: RecordedEvent, renewed: RecordedEvent): void {
    this.#checks.take(renewed)
    const { orderId, version, eventId: now } = renewed
    this.#kept.set(orderId, { old, now, version })
    if (old === now) return
    const last = this.#renumbered.at(-1)
    const goesOn = last?.last === old - 1 && now - last.now === old - last.first
    if (goesOn) this.#renumbered[this.#renumbered.length - 1] = { ...last, last: old }
    else this.#renumbered.push({ first: old, last: old, now })
  }

  #cut({ orderId, eventId, previousEventId }: RecordedEvent, why: string): void {
    if (previousEventId !== null) this.#named.add(previousEventId)
    const cut = this.#cuts.get(orderId)
    if (cut) cut.leftOut++
    else this.#cuts.set(orderId, { eventId, why, leftOut: 1 })
  }

  get renumbered(): readonly Renumbered[] {
    return this.#renumbered
  }

  /** The orders that are known to lack events. */
  get orders(): readonly CutOrder[] {
    return [...this.#cuts].map(([orderId, { eventId, why, leftOut }]) => {
      const version = this.#kept.get(orderId)?.version ?? 0
      return { orderId, version, leftOut, eventId, why }
    })
  }

  /** Lost events that none of those found names as the one before it. */
  get ofUnknownOrders(): Ranges {
    const unknown = new Ranges()
    for (const { first, last } of this.lost.all) {
      for (let id = first; id <= last; id++) if (!this.#named.has(id)) unknown.add(id)
    }
    return unknown
  }
}
