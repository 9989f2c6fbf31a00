import type { Static } from 'typebox'
import type { LineChange as LineChangeSchema, Line as LineSchema } from './commands.ts'

export type Line = Static<typeof LineSchema>
export type LineChange = Static<typeof LineChangeSchema>

/**
 * The sum of quantity times unitPrice in minor units; undefined where it, or a part of it, is past
 * the safe integers. A product of two safe integers that is not itself one rounds to 2^53 or more,
 * so that the check sees it.
 */
export function totalOf(lines: readonly Line[]): number | undefined {
  let total = 0
  for (const { quantity, unitPrice } of lines) {
    total += quantity * unitPrice
    if (!Number.isSafeInteger(total)) return undefined
  }
  return total
}

/** The first sku that a change names and that is neither on the order nor priced as a new line. */
export function unknownSku(
  lines: readonly Line[],
  changes: readonly LineChange[],
): string | undefined {
  const known = new Set(lines.map((line) => line.sku))
  return changes.find(
    (change) => !known.has(change.sku) && (change.unitPrice === undefined || change.quantity === 0),
  )?.sku
}

/**
 * The lines after the changes: a line keeps its place and its price unless the change names
 * another, quantity 0 takes it out, and new lines come last. Changes must not name unknown skus.
 */
export function applyChanges(
  lines: readonly Line[],
  changes: readonly LineChange[],
): readonly Line[] {
  const bySku = new Map(lines.map((line) => [line.sku, line]))
  for (const { sku, quantity, unitPrice } of changes) {
    if (quantity === 0) bySku.delete(sku)
    else bySku.set(sku, { sku, quantity, unitPrice: unitPrice ?? bySku.get(sku)?.unitPrice ?? 0 })
  }
  return frozen([...bySku.values()])
}

/**
 * The same lines, which nobody can change from here on: they are the machine's, and a program that is
 * shown them must not be able to change what the machine decides.
 */
export function frozen(lines: readonly Line[]): readonly Line[] {
  for (const line of lines) Object.freeze(line)
  return Object.freeze(lines)
}
