/**
 * What a command would lead to, on an order as it is or as it was: the event and the view after it,
 * or the refusal. Nothing is recorded, and no actor hears of it.
 */
import type { AnyMachineSnapshot, EventObject } from 'xstate'
import type { Command, Domain, RecordedEvent, View } from '../domain.ts'
import { PositionAheadError } from '../errors.ts'
import { wireEvent } from '../protocol/wire.ts'
import type { Runtime } from '../runtime.ts'
import { checkStanding } from '../sequencer/checks.ts'
import * as refuse from '../sequencer/refusals.ts'
import type { OrderView } from '../view/order-view.ts'
import type { Identity } from './auth/identity.ts'
import type { GuardVerdict, Paths } from './paths.ts'
import type { ReadAnswer } from './reads.ts'
import type { Walks } from './walks.ts'

export interface TrialsOptions {
  readonly domain: Domain
  readonly view: OrderView
  readonly walks: Walks
  readonly paths: Paths
  readonly runtime: Runtime
}

/** What an order had heard by then; nothing, for one that was not placed yet. */
interface Then {
  readonly events: readonly RecordedEvent[]
  readonly snapshot: AnyMachineSnapshot
}

export class Trials {
  readonly #options: TrialsOptions
  readonly #nothing: Then

  constructor(options: TrialsOptions) {
    this.#options = options
    this.#nothing = { events: [], snapshot: options.paths.initial }
  }

  /**
   * @param asked the event just after which the command would come; the newest unless given
   * @throws {PositionAheadError} if there is no such event yet
   */
  async run(command: Command, asked: number | undefined, identity: Identity): Promise<ReadAnswer> {
    const { view, walks, domain } = this.#options
    const { eventId: head } = view
    const eventId = asked ?? head
    if (eventId > head) throw new PositionAheadError(eventId, head)
    const now = view.get(command.orderId)
    if (!now) return this.#decide(command, eventId, this.#nothing)
    if (identity.customerId !== null && view.ownerOf(now) !== identity.customerId) {
      const { creates } = domain.methods[command.method]!
      return creates ? refuse.forbiddenId(command) : refuse.orderNotFound(command)
    }
    return walks.of(now, async () => {
      const past = await view.past(command.orderId, eventId)
      return this.#decide(command, eventId, past ?? this.#nothing)
    })
  }

  #decide(command: Command, eventId: number, then: Then): ReadAnswer {
    const { domain, paths, runtime } = this.#options
    const newest = then.events.at(-1)
    const honoured = honouredBefore(command, then)
    if (honoured) {
      const isOther = honoured.commandHash !== command.commandHash
      return isOther ? refuse.commandIdReused(command) : this.#shown(honoured, then, newest)
    }
    const refusal = checkStanding(domain, command, newest)
    if (refusal) return refusal
    const asking = new Asking(then.snapshot, domain.methods[command.method]!.records)
    const decided = domain.decide(asking.snapshot, command.method, command.params)
    const asked = 'refused' in decided ? asking.event : decided
    const guards = asked ? paths.guards(then.snapshot, asked) : []
    if ('refused' in decided) return { ...decided, details: { ...decided.details, guards } }
    const event: RecordedEvent = {
      eventId: eventId + 1,
      type: decided.type,
      orderId: command.orderId,
      version: (newest?.version ?? 0) + 1,
      previousEventId: newest?.eventId ?? null,
      recordedAt: runtime.now(),
      by: command.by,
      commandId: command.commandId,
      commandHash: command.commandHash,
      schema: domain.events[decided.type]!.schema,
      data: decided.data,
    }
    const next = paths.next(then.snapshot, event)
    if (next) {
      const after = { events: then.events, snapshot: next.snapshot }
      return this.#shown(event, after, event, next.edges, guards)
    }
    throw new Error(`The machine did not take ${event.type}, which was decided.`)
  }

  #shown(
    event: RecordedEvent,
    { events, snapshot }: Then,
    newest = event,
    edges: readonly string[] = [],
    guards: readonly GuardVerdict[] = [],
  ): ReadAnswer {
    const { orderId, eventId, version, recordedAt: updatedAt } = newest
    const createdAt = events[0]?.recordedAt ?? updatedAt
    const standing = { orderId, eventId, version, createdAt, updatedAt }
    const view: View = this.#options.domain.view(snapshot, standing)
    return { result: { event: wireEvent(event), view, edges, guards } }
  }
}

function honouredBefore({ commandId }: Command, { events }: Then): RecordedEvent | undefined {
  if (commandId === null) return undefined
  return events.find((event) => event.commandId === commandId)
}

/** A snapshot that notes which event of a type a domain asks it of: the one that it thinks of. */
class Asking {
  readonly snapshot: AnyMachineSnapshot
  event: EventObject | undefined

  constructor(snapshot: AnyMachineSnapshot, type: string) {
    const can = (event: EventObject): boolean => {
      if (event.type === type) this.event ??= event
      return snapshot.can(event)
    }
    this.snapshot = { ...snapshot, can } as AnyMachineSnapshot
  }
}
