import type { AnyMachineSnapshot } from 'xstate'
import { Freezer } from '../checkpoint/freeze.ts'
import type { Config } from '../config.ts'
import type { Candidate, Command, Domain, Outcome, RecordedEvent } from '../domain.ts'
import type { EventLog } from '../log/event-log.ts'
import { shareNumbers } from '../numbers.ts'
import type { Answer, Append, Waiting } from './append.ts'
import { checkStanding, isForeign } from './checks.ts'
import { type LiveOrder, receiptOf } from './live-order.ts'
import type { LiveOrders } from './live-orders.ts'
import * as refuse from './refusals.ts'

export interface DeciderOptions {
  readonly domain: Domain
  readonly log: EventLog
  readonly config: Config
  readonly live: LiveOrders
  /** The state of an order that has heard nothing. */
  readonly initial: AnyMachineSnapshot
  /** Whose order it is that is shown, or null; undefined where none of that id is. */
  readonly ownerOf: (orderId: string) => string | null | undefined
  /** The append, under way or the one given, that holds an event; undefined where it is durable. */
  readonly holderOf: (eventId: number, deciding: Append) => Append | undefined
  /** Gives the one answer to a command. */
  readonly settle: (waiting: Waiting, answer: Answer) => void
}

/**
 * Decides commands, one after the other: each by the actor of its order, which hears the event at
 * once, ahead of the log, and may refuse the next command for it.
 */
export class Decider {
  readonly #options: DeciderOptions
  readonly #freezer: Freezer
  /** eventId of the newest event decided, durable or not. */
  #ahead: number

  constructor(options: DeciderOptions) {
    this.#options = options
    this.#freezer = new Freezer(options.config.frozenStatesMax)
    this.#ahead = options.log.head
  }

  /** Numbers events from this head on, as what was decided after it was thrown away. */
  returnTo(head: number): void {
    this.#ahead = head
  }

  /**
   * Decides a command whose order is alive, if there is one or the command may place it. Its answer is
   * given at once, or with the append where it rests on an event of that.
   *
   * @param append takes the event, where the command leads to one
   * @throws {MachineError} if the machine does not take what was decided; and what the domain throws
   */
  decide(waiting: Waiting, append: Append, recordedAt: number): void {
    const { domain, live, initial, holderOf } = this.#options
    const { command } = waiting
    const alive = waiting.order ?? live.get(command.orderId)
    // One that was born for this command, or for one that was refused, is no order yet.
    const order = alive?.version === 0 ? undefined : alive
    if (isForeign(command, this.#options, order)) return this.#refuseForeign(waiting, order)
    const honoured = order?.honoured(command)
    if (honoured) {
      if (honoured.commandHash !== command.commandHash) {
        return this.#answer(waiting, refuse.commandIdReused(command), order?.append)
      }
      const { receipt } = honoured
      const holder = holderOf(receipt.eventId, append)
      return this.#answer(waiting, { ...receipt, replayed: true }, holder)
    }
    const refusal = checkStanding(domain, command, order)
    if (refusal) return this.#answer(waiting, refusal, order?.append)
    const decided = domain.decide(order?.snapshot ?? initial, command.method, command.params)
    if ('refused' in decided) return this.#answer(waiting, decided, order?.append)
    const { schema } = domain.events[decided.type]!
    const event = eventOf(command, decided, schema, this.#ahead + 1, order, recordedAt)
    this.#record(event, alive!, append)
    append.answer(waiting, receiptOf(event))
  }

  /** Answers as where there is no such order: at once, whatever the order is about. */
  #refuseForeign(waiting: Waiting, order: LiveOrder | undefined): void {
    const { domain, settle } = this.#options
    const { command } = waiting
    const { creates } = domain.methods[command.method]!
    if (creates) this.#answer(waiting, refuse.forbiddenId(command), order?.append)
    else settle(waiting, refuse.orderNotFound(command))
  }

  #record(event: RecordedEvent, order: LiveOrder, append: Append): void {
    const snapshot = order.hear(event)
    this.#freezer.take(snapshot)
    order.append = append
    append.recorded.push({ event, snapshot })
    append.orders.push(order)
    this.#ahead = event.eventId
  }

  /** Gives the answer now, or together with the append that it rests on. */
  #answer(waiting: Waiting, outcome: Outcome, restsOn: Append | undefined): void {
    if (restsOn) restsOn.answer(waiting, outcome)
    else this.#options.settle(waiting, outcome)
  }
}

function eventOf(
  {
    orderId,
    by,
    commandId,
    commandHash,
  }: Pick<Command, 'orderId' | 'by' | 'commandId' | 'commandHash'>,
  { type, data }: Candidate,
  schema: number,
  eventId: number,
  order: Pick<LiveOrder, 'version' | 'eventId'> | undefined,
  recordedAt: number,
): RecordedEvent {
  return {
    eventId,
    type,
    orderId,
    version: (order?.version ?? 0) + 1,
    previousEventId: order?.eventId ?? null,
    recordedAt,
    by,
    commandId,
    commandHash,
    schema,
    data,
  }
}

shareNumbers((time) => {
  const command = { orderId: '', by: null, commandId: null, commandHash: null }
  return eventOf(command, { type: '', data: {} }, 0, 0, undefined, time)
})
