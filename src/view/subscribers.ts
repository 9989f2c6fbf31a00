import type { Change, View } from '../domain.ts'
import { callOut, type Runtime } from '../runtime.ts'
import { handedOut } from './handed-out.ts'

type Watcher<V extends View> = (views: readonly V[]) => void

/** Who in the same program is told of the views that have changed. */
export class Subscribers<V extends View> {
  readonly #runtime: Runtime
  /** Each subscription is an object of its own: the same function may be given twice. */
  readonly #subscriptions = new Set<{ readonly watcher: Watcher<V> }>()

  constructor(runtime: Runtime) {
    this.#runtime = runtime
  }

  get size(): number {
    return this.#subscriptions.size
  }

  /** @returns what ends the subscription, at once */
  add(watcher: Watcher<V>): () => void {
    const subscription = { watcher }
    this.#subscriptions.add(subscription)
    return () => {
      this.#subscriptions.delete(subscription)
    }
  }

  /** Tells each of them once: who subscribes meanwhile hears of the next changes first. */
  tell(changes: readonly Change<V>[]): void {
    for (const subscription of [...this.#subscriptions]) {
      if (!this.#subscriptions.has(subscription)) continue
      const views = changes.map(({ view }) => handedOut(view))
      callOut(this.#runtime, () => subscription.watcher(views))
    }
  }
}
