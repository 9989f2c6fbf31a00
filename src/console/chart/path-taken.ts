/** The edges of the chart that each event of an order took, asked for as events come. */
import { type ReadonlySignal, signal } from '@preact/signals'
import { CallError } from '../../client/index.ts'
import { after, now } from '../platform.ts'
import type { AnyClient } from '../server/session.ts'
import { restAfter } from '../shell/later.ts'

interface Path {
  readonly steps: readonly { readonly eventId: number; readonly edges: readonly string[] }[]
}

export class PathTaken {
  readonly #client: AnyClient
  readonly #orderId: string
  readonly #byEvent = signal<ReadonlyMap<number, readonly string[]>>(new Map())
  readonly #isTooLong = signal(false)
  #isAsking = false
  #wanted = 0
  #known = 0

  constructor(client: AnyClient, orderId: string) {
    this.#client = client
    this.#orderId = orderId
  }

  /** By the eventId; one that is not there is not known yet. */
  get byEvent(): ReadonlySignal<ReadonlyMap<number, readonly string[]>> {
    return this.#byEvent
  }

  /** True where the order has more events than the server walks through. */
  get isTooLong(): ReadonlySignal<boolean> {
    return this.#isTooLong
  }

  /** The order has events up to this one. */
  async upTo(eventId: number): Promise<void> {
    this.#wanted = Math.max(this.#wanted, eventId)
    if (this.#isAsking || this.#isTooLong.peek()) return
    this.#isAsking = true
    try {
      while (this.#known < this.#wanted) {
        const askedAt = now()
        await this.#ask()
        await new Promise<void>((resolve) => after(restAfter(now() - askedAt, 0), resolve))
      }
    } catch (error) {
      // Where there was no answer, the next event asks again.
      this.#isTooLong.value = error instanceof CallError && error.reason === 'TOO_LONG'
    }
    this.#isAsking = false
  }

  async #ask(): Promise<void> {
    const wanted = this.#wanted
    const from = this.#known === 0 ? {} : { from: this.#known + 1 }
    const asked = { orderId: this.#orderId, ...from }
    const { steps } = (await this.#client.call('order.path', asked)) as Path
    const more = steps.map(({ eventId, edges }) => [eventId, edges] as const)
    this.#known = Math.max(wanted, steps.at(-1)?.eventId ?? 0)
    this.#byEvent.value = new Map([...this.#byEvent.peek(), ...more])
  }
}
