import type { RecordedEvent } from '../domain.ts'
import { CorruptLogError } from '../errors.ts'

/**
 * The newest event of every order, derived from the log: where the walk through an order's history
 * begins. Holds what is durable, and nothing that is not.
 */
export class OrderHeads {
  readonly #heads = new Map<string, number>()

  get size(): number {
    return this.#heads.size
  }

  /** eventId of the order's newest durable event; undefined where there is no such order. */
  get(orderId: string): number | undefined {
    return this.#heads.get(orderId)
  }

  /**
   * Takes in an event that is durable.
   *
   * @throws {CorruptLogError} if it does not follow the order's head: a wrong chain
   */
  apply(event: RecordedEvent): void {
    const head = this.#heads.get(event.orderId) ?? null
    if (event.previousEventId !== head) {
      throw new CorruptLogError(
        event.eventId,
        `it follows ${event.previousEventId ?? 'nothing'}, and its order's newest is ${head ?? 'none'}`,
      )
    }
    this.#heads.set(event.orderId, event.eventId)
  }
}
