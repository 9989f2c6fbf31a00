/** Counts one customer's orders, in slices between which others get their turn. */
import type { Config } from '../config.ts'
import { type Runtime, yieldTurn } from '../runtime.ts'
import { activeStates } from '../statechart/state-value.ts'
import type { OrderView } from '../view/order-view.ts'
import type { ReadAnswer } from './reads.ts'

/** What `order.counts` says to a token that is bound to a customer. */
export async function customersCounts(
  view: OrderView,
  customerId: string,
  { looksPerTurnMax }: Config,
  runtime: Runtime,
): Promise<ReadAnswer> {
  const { eventId, size: end } = view
  const byStatus: Record<string, number> = {}
  const byState: Record<string, number> = {}
  let orders = 0
  for (let from = 0; from < end; ) {
    if (from > 0) await yieldTurn(runtime)
    const part = view.part({ customerId }, from, end, looksPerTurnMax)
    for (const { status, state } of part.views) {
      orders++
      byStatus[status] = (byStatus[status] ?? 0) + 1
      for (const path of activeStates(state)) byState[path] = (byState[path] ?? 0) + 1
    }
    from = part.next
  }
  return { result: { eventId, orders, byStatus, byState, edges: {} } }
}
