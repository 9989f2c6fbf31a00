import type { View } from '../domain.ts'
import type { Place, Recency } from './recency.ts'

/**
 * A walk through the orders that have changed after an event, by their last change, oldest first. It
 * is taken in parts, between which orders may change: each of them is met as it then is, and one that
 * changes again after it was met is met again. At its end it has met all that is shown.
 */
export class ChangedSince<V extends View> {
  readonly #views: readonly V[]
  readonly #recency: Recency
  readonly #after: number
  /** First the oldest change that is found so far, then the next one to be met. */
  #place: Place | undefined
  #isFound = false

  /** @param views by the numbers that `recency` has in order */
  constructor(views: readonly V[], recency: Recency, after: number) {
    this.#views = views
    this.#recency = recency
    this.#after = after
    this.#stop(this.#isAfter(recency.newest) ? recency.newest : undefined)
  }

  /** True where there is nothing more to be met. */
  get isDone(): boolean {
    return this.#place === undefined
  }

  /**
   * Goes on: looks at no more than `looksMax` orders, and gives those that fit, at most `viewsMax`.
   * There can be none, though it is not done.
   */
  part(looksMax: number, viewsMax: number, fits: (view: V) => boolean): readonly V[] {
    const found: V[] = []
    let index = this.#leave()
    let looks = 0
    for (; index !== undefined && !this.#isFound && looks < looksMax; looks++) {
      const older: number | undefined = this.#recency.older(index)
      if (this.#isAfter(older)) index = older
      else this.#isFound = true
    }
    for (; index !== undefined && looks < looksMax && found.length < viewsMax; looks++) {
      const view = this.#views[index] as V
      if (fits(view)) found.push(view)
      index = this.#recency.newer(index)
    }
    this.#stop(index)
    return found
  }

  /** Ends it before it is done. */
  end(): void {
    this.#leave()
  }

  #isAfter(index: number | undefined): boolean {
    return index !== undefined && (this.#views[index] as V).eventId > this.#after
  }

  #stop(index: number | undefined): void {
    if (index === undefined) return
    this.#place = { index }
    this.#recency.hold(this.#place)
  }

  #leave(): number | undefined {
    const place = this.#place
    if (place) this.#recency.release(place)
    this.#place = undefined
    return place?.index
  }
}
