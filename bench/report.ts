/** Figures for people. */
import Table from 'cli-table3'

/** A table with its first columns to the left and its figures to the right. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  wordColumns = 2,
): string {
  const colAligns = head.map((_, column) => (column < wordColumns ? 'left' : 'right'))
  const printed = new Table({ head: [...head], colAligns, style: { head: [], border: [] } })
  for (const row of rows) printed.push([...row])
  return printed.toString()
}

/** Three figures that count: 1,234,567 becomes 1,230,000, and a spread reads the same way. */
export function rate(perSecond: number): string {
  return Number(perSecond.toPrecision(3)).toLocaleString('en-US')
}

export function milliseconds(ms: number): string {
  return ms.toFixed(ms < 10 ? 2 : 1)
}

export function ratio(value: number): string {
  return value.toFixed(2)
}
