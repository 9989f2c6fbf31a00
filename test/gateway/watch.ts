/** What a client that watches views has been told, put together as a page would. */
import { expect } from 'vitest'
import type { View } from '../../src/index.ts'
import type { RpcClient } from '../support/rpc.ts'

interface Told {
  readonly method: 'views.snapshot' | 'views.next'
  readonly params: {
    readonly subscription: number
    readonly eventId: number
    readonly previous: number
    readonly part: number
    readonly last: boolean
    readonly views: readonly View[]
  }
}

/** All that a subscription has been told, in order. */
export function told(client: RpcClient, subscription = 1): Told[] {
  return (client.messages as Told[]).filter(
    ({ method, params }) => /^views\./.test(method) && params.subscription === subscription,
  )
}

/** The newest view of each order that the client has been told of: the greater eventId wins. */
export function merged(messages: readonly Told[]): Map<string, View> {
  const views = new Map<string, View>()
  for (const view of messages.flatMap(({ params }) => params.views)) {
    const known = views.get(view.orderId)
    if (!known || known.eventId < view.eventId) views.set(view.orderId, view)
  }
  return views
}

/** Checks that nothing is missing between the messages, and that eventIds ascend in each. */
export function expectUnbroken(messages: readonly Told[]): void {
  let last = 0
  for (const { method, params } of messages) {
    if (method === 'views.next') {
      expect(params.previous).toBe(last)
      const eventIds = params.views.map((view) => view.eventId)
      expect(eventIds).toEqual([...eventIds].sort((a, b) => a - b))
      expect(eventIds[0]).toBeGreaterThan(last)
      expect(eventIds.at(-1)).toBe(params.eventId)
    }
    expect(params.eventId).toBeGreaterThanOrEqual(last)
    last = params.eventId
  }
}

/** Waits until the snapshot is whole and the client has been told of the event. */
export async function toldUpTo(
  client: RpcClient,
  eventId: number,
  subscription = 1,
): Promise<Told[]> {
  const isLast = ({ params }: Told) => params.last
  const isThere = ({ params }: Told) => params.eventId >= eventId
  await client.find(() => {
    const messages = told(client, subscription)
    return messages.some(isLast) && messages.some(isThere)
  })
  return told(client, subscription)
}
