/** Reads by a client, each held against what is true. */
import { isDeepStrictEqual } from 'node:util'
import type { Client, OrderView } from '../../../src/client/index.ts'
import { notAsExpected, Violation, wire } from '../model/ledger.ts'
import type { World } from '../world.ts'

export class Reading {
  readonly name: string
  readonly client: Client
  readonly #world: World

  constructor(name: string, client: Client, world: World) {
    this.name = name
    this.client = client
    this.#world = world
  }

  /** Reads an order as it is, as it was, and its history. */
  async readOrder(orderId: string): Promise<void> {
    const { ledger, server } = this.#world
    const before = server.shown
    const view = await this.client.get(orderId)
    this.#mayBe(orderId, view, before)
    const history = (await this.client.history(orderId)) ?? []
    const events = (ledger.orders.get(orderId)?.events ?? []).slice(0, history.length)
    if (!isDeepStrictEqual(history, events.map(wire))) {
      throw new Violation(`${this.name} is given another history of ${orderId}`)
    }
    if (view && history.length < view.version) {
      throw new Violation(`${this.name} is given ${history.length} events of ${orderId}`)
    }
    if (!view) return
    const was = await this.client.at(orderId, view.eventId)
    if (!isDeepStrictEqual(was, view)) throw notAsExpected(orderId, was, view)
  }

  /** Reads all events, and all orders, page by page. */
  async readAll(): Promise<void> {
    const { ledger, disk, server } = this.#world
    const before = server.shown
    let from: number | undefined = disk.firstEventId
    while (from !== undefined) {
      const page = await this.client.readEvents({ from })
      const events = page.events.map((_, index) => ledger.event((from ?? 0) + index) ?? {})
      if (!isDeepStrictEqual(page.events, events.map(wire))) {
        throw new Violation(`${this.name} is given other events from ${from} on`)
      }
      from = page.next
    }
    const placed: string[] = []
    for (let after: string | undefined; ; ) {
      const page = await this.client.list(after === undefined ? { limit: 3 } : { limit: 3, after })
      for (const view of page.orders) this.#mayBe(view.orderId, view, before)
      placed.push(...page.orders.map(({ orderId }) => orderId))
      after = page.next
      if (after === undefined) break
    }
    const expected = [...ledger.orders.keys()].slice(0, placed.length)
    if (!isDeepStrictEqual(placed, expected)) {
      throw new Violation(`${this.name} is given ${placed} as all orders, and not ${expected}`)
    }
  }

  /** What was read is what the order was at some moment since it was asked for. */
  #mayBe(orderId: string, view: OrderView | undefined, before: number): void {
    const { ledger } = this.#world
    ledger.follow()
    const expected = view ? ledger.viewAt(orderId, view.eventId) : undefined
    const oldest = ledger.viewAt(orderId, before) as OrderView | undefined
    const isOld = (oldest?.eventId ?? 0) > (view?.eventId ?? 0)
    if (isOld || !isDeepStrictEqual(view, expected)) throw notAsExpected(orderId, view, expected)
  }
}
