/** Orders and events as lines of text, for people. */

import { formatAmount } from '../order/currencies.ts'
import type { OrderView } from '../order/index.ts'
import type { WireEvent } from '../protocol/wire.ts'

/** One order in one line: `2003  14:02:11.120  bob-1  v3  paid  6 widget  total 60.00 USD`. */
export function viewLine(view: OrderView): string {
  const lines = view.lines.map(({ sku, quantity }) => `${quantity} ${printable(sku)}`).join(', ')
  const parts = [
    String(view.eventId).padStart(6),
    timeOf(view.updatedAt),
    view.orderId.padEnd(12),
    `v${view.version}`.padEnd(4),
    view.status.padEnd(13),
    lines,
    `total ${formatAmount(view.total, view.currency)}`,
    balanceOf(view),
  ]
  return parts.filter((part) => part !== '').join('  ')
}

/** One event in one line: `2002  14:02:11.080  ModifyOrderEvent  bob-1  v2  {"lines":[…]}`. */
export function eventLine(event: WireEvent): string {
  return [
    String(event.eventId).padStart(6),
    timeOf(event.recordedAt),
    event.type.padEnd(19),
    event.orderId.padEnd(12),
    `v${event.version}`.padEnd(4),
    printable(JSON.stringify(event.data)),
  ].join('  ')
}

function balanceOf({ balance, currency }: OrderView): string {
  if (balance > 0) return `owed ${formatAmount(balance, currency)}`
  if (balance < 0) return `to give back ${formatAmount(-balance, currency)}`
  return ''
}

/** ISO 8601 in UTC, to the millisecond. */
function timeOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}

/** A text without what could drive a terminal: control characters become their escapes. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, (found) => {
    return `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
