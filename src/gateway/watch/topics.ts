/** Who listens to what: an order, a customer, a status, or all. */
export interface Filter {
  readonly orderId?: string | undefined
  readonly customerId?: string | undefined
  readonly status?: string | undefined
}

/** The one topic under which a filter's subscription is found; it may be wider than the filter. */
export function topicOf({ orderId, customerId, status }: Filter): string {
  if (orderId !== undefined) return `order ${orderId}`
  if (customerId !== undefined) return `customer ${customerId}`
  return status === undefined ? everything : `status ${status}`
}

export const everything = 'all'

export class Topics<Subscription extends { readonly topic: string }> {
  readonly #byTopic = new Map<string, Set<Subscription>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Whether anyone listens to less than everything. */
  get hasNarrower(): boolean {
    return this.#byTopic.size > (this.#byTopic.has(everything) ? 1 : 0)
  }

  add(subscription: Subscription): void {
    const { topic } = subscription
    const listeners = this.#byTopic.get(topic)
    if (listeners) listeners.add(subscription)
    else this.#byTopic.set(topic, new Set([subscription]))
    this.#size++
  }

  delete(subscription: Subscription): void {
    const listeners = this.#byTopic.get(subscription.topic)
    if (!listeners?.delete(subscription)) return
    this.#size--
    if (listeners.size === 0) this.#byTopic.delete(subscription.topic)
  }

  on(topic: string): Iterable<Subscription> {
    return this.#byTopic.get(topic) ?? []
  }

  *[Symbol.iterator](): Generator<Subscription> {
    for (const listeners of this.#byTopic.values()) yield* listeners
  }
}
