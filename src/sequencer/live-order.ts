/** One order in use: its actor, where it stands ahead of the log, and the commands it has honoured. */
import type { AnyMachineSnapshot } from 'xstate'
import type { Head, OrderHeads } from '../checkpoint/heads.ts'
import type { Past } from '../checkpoint/past.ts'
import type { Command, Receipt, RecordedEvent } from '../domain.ts'
import { MachineError } from '../errors.ts'
import { shareNumbers } from '../numbers.ts'
import type { ActorSystem, OrderActor } from './actor-system.ts'
import type { Append } from './append.ts'

interface Honoured {
  readonly commandHash: string | null
  readonly receipt: Receipt
}

export class LiveOrder {
  readonly orderId: string
  /** Where it stands in the log. */
  readonly head: Head
  /** The newest append that holds an event of this order and is not durable yet. */
  append: Append | undefined
  /** Where it is among the live orders; theirs to say. */
  place = 0
  readonly #system: ActorSystem
  readonly #heads: OrderHeads
  readonly #actor: OrderActor
  #version = 0
  #eventId: number | null = null
  #honoured: Map<string, Honoured> | undefined

  /** An order that has heard nothing where there is no past. */
  constructor(system: ActorSystem, heads: OrderHeads, orderId: string, past?: Past) {
    this.orderId = orderId
    this.#system = system
    this.#heads = heads
    this.#actor = system.start(orderId, past?.snapshot)
    this.head = heads.use(orderId, this, past === undefined)
    if (past) for (const event of past.events) this.#advance(event)
  }

  get snapshot(): AnyMachineSnapshot {
    return this.#actor.snapshot
  }

  get version(): number {
    return this.#version
  }

  /** eventId of its newest event, durable or not; null where it has none. */
  get eventId(): number | null {
    return this.#eventId
  }

  /**
   * Tells the actor a fact that is being recorded.
   *
   * @returns the state it led to
   * @throws {MachineError} if the actor did not take it, though `decide` said that it would
   */
  hear(event: RecordedEvent): AnyMachineSnapshot {
    const after = this.#actor.hear(event)
    if (after === undefined || after.status === 'error') {
      const why = after?.error instanceof Error ? `: ${after.error.message}` : ''
      throw new MachineError(
        `The machine of order ${this.orderId} did not take ${event.type}, which was decided${why}.`,
        { cause: after?.error },
      )
    }
    this.#advance(event)
    return after
  }

  /** What was answered to this commandId before; undefined where it is new to the order. */
  honoured(command: Command): Honoured | undefined {
    return command.commandId === null ? undefined : this.#honoured?.get(command.commandId)
  }

  /** The append is durable; newer ones that hold its events may be under way. */
  landed(append: Append): void {
    if (this.append === append) this.append = undefined
  }

  /** Ends the actor. Its order lives on in the log. */
  passivate(): void {
    this.#heads.letGoOf(this.head)
    this.#system.stop(this.#actor)
  }

  #advance(event: RecordedEvent): void {
    this.#version = event.version
    this.#eventId = event.eventId
    if (event.commandId === null) return
    this.#honoured ??= new Map()
    this.#honoured.set(event.commandId, {
      commandHash: event.commandHash,
      receipt: receiptOf(event),
    })
  }
}

/** The first receipt of an event; a repeat of its command gets it with `replayed` true. */
export function receiptOf({
  orderId,
  version,
  eventId,
  recordedAt,
}: Omit<Receipt, 'replayed'>): Receipt {
  return { orderId, version, eventId, recordedAt, replayed: false }
}

shareNumbers((recordedAt) => receiptOf({ orderId: '', version: 0, eventId: 0, recordedAt }))
