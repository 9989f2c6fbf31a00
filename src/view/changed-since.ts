import type { View } from '../domain.ts'

/** What a walk goes through: events by their ids, each the newest of its order or not. */
export interface Shown<V extends View> {
  /** eventId of the newest event that is shown. */
  readonly eventId: number
  /** The order that an event is of, as it is now. */
  viewOfEvent(eventId: number): V
}

/**
 * A walk through the orders that have changed after an event, by their last change, oldest first. It
 * is taken in parts, between which orders may change: each of them is met as it then is, and one that
 * changes again after it was met is met again. At its end it has met all that is shown.
 */
export class ChangedSince<V extends View> {
  readonly #shown: Shown<V>
  /** The event that was looked at last. */
  #cursor: number

  constructor(shown: Shown<V>, after: number) {
    this.#shown = shown
    this.#cursor = after
  }

  /** True where there is nothing more to be met. */
  get isDone(): boolean {
    return this.#cursor >= this.#shown.eventId
  }

  /**
   * Goes on: looks at no more than `looksMax` events, and gives the orders that fit, at most
   * `viewsMax`. There can be none, though it is not done.
   */
  part(looksMax: number, viewsMax: number, fits: (view: V) => boolean): readonly V[] {
    const found: V[] = []
    for (let looks = 0; looks < looksMax && found.length < viewsMax && !this.isDone; looks++) {
      this.#cursor++
      const view = this.#shown.viewOfEvent(this.#cursor)
      // An order that has changed since is met where it did.
      if (view.eventId === this.#cursor && fits(view)) found.push(view)
    }
    return found
  }
}
