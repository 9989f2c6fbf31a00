import type { View } from '../domain.ts'

/**
 * The views that a watcher is still to be sent, in ascending eventId: every change while they are
 * few, then the newest of each order, where one that changes again moves to the end.
 */
export class Changes {
  readonly #max: number
  #each: View[] = []
  /** In place of the above, from the change on that was one too many until all have been taken. */
  #newest: Map<string, View> | undefined

  /** @param max changes of which each is kept */
  constructor(max: number) {
    this.#max = max
  }

  get size(): number {
    return this.#newest?.size ?? this.#each.length
  }

  /** True where changes of an order have given way to newer ones. */
  get areConflated(): boolean {
    return this.#newest !== undefined
  }

  add(view: View): void {
    if (!this.#newest && this.#each.length < this.#max) {
      this.#each.push(view)
      return
    }
    this.#newest ??= new Map()
    for (const change of [...this.#each, view]) {
      this.#newest.delete(change.orderId)
      this.#newest.set(change.orderId, change)
    }
    this.#each = []
  }

  /** Takes out the oldest, at most `count`. */
  take(count: number): readonly View[] {
    if (!this.#newest) return this.#each.splice(0, count)
    const views: View[] = []
    for (const [orderId, view] of this.#newest) {
      if (views.length === count) break
      views.push(view)
      this.#newest.delete(orderId)
    }
    if (this.#newest.size === 0) this.#newest = undefined
    return views
  }
}
