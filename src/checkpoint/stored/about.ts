import type { StateValue } from 'xstate'
import { checkpointFormat, checksumBytes, keyOf, seal } from './layout.ts'

/** The log and the domain that a checkpoint was made of. Another one's is of no use. */
export interface Origin {
  readonly epoch: string
  readonly firstEventId: number
  readonly domain: string
  /** Of all that views are made by; see `fingerprintOf`. */
  readonly fingerprint: string
}

/** What a checkpoint says of itself. */
export interface About extends Origin {
  readonly format: number
  /** All events up to this one are in it. */
  readonly eventId: number
  /** Of that event, to tell whether the log still has it. */
  readonly newest: Newest
  /** How many orders it has. */
  readonly orders: number
  /** What hashes are made with. */
  readonly salt: string
  /** Of the keys of all other records, by `mixKey`: one that has become another is seen by that. */
  readonly keys: number
  /** There are two to the power of this many records of ids. */
  readonly idBits: number
  /** By their numbers in the keys of their records. */
  readonly statuses: readonly string[]
  /** The paths of states, in the same way. */
  readonly paths: readonly string[]
  /** How many orders are in each state. */
  readonly states: readonly (readonly [StateValue, number])[]
}

export interface Newest {
  readonly orderId: string
  readonly version: number
  readonly recordedAt: number
}

/** What one says that has nothing yet. */
export const aboutNothing = (origin: Origin, salt: string): About => ({
  format: checkpointFormat,
  ...origin,
  eventId: origin.firstEventId - 1,
  newest: { orderId: '', version: 0, recordedAt: 0 },
  orders: 0,
  salt,
  keys: 0,
  idBits: 0,
  ...{ statuses: [], paths: [], states: [] },
})

export const aboutKey = keyOf('about', 0)

export function aboutRecord(about: About): Buffer {
  const text = Buffer.from(JSON.stringify(about))
  const record = Buffer.allocUnsafe(checksumBytes + text.length)
  text.copy(record, checksumBytes)
  return seal(aboutKey, record)
}

export const readAbout = (record: Buffer): About =>
  JSON.parse(record.toString('utf8', checksumBytes))

/** Why a checkpoint cannot be gone on from; undefined where it can. */
export function whyNot(about: About, origin: Origin, head: number): string | undefined {
  if (about.format !== checkpointFormat) return `its format is ${about.format}`
  if (about.epoch !== origin.epoch) return 'it is of another log'
  if (about.firstEventId !== origin.firstEventId) return 'it begins with another event'
  if (about.domain !== origin.domain) return `it is of the domain ${about.domain}`
  if (about.fingerprint !== origin.fingerprint) return 'the life of an order is another one now'
  if (about.eventId > head) return `it is of event ${about.eventId}, which the log does not have`
  return undefined
}
