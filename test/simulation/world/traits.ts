import type { Config } from '../../../src/index.ts'
import { streamOf } from './clock.ts'

/** What the world of a seed is like. */
export interface Traits {
  readonly shoppers: number
  readonly firstEventId: number
  /** What a frame takes at the most, in ms, where nothing is slow. */
  readonly latencyMsMax: number
  /** Whether a frame may come to the server on a connection that its client has given up for another. */
  readonly latecomers: boolean
  readonly limits: Partial<Config>
}

/** Limits are low as often as not, so that what they are for happens with few orders, too. */
export function traitsOf(seed: number): Traits {
  const chance = streamOf(seed, 'traits')
  const of = (...choices: readonly number[]) => chance.of(choices)
  return {
    shoppers: of(1, 2, 2, 3),
    firstEventId: of(1, 1, 2001),
    latencyMsMax: of(1, 5, 50, 300),
    // With a stream of its own, as it came last.
    latecomers: streamOf(seed, 'latecomers').below(3) > 0,
    limits: {
      batchEventsMax: of(1, 2, 8, 1024),
      groupShareMin: of(1, 2, 64),
      inboxCommandsMax: of(2, 8, 65_536),
      liveActorsMax: of(3, 4, 8, 4096),
      eventsPerTurnMax: of(1, 2, 128),
      wakingOrdersMax: of(1, 8),
      eventsHeldBytes: of(500, 4_000_000),
      readEventsMax: of(1, 3, 1000),
      looksPerTurnMax: of(1, 3, 4096),
      snapshotViewsMax: of(1, 3, 200),
      callsPendingMax: of(2, 4096),
      outboxConflateBytes: of(600, 4000, 1_000_000),
      outboxCloseBytes: of(10_000, 16_000_000),
      changesKeptMax: of(1, 3, 1024),
      ackLagMax: of(1, 4, 10_000),
      callsPerSecondMax: of(20, 50_000),
      heartbeatMs: of(500, 3000, 15_000),
    },
  }
}
