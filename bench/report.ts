/** Figures for people. */
import Table from 'cli-table3'

type Side = 'left' | 'right'

/** A table with its first columns to the left and its figures to the right, unless it says where. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  sides: number | readonly Side[] = 2,
): string {
  const sideOf = (column: number): Side =>
    typeof sides === 'number' ? (column < sides ? 'left' : 'right') : sides[column]!
  const colAligns = head.map((_, column) => sideOf(column))
  const printed = new Table({
    head: [...head],
    colAligns,
    style: { head: [], border: [], compact: true },
  })
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

/** Three figures that count of microseconds. */
export function microseconds(us: number): string {
  return us.toFixed(us < 10 ? 2 : us < 100 ? 1 : 0)
}

export function ratio(value: number): string {
  return value.toFixed(2)
}
