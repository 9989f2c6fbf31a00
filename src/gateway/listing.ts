/** Lists orders by their last change, the newest first, in slices between which others get their turn. */
import type { Config } from '../config.ts'
import type { View } from '../domain.ts'
import { type Runtime, yieldTurn } from '../runtime.ts'
import type { OrderView, Page } from '../view/order-view.ts'

export interface ByChange {
  readonly status?: string | undefined
  /** The path of a state. */
  readonly state?: string | undefined
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
    const found = this.#ofFew(end, filter) ?? (await this.#walk(end, limit + 1, filter))
    const orders = found.slice(0, limit)
    return found.length > limit ? { orders, next: orders.at(-1)!.orderId } : { orders }
  }

  async #walk(end: number, count: number, filter: Partial<ByChange>): Promise<View[]> {
    const { looksPerTurnMax } = this.#config
    const walk = this.#view.changedBefore(end)
    const fits = (view: View) => this.#fits(view, filter)
    const found: View[] = []
    const mayFit = (place: number) => this.#view.mayFit(place, filter)
    while (true) {
      found.push(...walk.part(looksPerTurnMax, count - found.length, fits, mayFit))
      if (walk.isDone || found.length === count) return found
      await yieldTurn(this.#runtime)
    }
  }

  /** All of a customer's, or of a status or state, where they are few; undefined where that is not known. */
  #ofFew(end: number, filter: Partial<ByChange>): View[] | undefined {
    const { status, state, customerId } = filter
    const { looksPerTurnMax } = this.#config
    const isFew =
      customerId !== undefined || this.#view.sizeOf({ status, state }) <= looksPerTurnMax
    if (!isFew) return undefined
    const wanted = { status, state, customerId }
    const { views, next } = this.#view.part(wanted, 0, this.#view.size, looksPerTurnMax)
    if (next < this.#view.size) return undefined
    return views
      .filter((view) => view.eventId < end && this.#fits(view, filter))
      .sort((a, b) => b.eventId - a.eventId)
  }

  #fits(view: View, { status, state, customerId, idPrefix = '' }: Partial<ByChange>): boolean {
    return view.orderId.startsWith(idPrefix) && this.#view.fits(view, { status, state, customerId })
  }
}
