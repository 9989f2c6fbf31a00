/** Orders, rows and events in a few words. */
import type { OrderRow } from '../../crud/row.ts'
import { formatAmount } from '../../order/currencies.ts'
import type { OrderEvent, OrderView } from '../../order/index.ts'
import type { Line } from '../../order/lines.ts'

/** The time of day in UTC, to the millisecond: `14:02:11.080`. */
export const clock = (milliseconds: number): string =>
  new Date(milliseconds).toISOString().slice(11, -1)

/** `paid: 6 × widget, 60.00 USD of 60.00 USD paid`. */
export function summary(order: OrderRow | OrderView): string {
  const { status, lines, currency, total, paid } = order
  const [paidText, totalText] = [formatAmount(paid, currency), formatAmount(total, currency)]
  return `${status}: ${lines.map(counted).join(', ')}, ${paidText} of ${totalText} paid`
}

const amountColumns: ReadonlySet<string> = new Set(['total', 'paid', 'refunded'])
const timeColumns: ReadonlySet<string> = new Set(['createdAt', 'updatedAt'])

/** The columns of a row that hold something, each with its value in words. */
export function columnsOf(row: OrderRow): readonly (readonly [string, string])[] {
  const columns: [string, string][] = []
  for (const [name, value] of Object.entries(row)) {
    if (value === null || (Array.isArray(value) && value.length === 0)) continue
    columns.push([name, valueText(name, value, row.currency)])
  }
  return columns
}

function valueText(name: string, value: unknown, currency: string): string {
  if (amountColumns.has(name)) return formatAmount(value as number, currency)
  if (timeColumns.has(name)) return clock(value as number)
  if (name === 'lines')
    return (value as readonly Line[]).map((line) => priced(line, currency)).join(', ')
  return String(value)
}

/** The attributes of an event, which each type has of its own. */
export function attributesOf({ type, data }: OrderEvent, currency: string): readonly string[] {
  switch (type) {
    case 'NewOrderEvent':
      return [
        `customerId ${data.customerId}`,
        ...data.lines.map((line) => priced(line, data.currency)),
      ]
    case 'ModifyOrderEvent':
      return data.lines.map(({ sku, quantity }) => `${sku}: quantity ${quantity}`)
    case 'OrderPaymentEvent':
      return [`${data.paymentId}: ${formatAmount(data.amount, currency)}`]
    default:
      return [JSON.stringify(data)]
  }
}

const counted = ({ sku, quantity }: Line) => `${quantity} × ${sku}`
const priced = (line: Line, currency: string) =>
  `${counted(line)} at ${formatAmount(line.unitPrice, currency)}`
