/**
 * The story of Bob's order, told by two systems that really run: one that keeps a row and overwrites
 * it, and one that keeps events and derives the order from them.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { type OrderTable, openOrderTable } from '../../crud/order-table.ts'
import type { OrderRow } from '../../crud/row.ts'
import type { RecordedEvent, Refusal } from '../../domain.ts'
import { type Engine, openEngine } from '../../engine.ts'
import { formatAmount } from '../../order/currencies.ts'
import type { OrderView } from '../../order/index.ts'
import { type WireEvent, wireEvent } from '../../protocol/wire.ts'
import { type Runtime, systemRuntime } from '../../runtime.ts'
import { type Question, questionsAbout } from './answers.ts'
import { summary } from './words.ts'

/** What `ordinal compare --json` prints. Amounts in minor units, times in ms since the epoch. */
export interface Story {
  readonly orderId: string
  /** Steps 1 to 8, two at a time, with what is stored after them. */
  readonly chapters: readonly Chapter[]
  /** What each system can say at the end. */
  readonly questions: readonly Question[]
  /** OrderView, thrown away and brought back. */
  readonly rebuilt: Rebuilt
}

export interface Chapter {
  readonly title: string
  readonly ordinary: {
    readonly steps: readonly Step[]
    /** The row, as it is read back from the table. */
    readonly row: OrderRow
    /** The columns of the row that have other values than after the chapter before. */
    readonly overwritten: readonly string[]
  }
  readonly eventSourced: {
    readonly steps: readonly Step[]
    /** All events, as they are read back from the log. */
    readonly events: readonly WireEvent[]
    /** The eventIds of those that are new in this chapter. */
    readonly added: readonly number[]
    /** The views that OrderView has told of so far, one for each event that it applied. */
    readonly applied: readonly OrderView[]
    /** The order, as OrderView has it. */
    readonly view: OrderView
  }
}

export interface Step {
  readonly step: number
  readonly text: string
  /** What it gave, a line each. */
  readonly details: readonly string[]
}

export interface Rebuilt {
  /** How many events were read from the log to bring OrderView back. */
  readonly events: number
  readonly before: OrderView
  readonly after: OrderView
  /** Whether `before` and `after` are the same, field by field. */
  readonly equal: boolean
}

const orderId = 'bob-1'
const by = 'bob'
const firstEventId = 2001
const currency = 'USD'
const unitPrice = 1000
const payment = 6000

interface Systems {
  readonly table: OrderTable
  readonly engine: Engine
  readonly applied: OrderView[]
}

