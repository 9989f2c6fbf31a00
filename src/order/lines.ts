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
  for (let place = 0; place < lines.length; place++) {
    const { quantity, unitPrice } = lines[place]!
    total += quantity * unitPrice
    if (!Number.isSafeInteger(total)) return undefined
  }
  return total
}

/** Where the line of a sku is; -1 where there is none. */
function placeOf(lines: readonly Line[], sku: string): number {
  for (let place = 0; place < lines.length; place++) if (lines[place]!.sku === sku) return place
  return -1
}

/** The first sku that a change names and that is neither on the order nor priced as a new line. */
export function unknownSku(
  lines: readonly Line[],
  changes: readonly LineChange[],
): string | undefined {
  for (const { sku, quantity, unitPrice } of changes) {
    const isNew = unitPrice !== undefined && quantity !== 0
    if (!isNew && placeOf(lines, sku) < 0) return sku
  }
  return undefined
}

/** The last answer of `applyChanges`: each guard of a change asks for the same, and so does its action. */
let last = {
  lines: [] as readonly Line[],
  changes: [] as readonly LineChange[],
  after: [] as readonly Line[],
}

/**
 * The lines after the changes: a line keeps its place and its price unless the change names
 * another, quantity 0 takes it out, and new lines come last. Changes must not name unknown skus.
 */
export function applyChanges(
  lines: readonly Line[],
  changes: readonly LineChange[],
): readonly Line[] {
  if (last.lines === lines && last.changes === changes) return last.after
  const after = [...lines]
  for (const { sku, quantity, unitPrice } of changes) {
    const place = placeOf(after, sku)
    if (quantity === 0) {
      if (place >= 0) after.splice(place, 1)
      continue
    }
    const line = { sku, quantity, unitPrice: unitPrice ?? after[place]?.unitPrice ?? 0 }
    if (place >= 0) after[place] = line
    else after.push(line)
  }
  last = { lines, changes, after }
  return after
}
