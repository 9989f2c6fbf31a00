/**
 * What a command would lead to, on an order as it is or as it was: the event and the view after it,
 * or the refusal. Nothing is recorded, and no actor hears of it.
 */
import type { AnyMachineSnapshot } from 'xstate'
import type { Command, Domain, RecordedEvent, View } from '../domain.ts'
import { PositionAheadError } from '../errors.ts'
import { wireEvent } from '../protocol/wire.ts'
import type { Runtime } from '../runtime.ts'
import { checkStanding } from '../sequencer/checks.ts'
import * as refuse from '../sequencer/refusals.ts'
import { Stepper } from '../statechart/stepper.ts'
import type { OrderView } from '../view/order-view.ts'
import type { Identity } from './auth/identity.ts'
import type { ReadAnswer } from './reads.ts'
import type { Walks } from './walks.ts'

export interface TrialsOptions {
  readonly domain: Domain
  readonly view: OrderView
  readonly walks: Walks
  readonly runtime: Runtime
}

/** What an order had heard by then; nothing, for one that was not placed yet. */
interface Then {
  readonly events: readonly RecordedEvent[]
  readonly snapshot: AnyMachineSnapshot
}

export class Trials {
  readonly #options: TrialsOptions
  readonly #stepper: Stepper
  readonly #nothing: Then

  constructor(options: TrialsOptions) {
    this.#options = options
    this.#stepper = new Stepper(options.domain.machine)
    this.#nothing = { events: [], snapshot: this.#stepper.initial() }
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
    const { domain, runtime } = this.#options
    const newest = then.events.at(-1)
    const honoured = honouredBefore(command, then)
    if (honoured) {
      const isOther = honoured.commandHash !== command.commandHash
      return isOther ? refuse.commandIdReused(command) : this.#shown(honoured, then, newest)
    }
    const refusal = checkStanding(domain, command, newest)
    if (refusal) return refusal
    const decided = domain.decide(then.snapshot, command.method, command.params)
    if ('refused' in decided) return decided
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
    const snapshot = this.#stepper.next(then.snapshot, event)
    if (snapshot) return this.#shown(event, { events: then.events, snapshot }, event)
    throw new Error(`The machine did not take ${event.type}, which was decided.`)
  }

  #shown(event: RecordedEvent, { events, snapshot }: Then, newest = event): ReadAnswer {
    const { orderId, eventId, version, recordedAt: updatedAt } = newest
    const createdAt = events[0]?.recordedAt ?? updatedAt
    const standing = { orderId, eventId, version, createdAt, updatedAt }
    const view: View = this.#options.domain.view(snapshot, standing)
    return { result: { event: wireEvent(event), view } }
  }
}

function honouredBefore({ commandId }: Command, { events }: Then): RecordedEvent | undefined {
  if (commandId === null) return undefined
  return events.find((event) => event.commandId === commandId)
}