/** Runs both systems in folders of their own, which are removed afterwards. */
export async function tellStory(runtime: Runtime = systemRuntime): Promise<Story> {
  const folder = mkdtempSync(join(tmpdir(), 'ordinal-compare-'))
  try {
    const table = openOrderTable(join(folder, 'ordinary'), { runtime })
    try {
      return await tellIn(table, join(folder, 'event-sourced'), runtime)
    } finally {
      await table.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function tellIn(table: OrderTable, data: string, runtime: Runtime): Promise<Story> {
  const options = { data, firstEventId, runtime }
  let engine = await openEngine(options)
  try {
    const applied: OrderView[] = []
    engine.subscribe((views) => applied.push(...views))
    const systems = { table, engine, applied }
    const bought = await buy(systems)
    const changed = await change(systems, bought)
    const paid = await pay(systems, changed)
    const read = await ask(systems, paid)
    const questions = await questionsAbout(read.ordinary.row, engine)
    await engine.close()
    let events = 0
    engine = await openEngine({
      ...options,
      checkpoint: false,
      onProgress: ({ done }) => (events = done),
    })
    const before = read.eventSourced.view
    const after = present(engine.get(orderId))
    const rebuilt = { events, before, after, equal: isDeepStrictEqual(before, after) }
    return { orderId, chapters: [bought, changed, paid, read], questions, rebuilt }
  } finally {
    await engine.close()
  }
}

async function buy(systems: Systems): Promise<Chapter> {
  const lines = [{ sku: 'widget', quantity: 5, unitPrice }]
  const order = { orderId, customerId: by, currency, lines }
  accepted(await systems.table.create(order))
  const { eventId } = accepted(await systems.engine.submit('order.new', order, { by }))
  const asks = step(1, `Bob orders 5 widgets at ${formatAmount(unitPrice, currency)}.`)
  return chapter(systems, undefined, 'Bob buys', {
    ordinary: [asks, step(2, 'An order is made, and inserted as a row.')],
    eventSourced: [asks, step(2, `A NewOrderEvent is made, numbered ${eventId}, and stored.`)],
  })
}

async function change(systems: Systems, before: Chapter): Promise<Chapter> {
  const modification = { orderId, lines: [{ sku: 'widget', quantity: 6 }] }
  accepted(await systems.table.modify(modification))
  const { eventId } = accepted(await systems.engine.submit('order.modify', modification, { by }))
  const asks = step(3, 'Bob changes the quantity from 5 to 6.')
  return chapter(systems, before, 'Bob changes his mind', {
    ordinary: [asks, step(4, 'The row gets its new state; the old one is gone.')],
    eventSourced: [asks, step(4, `A ModifyOrderEvent, ${eventId}, is added; the first stays.`)],
  })
}

async function pay(systems: Systems, before: Chapter): Promise<Chapter> {
  const paid = { orderId, paymentId: 'payment-1', amount: payment }
  accepted(await systems.table.pay(paid))
  const { eventId } = accepted(await systems.engine.submit('order.pay', paid, { by }))
  const asks = step(5, `Bob pays ${formatAmount(payment, currency)}.`)
  return chapter(systems, before, 'Bob pays', {
    ordinary: [asks, step(6, 'The row is overwritten again, and says paid.')],
    eventSourced: [asks, step(6, `An OrderPaymentEvent, ${eventId}, is added.`)],
  })
}

function ask(systems: Systems, before: Chapter): Promise<Chapter> {
  const { table, engine, applied } = systems
  const heard = applied.map((view) => `${view.eventId} → ${summary(view)}`)
  return chapter(systems, before, 'Bob asks for his order', {
    ordinary: [
      step(7, 'Bob asks for his order.'),
      step(8, 'A query service reads the row:', [summary(present(table.get(orderId)))]),
    ],
    eventSourced: [
      step(7, 'OrderView has listened, and applied the events one by one:', heard),
      step(8, 'Bob asks, and OrderView has it:', [summary(present(engine.get(orderId)))]),
    ],
  })
}

function step(number: number, text: string, details: readonly string[] = []): Step {
  return { step: number, text, details }
}

async function chapter(
  { table, engine, applied }: Systems,
  before: Chapter | undefined,
  title: string,
  steps: { readonly ordinary: readonly Step[]; readonly eventSourced: readonly Step[] },
): Promise<Chapter> {
  const row = present(table.get(orderId))
  const events = await readLog(engine)
  const known = before?.eventSourced.events.length ?? 0
  return {
    title,
    ordinary: {
      steps: steps.ordinary,
      row,
      overwritten: before ? changedColumns(before.ordinary.row, row) : [],
    },
    eventSourced: {
      steps: steps.eventSourced,
      events: events.map(wireEvent),
      added: events.slice(known).map(({ eventId }) => eventId),
      applied: [...applied],
      view: present(engine.get(orderId)),
    },
  }
}

async function readLog(engine: Engine): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = []
  for await (const batch of engine.events()) events.push(...batch)
  return events
}

function changedColumns(before: OrderRow, after: OrderRow): readonly string[] {
  const columns = Object.keys(after) as (keyof OrderRow)[]
  return columns.filter((column) => !isDeepStrictEqual(before[column], after[column]))
}

function accepted<Answer extends object>(answer: Answer | Refusal): Answer {
  if ('refused' in answer) throw new Error(answer.message)
  return answer
}

function present<Order>(order: Order | undefined): Order {
  if (order === undefined) throw new Error(`Order ${orderId} is missing.`)
  return order
}
