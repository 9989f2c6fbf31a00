import type { Engine } from '../../src/engine.ts'
import { collectGarbage } from '../measure.ts'
import { commandsPerOrder, eachPlan, expect, planOrders } from '../workload.ts'
import { checkEngine, type End } from './engine.ts'

/** Orders that are placed, changed, paid, shipped and delivered, so many at a time. */
export class Life {
  readonly engine: Engine
  readonly #inFlight: number
  #placed: number

  constructor(engine: Engine, inFlight: number) {
    this.engine = engine
    this.#inFlight = inFlight
    this.#placed = engine.counts().orders
  }

  /** Goes on until there are at least so many events; orders that were begun are finished. */
  async runTo(events: number): Promise<void> {
    const client = async () => {
      while (this.engine.eventId < events) await this.#finishOne()
    }
    await Promise.all(Array.from({ length: this.#inFlight }, client))
  }

  /** Events a second over so many more. */
  async window(events: number): Promise<number> {
    collectGarbage()
    const first = this.engine.eventId
    const began = performance.now()
    await this.runTo(first + events)
    return ((this.engine.eventId - first) / (performance.now() - began)) * 1000
  }

  /** @throws {WrongResultError} if not all of them are there and finished */
  async check(): Promise<void> {
    expect('the statuses', this.engine.counts().byStatus, { completed: this.#placed })
    const end: End = { events: commandsPerOrder + 2, status: 'completed' }
    await checkEngine(this.engine, eachPlan(this.#placed), end)
  }

  async #finishOne(): Promise<void> {
    const [{ orderId, commands } = { orderId: '', commands: [] }] = planOrders(1, this.#placed++)
    for (const { method, params } of commands) await this.#submit(method, params)
    await this.#submit('order.ship', { orderId })
    await this.#submit('order.deliver', { orderId })
  }

  async #submit(method: string, params: object): Promise<void> {
    const answer = await this.engine.submit(method as 'order.ship', params as never)
    if ('refused' in answer) expect(method, answer.message, 'a receipt')
  }
}
