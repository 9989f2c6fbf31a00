/** What a server shows, asked for by a client of its own. */
import { WebSocket } from 'ws'
import {
  type Client,
  connect,
  type OrderView,
  type OrderWireEvent,
} from '../../src/client/index.ts'

export interface Truth {
  readonly head: number
  readonly views: ReadonlyMap<string, OrderView>
  readonly events: readonly OrderWireEvent[]
  readonly byCommand: ReadonlyMap<string, readonly OrderWireEvent[]>
}

/** What the server itself says, read through a client of its own. */
export async function readTruth(url: string): Promise<Truth> {
  const client = connect(url, { socket: (to, protocols) => new WebSocket(to, protocols) as never })
  const views = await readViews(client)
  const events: OrderWireEvent[] = []
  for (let from = 1; ; from = (events.at(-1)?.eventId ?? 0) + 1) {
    const page = await client.readEvents({ from })
    events.push(...page.events)
    if (page.events.length === 0) break
  }
  client.close()
  const head = events.at(-1)?.eventId ?? 0
  return { head, views, events, byCommand: groupByCommand(events) }
}

function groupByCommand(events: readonly OrderWireEvent[]): Map<string, OrderWireEvent[]> {
  const groups = new Map<string, OrderWireEvent[]>()
  for (const event of events) {
    const key = event.commandId ?? ''
    const group = groups.get(key)
    if (group) group.push(event)
    else groups.set(key, [event])
  }
  return groups
}

/** The views of all orders that the server shows, page by page. */
export async function readViews(client: Client): Promise<Map<string, OrderView>> {
  const views = new Map<string, OrderView>()
  for (let after: string | undefined; ; ) {
    const page = await client.list(after === undefined ? { limit: 1000 } : { limit: 1000, after })
    for (const view of page.orders) views.set(view.orderId, view)
    after = page.next
    if (after === undefined) return views
  }
}
