import type { View } from '../../domain.ts'

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

  /** Takes in a change; returns how many older ones gave way to newer ones. */
  add(view: View): number {
    if (!this.#newest && this.#each.length < this.#max) {
      this.#each.push(view)
      return 0
    }
    this.#newest ??= new Map()
    let gaveWay = 0
    for (const change of [...this.#each, view]) {
      if (this.#newest.delete(change.orderId)) gaveWay++
      this.#newest.set(change.orderId, change)
    }
    this.#each = []
    return gaveWay
  }

  /** Takes out the oldest: at most `count`, and none after one with which it is enough. */
  take(count: number, isEnough: (view: View) => boolean = () => false): readonly View[] {
    const views: View[] = []
    for (const view of this.#newest?.values() ?? this.#each) {
      if (views.length === count) break
      views.push(view)
      if (isEnough(view)) break
    }
    if (!this.#newest) this.#each.splice(0, views.length)
    for (const { orderId } of views) this.#newest?.delete(orderId)
    if (this.#newest?.size === 0) this.#newest = undefined
    return views
  }
}
