/** What of a command can be checked without asking the order's machine. */
import type { Command, Domain, Refusal } from '../domain.ts'
import type { LiveOrder } from './live-order.ts'
import * as refuse from './refusals.ts'

/**
 * A command of a customer's own token touches that customer's orders only. Whose order it is is
 * known of one that is shown without waking it.
 */
export function isForeign(
  { customerId, orderId }: Command,
  {
    domain,
    ownerOf,
  }: {
    readonly domain: Domain
    readonly ownerOf: (orderId: string) => string | null | undefined
  },
  live: LiveOrder | undefined,
): boolean {
  if (customerId === null) return false
  let owner = ownerOf(orderId)
  if (owner === undefined) {
    if (!live || live.version === 0) return false
    const standing = { orderId, eventId: 0, version: 0, createdAt: 0, updatedAt: 0 }
    owner = domain.owner(domain.view(live.snapshot, standing))
  }
  return owner !== customerId
}

/** The order must be there, or must not be, and have the version that the command expects. */
export function checkStanding(
  domain: Domain,
  command: Command,
  order: { readonly version: number } | undefined,
): Refusal | undefined {
  const { creates } = domain.methods[command.method]!
  if (creates && order) return refuse.orderExists(command)
  if (!creates && !order) return refuse.orderNotFound(command)
  const version = order?.version ?? 0
  const { expectedVersion } = command
  if (expectedVersion === null || expectedVersion === version) return undefined
  return refuse.versionConflict(command, version)
}
