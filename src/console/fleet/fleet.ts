/** How many orders are in each state, and which edges have been passed: asked for again and again. */
import { signal } from '@preact/signals'
import { after, isLookedAt, now } from '../platform.ts'
import type { AnyClient } from '../server/session.ts'
import { restAfter } from '../shell/later.ts'
import { errorWords } from '../words.ts'

export interface Counts {
  readonly eventId: number
  readonly orders: number
  readonly byStatus: Readonly<Record<string, number>>
  /** By the path of each state that has none inside it. */
  readonly byState: Readonly<Record<string, number>>
  /** How often each edge was passed since somebody began to ask. */
  readonly edges: Readonly<Record<string, number>>
}

/** Time between two looks; longer where a look takes the server long. */
const lookMs = 250

export class Fleet {
  readonly counts = signal<Counts | undefined>(undefined)
  /** How often each edge was passed between the last two looks; none that was not. */
  readonly passed = signal<ReadonlyMap<string, number>>(new Map())
  readonly error = signal<string | undefined>(undefined)
  readonly #client: AnyClient
  #isClosed = false
  #cancel = () => {}

  constructor(client: AnyClient) {
    this.#client = client
    void this.#look()
  }

  close(): void {
    this.#isClosed = true
    this.#cancel()
  }

  async #look(): Promise<void> {
    const askedAt = now()
    if (isLookedAt()) await this.#ask()
    if (this.#isClosed) return
    this.#cancel = after(restAfter(now() - askedAt, lookMs), () => void this.#look())
  }

  async #ask(): Promise<void> {
    try {
      const counts = (await this.#client.call('order.counts', {})) as Counts
      if (this.#isClosed) return
      const before = this.counts.peek()
      this.error.value = undefined
      this.counts.value = counts
      if (before) this.passed.value = passedSince(counts.edges, before.edges)
    } catch (error) {
      if (!this.#isClosed) this.error.value = errorWords(error)
    }
  }
}

/** A server that was started again counts anew. */
function passedSince(edges: Counts['edges'], before: Counts['edges']): ReadonlyMap<string, number> {
  const passed = new Map<string, number>()
  for (const [edge, count] of Object.entries(edges)) {
    const known = before[edge] ?? 0
    if (count > known) passed.set(edge, count - known)
    else if (count < known) passed.set(edge, count)
  }
  return passed
}
