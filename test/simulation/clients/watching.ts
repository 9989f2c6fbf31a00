/** What a client watches, each change held against what is true. */
import { isDeepStrictEqual } from 'node:util'
import type { Client, OrderView, OrderWireEvent } from '../../../src/client/index.ts'
import type { Chance } from '../../soak/chance.ts'
import { notAsExpected, Violation, wire } from '../model/ledger.ts'
import type { World } from '../world.ts'

export interface Watched {
  readonly orderId?: string
  readonly customerId?: string
  readonly status?: OrderView['status']
}

/** The views that are watched, by the SDK's map or kept by hand from its changes. */
interface Shown {
  readonly filter: Watched
  readonly views: () => Iterable<OrderView>
  readonly close: () => void
}

interface Told {
  readonly orderId?: string
  last: number
}

export class Watching {
  readonly name: string
  readonly client: Client
  readonly #world: World
  readonly #chance: Chance
  readonly #shown: Shown[] = []
  readonly #told: Told[] = []

  constructor(name: string, client: Client, world: World, chance: Chance) {
    this.name = name
    this.client = client
    this.#world = world
    this.#chance = chance
  }

  /** Watches views, by a map or change by change. */
  views(filter: Watched): void {
    if (this.#shown.length >= shownMax) this.#shown.shift()?.close()
    this.#shown.push(this.#chance.below(2) === 0 ? this.#map(filter) : this.#feed(filter))
  }

  /** Watches events after one, each to come once, in order; the listener takes its time. */
  events(after: number, orderId?: string): void {
    const told: Told = { ...(orderId !== undefined && { orderId }), last: after }
    const from = { epoch: this.#world.disk.epoch, eventId: after }
    const slowMs = this.#chance.below(3) === 0 ? 20 * this.#chance.next() : 0
    this.#told.push(told)
    const listener = (event: OrderWireEvent) => {
      this.#world.attempt(() => this.#takeEvent(told, event))
      if (slowMs === 0) return undefined
      return new Promise<void>((done) => this.#world.clock.after(slowMs, done))
    }
    const onError = (error: unknown) =>
      this.#world.wrong(`${this.name} can watch events no more: ${String(error)}`)
    this.client.events({ from, ...(orderId !== undefined && { orderId }), onError }, listener)
  }

  /** What is still missing before it is as the server is; undefined where nothing is. */
  lacks(): string | undefined {
    const { disk, ledger } = this.#world
    for (const { last, orderId } of this.#told) {
      if (this.#nextEvent(last, orderId)) return `${this.name} has events up to ${last} only`
    }
    const truth = [...ledger.viewsAt(disk.head).values()] as OrderView[]
    for (const { views, filter } of this.#shown) {
      const expected = truth.filter((view) => fits(view, filter))
      if (!isDeepStrictEqual(byId(views()), byId(expected))) {
        return `${this.name} does not show what the server has for ${JSON.stringify(filter)}`
      }
    }
    return undefined
  }

  #map(filter: Watched): Shown {
    const map = this.client.map(filter)
    const seen = new Map<string, number>()
    map.onChange(({ orderIds, ended }) => {
      if (ended && ended.reason !== 'CLOSED') {
        this.#world.wrong(`${this.name} has lost a map: ${String(ended)}`)
      }
      this.#world.attempt(() => {
        for (const orderId of orderIds) this.#takeView(filter, seen, map.get(orderId))
      })
    })
    return { filter, views: () => map, close: () => map.close() }
  }

  #feed(filter: Watched): Shown {
    const views = new Map<string, OrderView>()
    const seen = new Map<string, number>()
    const onError = (error: unknown) =>
      this.#world.wrong(`${this.name} can watch views no more: ${String(error)}`)
    const watching = this.client.views({ ...filter, onError }, (change) => {
      if (change.type === 'gone') return void views.delete(change.orderId)
      if (change.type === 'snapshot') views.clear()
      const changed = change.type === 'snapshot' ? change.views : [change.view]
      for (const view of changed) {
        views.set(view.orderId, view)
        this.#world.attempt(() => this.#takeView(filter, seen, view))
      }
    })
    return { filter, views: () => views.values(), close: () => watching.cancel() }
  }

  /** A view that is shown was the order's at that event, and no older one comes after it. */
  #takeView(filter: Watched, seen: Map<string, number>, view: OrderView | undefined): void {
    if (!view) return
    const { ledger, server } = this.#world
    const { orderId, eventId } = view
    ledger.follow()
    const expected = ledger.viewAt(orderId, eventId)
    if (!isDeepStrictEqual(view, expected)) throw notAsExpected(orderId, view, expected)
    if (eventId > server.shown) {
      throw new Violation(`${this.name} shows event ${eventId} before the server does`)
    }
    if (!fits(view, filter)) throw new Violation(`${orderId} does not fit what is watched`)
    if (eventId < (seen.get(orderId) ?? 0)) {
      throw new Violation(`${this.name} shows ${orderId} at event ${eventId}, which is older`)
    }
    seen.set(orderId, eventId)
  }

  #takeEvent(told: Told, event: OrderWireEvent): void {
    this.#world.ledger.follow()
    const expected = this.#nextEvent(told.last, told.orderId)
    if (!expected || !isDeepStrictEqual(event, wire(expected))) {
      throw new Violation(
        `${this.name} is told event ${event.eventId} after ${told.last}, in place of ` +
          `${expected?.eventId ?? 'none'}`,
      )
    }
    told.last = event.eventId
  }

  #nextEvent(after: number, orderId: string | undefined) {
    const { ledger } = this.#world
    for (let next = after + 1; next <= ledger.head; next++) {
      const event = ledger.event(next)
      if (event && (orderId === undefined || event.orderId === orderId)) return event
    }
    return undefined
  }
}

const shownMax = 4

const byId = (views: Iterable<OrderView>) => new Map([...views].map((one) => [one.orderId, one]))

function fits(view: OrderView, { orderId, customerId, status }: Watched): boolean {
  if (orderId !== undefined && view.orderId !== orderId) return false
  if (status !== undefined && view.status !== status) return false
  return customerId === undefined || view.customerId === customerId
}
