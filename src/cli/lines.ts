/** Orders and events as lines of text, for people. */

import { formatAmount } from '../order/currencies.ts'
import type { OrderView } from '../order/index.ts'
import type { WireEvent } from '../protocol/wire.ts'

/**
 * Lines with columns under each other. A column is as wide as the widest that it has held so far, so
 * that what comes one by one moves as rarely as can be.
 */
export class Columns<T> {
  readonly #cellsOf: (item: T) => readonly string[]
  /** Widths of the columns; what comes after them is as long as it is. */
  readonly #widths: number[]

  /** @param widths the least that each column has */
  constructor(widths: readonly number[], cellsOf: (item: T) => readonly string[]) {
    this.#widths = [...widths]
    this.#cellsOf = cellsOf
  }

  /** Makes the columns as wide as these items need. */
  fit(items: readonly T[]): void {
    for (const item of items) this.#fit(this.#cellsOf(item))
  }

  line(item: T): string {
    const cells = this.#cellsOf(item)
    this.#fit(cells)
    const [number = '', ...words] = cells
    const [numberWidth = 0, ...widths] = this.#widths
    const padded = words.map((cell, column) => cell.padEnd(widths[column] ?? 0))
    return [number.padStart(numberWidth), ...padded].join('  ')
  }

  #fit(cells: readonly string[]): void {
    for (const [column, width] of this.#widths.entries()) {
      this.#widths[column] = Math.max(width, cells[column]?.length ?? 0)
    }
  }
}

const [numberWidth, timeWidth, idWidth, versionWidth] = [6, 24, 12, 4]

/** Orders: `  2003  2026-11-23T14:02:11.120Z  bob-1  v3  paid  6 widget  total 60.00 USD`. */
export function viewColumns(): Columns<OrderView> {
  const statusWidth = 13
  return new Columns([numberWidth, timeWidth, idWidth, versionWidth, statusWidth], (view) => [
    String(view.eventId),
    timeOf(view.updatedAt),
    view.orderId,
    `v${view.version}`,
    view.status,
    view.lines.map(({ sku, quantity }) => `${quantity} ${printable(sku)}`).join(', '),
    `total ${formatAmount(view.total, view.currency)}`,
    ...balanceOf(view),
  ])
}

/** Events: `  2002  2026-11-23T14:02:11.080Z  ModifyOrderEvent  bob-1  v2  {"lines":[…]}`. */
export function eventColumns(): Columns<WireEvent> {
  const typeWidth = 19
  return new Columns([numberWidth, timeWidth, typeWidth, idWidth, versionWidth], (event) => [
    String(event.eventId),
    timeOf(event.recordedAt),
    event.type,
    event.orderId,
    `v${event.version}`,
    printable(JSON.stringify(event.data)),
  ])
}

function balanceOf({ balance, currency }: OrderView): readonly string[] {
  if (balance > 0) return [`owed ${formatAmount(balance, currency)}`]
  if (balance < 0) return [`to give back ${formatAmount(-balance, currency)}`]
  return []
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
