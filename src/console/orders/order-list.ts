/**
 * A part of the orders, the one that changed last first, read page by page. While nobody holds it, what
 * changes comes to the top; while somebody does, each row keeps its place, and shows its order as it is.
 */
import { signal } from '@preact/signals'
import { after, now } from '../platform.ts'
import type { AnyClient, AnyView } from '../server/session.ts'
import { restAfter } from '../shell/later.ts'
import { errorWords } from '../words.ts'

export interface ListFilter {
  readonly status: string
  /** The path of a state. */
  readonly state: string
  readonly customerId: string
  readonly idPrefix: string
}

const pageSize = 100
/** Rows that a page can hold without growing slow. */
export const rowsMax = 100_000
/** Time between two looks at what has changed; longer where a look takes the server long. */
const refreshMs = 300

export class OrderList {
  readonly rows = signal<readonly AnyView[]>([])
  /** True once there is nothing below the last row. */
  readonly isWhole = signal(false)
  readonly isLoading = signal(true)
  readonly error = signal<string | undefined>(undefined)
  /** True where orders have changed that a held table does not show at its top. */
  readonly hasNews = signal(false)
  readonly #client: AnyClient
  readonly #query: Readonly<Record<string, unknown>>
  readonly #changed = new Set<string>()
  readonly #stop = new AbortController()
  #look = { first: 0, end: 0, isHeld: false }
  #cancelRefresh: (() => void) | undefined
  #isReading = false
  /** How long the newest look at the top took. */
  #workMs = 0

  constructor(client: AnyClient, { status, state, customerId, idPrefix }: ListFilter) {
    this.#client = client
    this.#query = {
      sort: 'changed',
      limit: pageSize,
      ...(status && { status }),
      ...(state && { state }),
      ...(customerId && { customerId }),
      ...(idPrefix && { idPrefix }),
    }
    this.#watch()
    void this.#readTop()
  }

  close(): void {
    this.#stop.abort()
    this.#cancelRefresh?.()
  }

  /** Says what is in sight, and whether the rows are to keep their places. */
  look(look: { readonly first: number; readonly end: number; readonly isHeld: boolean }): void {
    const wasHeld = this.#look.isHeld
    this.#look = look
    if (wasHeld && !look.isHeld && this.hasNews.value) this.#later()
    if (look.end >= this.rows.value.length - pageSize / 2) void this.#readMore()
  }

  /** To the newest changes, whatever was held. */
  toTop(): void {
    this.#look = { ...this.#look, isHeld: false }
    void this.#readTop()
  }

  #watch(): void {
    const { signal: stop } = this.#stop
    const { idPrefix = '' } = this.#query as { readonly idPrefix?: string }
    const take = ({ orderId }: { readonly orderId: string }) => {
      if (!orderId.startsWith(idPrefix)) return
      this.#changed.add(orderId)
      this.#later()
    }
    const onError = (error: unknown) => {
      if (!stop.aborted) this.error.value = errorWords(error)
    }
    try {
      this.#client.events({ signal: stop, onError }, take).ended.catch(() => {})
    } catch (error) {
      this.error.value = errorWords(error)
    }
  }

  #later(): void {
    this.#cancelRefresh ??= after(restAfter(this.#workMs, refreshMs), () => {
      this.#cancelRefresh = undefined
      void this.#refresh()
    })
  }

  async #refresh(): Promise<void> {
    if (this.#look.isHeld) return this.#refreshInPlace()
    this.#changed.clear()
    await this.#readTop()
  }

  /** Rows out of sight are read again when they come into it, by the next change or page. */
  async #refreshInPlace(): Promise<void> {
    this.hasNews.value = true
    const { first, end } = this.#look
    const inSight = this.rows.value.slice(first, end).map(({ orderId }) => orderId)
    const ids = inSight.filter((orderId) => this.#changed.delete(orderId))
    if (ids.length === 0) return
    const views = await this.#asked(() => Promise.all(ids.map((id) => this.#client.get(id))))
    const newer = new Map(views?.flatMap((view) => (view ? [[view.orderId, view]] : [])))
    this.rows.value = this.rows.value.map((row) => newer.get(row.orderId) ?? row)
  }

  async #readTop(): Promise<void> {
    const askedAt = now()
    const page = await this.#asked(() => this.#client.list(this.#query))
    this.#workMs = now() - askedAt
    this.isLoading.value = false
    if (!page) return
    this.error.value = undefined
    if (this.#look.isHeld && this.rows.value.length > 0) {
      this.hasNews.value = true
      return
    }
    this.hasNews.value = false
    this.rows.value = page.orders
    this.isWhole.value = page.next === undefined
    this.#changed.clear()
    this.#lastRead = page.orders.at(-1)?.eventId
  }

  /** The newest event of the last order as it was when it was read: pages go on before it. */
  #lastRead: number | undefined

  async #readMore(): Promise<void> {
    const before = this.#lastRead
    const isFull = this.rows.value.length >= rowsMax
    if (this.#isReading || this.isWhole.value || isFull || before === undefined) return
    this.#isReading = true
    const page = await this.#asked(() => this.#client.list({ ...this.#query, before }))
    this.#isReading = false
    // A look at the top meanwhile has begun anew.
    if (!page || this.#lastRead !== before) return
    const known = new Set(this.rows.value.map(({ orderId }) => orderId))
    const more = page.orders.filter(({ orderId }) => !known.has(orderId))
    this.rows.value = [...this.rows.value, ...more]
    this.isWhole.value = page.next === undefined
    this.#lastRead = page.orders.at(-1)?.eventId
  }

  async #asked<T>(ask: () => Promise<T>): Promise<T | undefined> {
    try {
      const answer = await ask()
      return this.#stop.signal.aborted ? undefined : answer
    } catch (error) {
      if (!this.#stop.signal.aborted) this.error.value = errorWords(error)
      return undefined
    }
  }
}
