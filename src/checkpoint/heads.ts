import type { RecordedEvent } from '../domain.ts'
import { CorruptLogError } from '../errors.ts'

/** Where one order stands in the log. */
export interface Head {
  /** eventId of its newest durable event. */
  readonly eventId: number
  /** Its number, from 0 on, in the order in which orders were placed. Never changes. */
  readonly place: number
}

/**
 * The head of every order, derived from the log: where the walk through an order's history begins.
 * Holds what is durable, and nothing that is not.
 */
export class OrderHeads {
  readonly #heads = new Map<string, { eventId: number; readonly place: number }>()

  get size(): number {
    return this.#heads.size
  }

  /** Undefined where there is no such order. The same object for as long as the order lives. */
  get(orderId: string): Head | undefined {
    return this.#heads.get(orderId)
  }

  /**
   * Takes in an event that is durable.
   *
   * @param known the head of its order, of whoever has it at hand
   * @returns the head of its order
   * @throws {CorruptLogError} if it does not follow the order's head: a wrong chain
   */
  apply({ orderId, eventId, previousEventId }: RecordedEvent, known?: Head): Head {
    const head = (known as { eventId: number; place: number }) ?? this.#heads.get(orderId)
    const before = head?.eventId ?? null
    if (previousEventId !== before) {
      throw new CorruptLogError(
        eventId,
        `it follows ${previousEventId ?? 'nothing'}, and its order's newest is ${before ?? 'none'}`,
      )
    }
    if (head) {
      head.eventId = eventId
      return head
    }
    const first = { eventId, place: this.#heads.size }
    this.#heads.set(orderId, first)
    return first
  }
}
