/** What each of the two systems can say of an order: the one from its row, the other from its log. */
import type { OrderRow } from '../../crud/row.ts'
import type { RecordedEvent } from '../../domain.ts'
import type { Engine } from '../../engine.ts'
import { formatAmount } from '../../order/currencies.ts'
import type { OrderEvent, OrderView } from '../../order/index.ts'
import { clock, summary } from './words.ts'

export interface Question {
  readonly question: string
  readonly ordinary: Answer
  readonly eventSourced: Answer & {
    /** The eventIds on which the answer rests. */
    readonly eventIds: readonly number[]
  }
}

export interface Answer {
  /** How much of the question it answers. */
  readonly answered: 'yes' | 'partly' | 'no'
  readonly text: string
}

type Recorded<Type extends OrderEvent['type']> = RecordedEvent & Extract<OrderEvent, { type: Type }>

export async function questionsAbout(row: OrderRow, engine: Engine): Promise<readonly Question[]> {
  const events = await historyOf(engine, row.orderId)
  const modified = first(events, 'ModifyOrderEvent')
  const paid = first(events, 'OrderPaymentEvent')
  return [
    now(row, engine, events),
    await quantityChange(row, engine, modified),
    await beforeThePayment(row, engine, events, paid),
    payment(row, paid),
  ]
}

function now(row: OrderRow, engine: Engine, events: readonly RecordedEvent[]): Question {
  const view = engine.get(row.orderId) as OrderView
  return {
    question: 'What is the order now?',
    ordinary: { answered: 'yes', text: summary(row) },
    eventSourced: { answered: 'yes', text: summary(view), eventIds: idsUpTo(view, events) },
  }
}

async function quantityChange(
  row: OrderRow,
  engine: Engine,
  modified: Recorded<'ModifyOrderEvent'>,
): Promise<Question> {
  const { eventId, recordedAt, previousEventId, data } = modified
  const before = await viewAt(engine, row.orderId, previousEventId)
  const changes = data.lines.map(({ sku, quantity }) => {
    const old = before.lines.find((line) => line.sku === sku)?.quantity ?? 0
    return `${sku} from ${old} to ${quantity}`
  })
  const quantities = row.lines.map(({ quantity }) => quantity).join(', ')
  return {
    question: 'When did the quantity change, and from what?',
    ordinary: {
      answered: 'no',
      text: `It cannot say. The row says ${quantities}; not what it was before, nor when it changed.`,
    },
    eventSourced: {
      answered: 'yes',
      text: `At ${clock(recordedAt)}: ${changes.join(', ')}.`,
      eventIds: [eventId],
    },
  }
}

async function beforeThePayment(
  row: OrderRow,
  engine: Engine,
  events: readonly RecordedEvent[],
  { previousEventId }: Recorded<'OrderPaymentEvent'>,
): Promise<Question> {
  const before = await viewAt(engine, row.orderId, previousEventId)
  return {
    question: 'What was the order before the payment?',
    ordinary: { answered: 'no', text: 'It cannot say. That row has been overwritten.' },
    eventSourced: { answered: 'yes', text: summary(before), eventIds: idsUpTo(before, events) },
  }
}

function payment(row: OrderRow, paid: Recorded<'OrderPaymentEvent'>): Question {
  const { paymentId, amount } = paid.data
  return {
    question: 'What did Bob pay, and when?',
    ordinary: {
      answered: 'partly',
      text:
        `${formatAmount(row.paid, row.currency)} in all. It cannot say when: updatedAt is the ` +
        'time of the last change, whatever that was.',
    },
    eventSourced: {
      answered: 'yes',
      text: `${formatAmount(amount, row.currency)} at ${clock(paid.recordedAt)}, by ${paid.by}, as ${paymentId}.`,
      eventIds: [paid.eventId],
    },
  }
}

async function historyOf(engine: Engine, orderId: string): Promise<readonly RecordedEvent[]> {
  const events = await engine.history(orderId)
  if (!events) throw new Error(`Order ${orderId} has no history.`)
  return events
}

/** The events of an order that made it what the view shows. */
function idsUpTo(view: OrderView, events: readonly RecordedEvent[]): readonly number[] {
  return events.map(({ eventId }) => eventId).filter((eventId) => eventId <= view.eventId)
}

function first<Type extends OrderEvent['type']>(
  events: readonly RecordedEvent[],
  type: Type,
): Recorded<Type> {
  const found = events.find((event) => event.type === type)
  if (!found) throw new Error(`The order's history has no ${type}.`)
  return found as Recorded<Type>
}

async function viewAt(engine: Engine, orderId: string, eventId: number | null): Promise<OrderView> {
  const view = eventId === null ? undefined : await engine.at(orderId, eventId)
  if (!view) throw new Error(`Order ${orderId} was not there after event ${eventId}.`)
  return view
}
