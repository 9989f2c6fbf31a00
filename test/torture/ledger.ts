/**
 * What the log of a folder says, read beside the server or after it, and held to its promises: it only
 * grows, without gaps; every event is what the command that led to it asks for; none is there twice.
 */
import { Fold } from '../../src/checkpoint/fold.ts'
import { OrderHeads } from '../../src/checkpoint/heads.ts'
import type { OrderView, OrderWireEvent } from '../../src/client/index.ts'
import type { RecordedEvent } from '../../src/domain.ts'
import type { LmdbLog } from '../../src/log/lmdb-log.ts'
import { openLogForReading } from '../../src/log/lmdb-log.ts'
import { orderDomain } from '../../src/order/index.ts'
import { wireEvent } from '../../src/protocol/wire.ts'
import type { Command } from '../soak/commands.ts'
import type { Answered } from './client.ts'

const fold = new Fold(orderDomain.machine)

interface Order {
  readonly snapshot: typeof fold.initial
  readonly createdAt: number
  readonly newest: RecordedEvent
}

export class Ledger {
  /** What was found wrong. */
  readonly wrong: string[] = []
  readonly #folder: string
  /** Every command that any client ever sent. */
  readonly #sent: ReadonlyMap<string, Command>
  readonly #heads = new OrderHeads()
  readonly #orders = new Map<string, Order>()
  readonly #byCommand = new Map<string, RecordedEvent>()
  /** The text of each event, as it was when it was first read. */
  readonly #texts: string[] = []
  readonly #types = new Map<string, number>()
  #epoch: string | undefined

  constructor(folder: string, sent: ReadonlyMap<string, Command>) {
    this.#folder = folder
    this.#sent = sent
  }

  /** eventId of the newest event that was read; the log begins with 1. */
  get head(): number {
    return this.#texts.length
  }

  get orders(): number {
    return this.#orders.size
  }

  /** How many events there are of each type. */
  get types(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#types)
  }

  /** Reads what has come since the last time. */
  async readOn(): Promise<void> {
    await this.#read(async (log) => {
      this.#epoch ??= log.epoch
      if (log.epoch !== this.#epoch) this.wrong.push('the log is another one than before')
      if (log.head < this.head) {
        this.wrong.push(`the log ends with event ${log.head}, and had ${this.head}`)
      }
      for await (const batch of log.read(this.head + 1)) batch.forEach(this.#take)
    })
  }

  /** Reads all of it again: what was read once is there for ever, as it was. */
  async readAgain(): Promise<void> {
    await this.#read(async (log) => {
      let at = 0
      for await (const batch of log.read(1)) {
        for (const event of batch) {
          if (JSON.stringify(event) === this.#texts[at++]) continue
          this.wrong.push(`event ${event.eventId} is not what it was`)
        }
      }
      if (at !== this.head) this.wrong.push(`the log has ${at} events, and had ${this.head}`)
    })
  }

  /** Holds what clients were told to what the log says. */
  check(answers: readonly Answered[]): void {
    for (const { command, receipts, refusals } of answers) {
      const { commandId } = command
      const event = this.#byCommand.get(commandId)
      const name = `${commandId} (${command.method})`
      if (receipts.length === 0 && event) {
        this.wrong.push(`${name} was refused with ${refusals[0]}, and is event ${event.eventId}`)
      }
      for (const { eventId, orderId, version, recordedAt } of receipts) {
        const told = JSON.stringify({ eventId, orderId, version, recordedAt })
        const recorded = event && {
          eventId: event.eventId,
          orderId: event.orderId,
          version: event.version,
          recordedAt: event.recordedAt,
        }
        if (told === JSON.stringify(recorded)) continue
        this.wrong.push(`${name} has the receipt ${told}, and its event is ${event?.eventId}`)
      }
      if (refusals.includes('COMMAND_ID_REUSED')) this.wrong.push(`${name} is not taken for itself`)
    }
  }

  /**
   * Holds the views that a server shows to the fold of the log. Orders that have moved on since the
   * log was read, or since they were shown, are left out, and so are orders that came later.
   *
   * @returns how many were compared
   */
  checkViews(views: ReadonlyMap<string, OrderView>): number {
    let compared = 0
    for (const [orderId, { snapshot, createdAt, newest }] of this.#orders) {
      const shown = views.get(orderId)
      const { eventId, version, recordedAt: updatedAt } = newest
      if (shown && shown.eventId !== eventId) continue
      const standing = { orderId, eventId, version, createdAt, updatedAt }
      const folded = orderDomain.view(snapshot, standing)
      compared++
      if (JSON.stringify(shown) === JSON.stringify(folded)) continue
      this.wrong.push(`the server shows ${orderId} as it is not: ${JSON.stringify(shown)}`)
    }
    return compared
  }

  /** Holds the events that a server tells to those of the log. */
  checkEvents(events: readonly OrderWireEvent[]): void {
    const told = events.map((event) => JSON.stringify(event))
    const logged = this.#texts.map((text) => JSON.stringify(wireEvent(JSON.parse(text))))
    if (told.join('\n') !== logged.join('\n')) {
      this.wrong.push(`the server tells ${told.length} events otherwise than the log has them`)
    }
  }

  /** Whatever is thrown on the way is a finding, too. */
  async #read(use: (log: LmdbLog) => Promise<void>): Promise<void> {
    try {
      const log = openLogForReading(this.#folder)
      await use(log).finally(() => log.close())
    } catch (error) {
      this.wrong.push(`the log cannot be read: ${error}`)
    }
  }

  readonly #take = (event: RecordedEvent): void => {
    const { eventId, orderId, version, commandId, type, data } = event
    if (eventId !== this.head + 1) this.wrong.push(`event ${eventId} comes after ${this.head}`)
    this.#heads.apply(event)
    const order = this.#orders.get(orderId)
    if (version !== (order?.newest.version ?? 0) + 1) {
      this.wrong.push(`event ${eventId} has version ${version} of ${orderId}`)
    }
    const command = this.#sent.get(commandId ?? '')
    if (!command) this.wrong.push(`nobody asked for event ${eventId}, of ${commandId}`)
    const twice = this.#byCommand.get(commandId ?? '')
    if (twice) this.wrong.push(`${commandId} is event ${twice.eventId}, and event ${eventId}`)
    const before = order?.snapshot ?? fold.initial
    if (command) {
      const asked = orderDomain.decide(before, command.method, command.params)
      const recorded = { type, data }
      if (JSON.stringify(asked) !== JSON.stringify(recorded)) {
        this.wrong.push(`event ${eventId} is ${JSON.stringify(recorded)}, for ${commandId}`)
      }
    }
    const snapshot = fold.apply(before, event)
    const createdAt = order?.createdAt ?? event.recordedAt
    this.#orders.set(orderId, { snapshot, createdAt, newest: event })
    this.#byCommand.set(commandId ?? '', event)
    this.#texts.push(JSON.stringify(event))
    this.#types.set(type, (this.#types.get(type) ?? 0) + 1)
  }
}
