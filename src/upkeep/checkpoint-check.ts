import { isDeepStrictEqual } from 'node:util'
import type { AnyMachineSnapshot } from 'xstate'
import type { BitsPart } from '../checkpoint/cut.ts'
import { Fold } from '../checkpoint/fold.ts'
import type { CheckpointFile } from '../checkpoint/stored/checkpoint-file.ts'
import { bitsPerRecord } from '../checkpoint/stored/layout.ts'
import { bitsIn } from '../checkpoint/stored/words.ts'
import type { Domain, Standing, View } from '../domain.ts'
import type { EventLog } from '../log/event-log.ts'
import { type Runtime, yieldTurn } from '../runtime.ts'
import { activeStates } from '../statechart/state-value.ts'
import type { OnProgress } from './progress.ts'

export interface CheckpointCheckOptions {
  readonly file: CheckpointFile
  /** The log that it is of. */
  readonly log: EventLog
  readonly domain: Domain
  readonly runtime: Runtime
  readonly onProgress: OnProgress
}

/** Orders that are looked at in one turn. */
const perTurn = 100

/**
 * Holds a checkpoint against the log: each order's view against the fold of its events, up to the event
 * that the checkpoint is of, and all by which orders are found and counted.
 *
 * @returns the first thing that is not as the log has it; undefined where there is none
 * @throws {CheckpointDamagedError} if it cannot be read
 */
export async function faultOfCheckpoint(
  options: CheckpointCheckOptions,
): Promise<string | undefined> {
  const { file, runtime, domain, onProgress } = options
  const folded = await foldByPlace(options)
  if (typeof folded === 'string') return folded
  const counts = new Tally(options)
  for (let place = 0; place < file.size; place++) {
    const view = file.view(place)
    const fault = faultOfView(domain, view, folded[place]) ?? counts.take(view, place)
    if (fault !== undefined) return `order ${view.orderId} ${fault}`
    if (place % perTurn !== 0) continue
    onProgress({ of: 'orders', done: place, total: file.size })
    await yieldTurn(runtime)
  }
  return counts.fault()
}

/** An order as its events left it, up to the one that the checkpoint is of. */
interface Folded {
  readonly standing: Standing
  readonly snapshot: AnyMachineSnapshot
}

/** All orders, by place; or what is wrong with the places that events have. */
async function foldByPlace({
  file,
  log,
  domain,
  runtime,
}: CheckpointCheckOptions): Promise<Folded[] | string> {
  const fold = new Fold(domain.machine)
  const folded: Folded[] = []
  for await (const batch of log.read(log.firstEventId)) {
    for (const event of batch) {
      const { eventId, orderId, previousEventId, version, recordedAt } = event
      if (eventId > file.eventId) return folded
      const place = file.placeOf(eventId)
      const expected = previousEventId === null ? folded.length : file.placeOf(previousEventId)
      if (place !== expected) return `event ${eventId} of order ${orderId} has place ${place}`
      const before = folded[place]
      const createdAt = before?.standing.createdAt ?? recordedAt
      const standing = { orderId, eventId, version, createdAt, updatedAt: recordedAt }
      folded[place] = { standing, snapshot: fold.apply(before?.snapshot ?? fold.initial, event) }
    }
    await yieldTurn(runtime)
  }
  return folded
}

function faultOfView(domain: Domain, view: View, folded: Folded | undefined): string | undefined {
  if (!folded) return 'is not in the log'
  const { standing, snapshot } = folded
  const { eventId } = standing
  if (view.eventId !== eventId) return `is of event ${view.eventId}, and its newest is ${eventId}`
  const expected = JSON.parse(JSON.stringify(domain.view(snapshot, standing)))
  return isDeepStrictEqual(expected, view) ? undefined : 'is not what its events lead to'
}

/** What orders are found and counted by, as they themselves say. */
class Tally {
  readonly #file: CheckpointFile
  readonly #domain: Domain
  /** How often an order is in a state, by what the orders say. */
  #inStates = 0
  readonly #ofState = new Map<string, number>()
  readonly #statuses: Parts
  readonly #states: Parts

  constructor({ file, domain }: CheckpointCheckOptions) {
    this.#file = file
    this.#domain = domain
    const { statuses, inStates } = file.stocktaking()
    this.#statuses = byPart(statuses)
    this.#states = byPart(inStates)
  }

  take(view: View, place: number): string | undefined {
    if (this.#file.find(view.orderId)?.place !== place) return 'is not found by its id'
    if (!isIn(this.#statuses, view.status, place)) {
      return `is not found by its status, ${view.status}`
    }
    const paths = activeStates(view.state)
    const lost = paths.find((path) => !isIn(this.#states, path, place))
    if (lost !== undefined) return `is not found by its state, ${lost}`
    this.#inStates += paths.length
    const owner = this.#domain.owner(view)
    const [owned] = owner === null ? [place] : this.#file.owned(owner, place)
    if (owned !== place) return `is not found by its customer, ${owner}`
    const state = JSON.stringify(view.state)
    this.#ofState.set(state, (this.#ofState.get(state) ?? 0) + 1)
    return undefined
  }

  /** Of all of them together. */
  fault(): string | undefined {
    const bits = bitsOf(this.#statuses)
    if (bits !== this.#file.size)
      return `${bits} orders are found by a status, of ${this.#file.size}`
    const found = bitsOf(this.#states)
    if (found !== this.#inStates)
      return `${found} times an order is found by a state, and ${this.#inStates} times one is in it`
    const { states } = this.#file.stocktaking()
    for (const [state, said] of states) {
      const found = this.#ofState.get(JSON.stringify(state)) ?? 0
      if (found !== said) return `${said} orders are said to be in a state that ${found} are in`
      this.#ofState.delete(JSON.stringify(state))
    }
    for (const [state, found] of this.#ofState) return `${found} orders in ${state} are not counted`
    return undefined
  }
}

type Parts = ReadonlyMap<string, Uint32Array>

const byPart = (parts: Iterable<BitsPart>): Parts =>
  new Map([...parts].map(({ name, part, words }) => [`${part} ${name}`, words]))

function isIn(parts: Parts, name: string, place: number): boolean {
  const words = parts.get(`${Math.floor(place / bitsPerRecord)} ${name}`)
  const bit = place % bitsPerRecord
  return words !== undefined && (words[bit >>> 5]! & (1 << (bit & 31))) !== 0
}

function bitsOf(parts: Parts): number {
  let bits = 0
  for (const words of parts.values()) for (const word of words) bits += bitsIn(word)
  return bits
}
