/** Lists orders by their last change, the newest first, in slices between which others get their turn. */
import type { Config } from '../config.ts'
import type { View } from '../domain.ts'
import { type Runtime, yieldTurn } from '../runtime.ts'
import type { OrderView, Page } from '../view/order-view.ts'

export interface ByChange {
  readonly status?: string | undefined
  readonly customerId?: string | undefined
  /** What the orderId begins with. */
  readonly idPrefix?: string | undefined
  /** Only orders whose newest event comes before this one. */
  readonly before?: number | undefined
  readonly limit: number
}

export class Listing {
  readonly #view: OrderView
  readonly #config: Config
  readonly #runtime: Runtime

  constructor(view: OrderView, config: Config, runtime: Runtime) {
    this.#view = view
    this.#config = config
    this.#runtime = runtime
  }

  /** A page; `next` is there where there is more, and names its last order. */
  async byChange({ before, limit, ...filter }: ByChange): Promise<Page> {
    const end = Math.min(before ?? Number.POSITIVE_INFINITY, this.#view.eventId + 1)
    // Looks for one more, which tells whether there is another page.
    const found =
      filter.customerId === undefined
        ? await this.#walk(end, limit + 1, filter)
        : await this.#ofCustomer(end, filter)
    const orders = found.slice(0, limit)
    return found.length > limit ? { orders, next: orders.at(-1)!.orderId } : { orders }
  }

  async #walk(end: number, count: number, filter: Partial<ByChange>): Promise<View[]> {
    const { looksPerTurnMax } = this.#config
    const walk = this.#view.changedBefore(end)
    const found: View[] = []
    const { status } = filter
    const mayFit = (place: number) => status === undefined || this.#view.hasStatus(place, status)
    const doesFit = (view: View) => fits(view, filter)
    while (true) {
      found.push(...walk.part(looksPerTurnMax, count - found.length, doesFit, mayFit))
      if (walk.isDone || found.length === count) return found
      await yieldTurn(this.#runtime)
    }
  }

  /** A customer's orders are a small part of all. */
  async #ofCustomer(end: number, filter: Partial<ByChange>): Promise<View[]> {
    const { looksPerTurnMax } = this.#config
    const { customerId } = filter
    const found: View[] = []
    const { size } = this.#view
    for (let from = 0; from < size; ) {
      const part = this.#view.part({ customerId }, from, size, looksPerTurnMax)
      for (const view of part.views) if (view.eventId < end && fits(view, filter)) found.push(view)
      from = part.next
      if (from < size) await yieldTurn(this.#runtime)
    }
    return found.sort((a, b) => b.eventId - a.eventId)
  }
}

function fits(view: View, { status, idPrefix = '' }: Partial<ByChange>): boolean {
  return (status === undefined || view.status === status) && view.orderId.startsWith(idPrefix)
}
