import type { View } from '../domain.ts'
import { Bitset } from './bitset.ts'

/** What a walk back goes through: events by their ids, and the orders that they are of. */
export interface ShownBefore<V extends View> {
  readonly firstEventId: number
  /** The place of the order that an event is of. */
  placeOfEvent(eventId: number): number
  /** The order at a place, as it is now. */
  viewAt(place: number): V
}

/**
 * A walk through the orders by their last change, the newest first: those whose newest event comes
 * before a given one, and was there when the walk began. It is taken in parts, between which orders
 * may change: one that does before it is met is left out, for it now stands further up.
 *
 * It goes from event to event, and looks at each order once: at the first event of it that it comes to.
 */
export class ChangedBefore<V extends View> {
  readonly #shown: ShownBefore<V>
  readonly #seen = new Bitset()
  /** The event that was looked at last. */
  #cursor: number

  /** @param before no greater than the eventId that comes next */
  constructor(shown: ShownBefore<V>, before: number) {
    this.#shown = shown
    this.#cursor = before
  }

  /** True where there is nothing more to be met. */
  get isDone(): boolean {
    return this.#cursor <= this.#shown.firstEventId
  }

  /**
   * Goes on: looks at no more than `looksMax` events, and gives the orders that fit, at most
   * `viewsMax`. There can be none, though it is not done.
   *
   * @param mayFit of the order at a place, without a look at its view
   */
  part(
    looksMax: number,
    viewsMax: number,
    fits: (view: V) => boolean,
    mayFit: (place: number) => boolean = () => true,
  ): readonly V[] {
    const found: V[] = []
    for (let looks = 0; looks < looksMax && found.length < viewsMax && !this.isDone; looks++) {
      this.#cursor--
      const place = this.#shown.placeOfEvent(this.#cursor)
      if (this.#seen.has(place)) continue
      this.#seen.add(place)
      if (!mayFit(place)) continue
      const view = this.#shown.viewAt(place)
      if (view.eventId === this.#cursor && fits(view)) found.push(view)
    }
    return found
  }
}
