/**
 * Orders kept the ordinary way: one row an order, overwritten by each change, no history. It is what
 * `ordinal compare` tells of, and the baseline of the benchmarks.
 */
import { join } from 'node:path'
import { open, type RootDatabase } from 'lmdb'
import type { OrderCommands, OrderMethod } from '../order/commands.ts'
import { type Runtime, systemRuntime } from '../runtime.ts'
import { OrderForms } from './forms.ts'
import type { Answer, OrderRow } from './row.ts'
import * as row from './row.ts'

/** A row that is being flushed: what the next command on its order is decided on. */
interface Unflushed {
  readonly row: OrderRow
  readonly flushed: Promise<boolean>
}

/** Opens the table of a folder, and makes both where there are none. */
export function openOrderTable(
  folder: string,
  { runtime = systemRuntime }: { readonly runtime?: Runtime } = {},
): OrderTable {
  return new OrderTable(folder, runtime)
}

/**
 * Each command resolves with the new row once that is flushed to the disk, or with a refusal, which
 * has the code that the event-sourced side gives. LMDB commits together what overlaps.
 *
 * Commands reject with an InvalidParamsError where the params do not fit, and with LMDB's error
 * where the row could not be written.
 */
export class OrderTable {
  readonly #db: RootDatabase<OrderRow, string>
  readonly #runtime: Runtime
  readonly #forms = new OrderForms()
  readonly #unflushed = new Map<string, Unflushed>()

  /** `openOrderTable` is what calls it. */
  constructor(folder: string, runtime: Runtime) {
    this.#runtime = runtime
    this.#db = open({
      path: join(folder, 'orders.mdb'),
      // A put then resolves when it is flushed, not merely committed.
      overlappingSync: false,
      // The names of the columns are then kept once, not in each row.
      sharedStructuresKey: Symbol.for('columns'),
    })
  }

  /** The row of an order as it is on the disk; undefined where there is none. */
  get(orderId: string): OrderRow | undefined {
    return this.#db.get(orderId)
  }

  create(params: OrderCommands['order.new']): Promise<Answer> {
    const orderId = params.orderId ?? this.#runtime.id()
    return this.#decide('order.new', orderId, params, (before) =>
      before
        ? row.refusal('ORDER_EXISTS', orderId, 'is there already')
        : row.placed(orderId, params, this.#runtime.now()),
    )
  }

  modify(params: OrderCommands['order.modify']): Promise<Answer> {
    return this.#change('order.modify', params, row.modified)
  }

  pay(params: OrderCommands['order.pay']): Promise<Answer> {
    return this.#change('order.pay', params, row.paid)
  }

  ship(params: OrderCommands['order.ship']): Promise<Answer> {
    return this.#change('order.ship', params, row.shipped)
  }

  deliver(params: OrderCommands['order.deliver']): Promise<Answer> {
    return this.#change('order.deliver', params, row.delivered)
  }

  cancel(params: OrderCommands['order.cancel']): Promise<Answer> {
    return this.#change('order.cancel', params, row.cancelled)
  }

  refund(params: OrderCommands['order.refund']): Promise<Answer> {
    return this.#change('order.refund', params, row.refunded)
  }

  /** Waits for what is being flushed, and closes the table. */
  close(): Promise<void> {
    return this.#db.close()
  }

  #change<Params extends { readonly orderId: string }>(
    method: OrderMethod,
    params: Params,
    rule: (row: OrderRow, params: Params) => Answer,
  ): Promise<Answer> {
    const { orderId } = params
    return this.#decide(method, orderId, params, (before) => {
      if (!before) return row.refusal('ORDER_NOT_FOUND', orderId, 'is not there')
      const answer = rule(before, params)
      return 'refused' in answer ? answer : { ...answer, updatedAt: this.#runtime.now() }
    })
  }

  /** Gives the answer once what it says, or what it rests on, is on the disk. */
  async #decide(
    method: OrderMethod,
    orderId: string,
    params: object,
    rule: (before: OrderRow | undefined) => Answer,
  ): Promise<Answer> {
    this.#forms.check(method, params)
    // The row ahead of its flush, so that commands which overlap do not undo each other.
    const unflushed = this.#unflushed.get(orderId)
    const answer = rule(unflushed?.row ?? this.#db.get(orderId))
    if ('refused' in answer) await unflushed?.flushed
    else await this.#write(answer)
    return answer
  }

  async #write(next: OrderRow): Promise<void> {
    const { orderId } = next
    const unflushed = { row: next, flushed: this.#db.put(orderId, next) }
    this.#unflushed.set(orderId, unflushed)
    try {
      await unflushed.flushed
    } catch (error) {
      // lmdb-js also rejects this promise, which would end the process where nobody handles it.
      const { commitError } = error as { commitError?: Promise<unknown> }
      Promise.resolve(commitError).catch(() => {})
      throw error
    } finally {
      if (this.#unflushed.get(orderId) === unflushed) this.#unflushed.delete(orderId)
    }
  }
}
