/** Times counted up to bounds; each bound is greater than the one before. */
export interface Counted {
  readonly bounds: readonly number[]
  readonly counts: readonly number[]
}

/** What was counted since an earlier reading of the same. */
export function since(now: Counted, before: Counted): Counted {
  return {
    bounds: now.bounds,
    counts: now.counts.map((count, place) => count - (before.counts[place] ?? 0)),
  }
}

/** The bound that so many of 1 are within; undefined where nothing was counted. */
export function percentile({ bounds, counts }: Counted, part: number): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) return undefined
  let seen = 0
  for (const [place, count] of counts.entries()) {
    seen += count
    if (seen >= total * part) return bounds[place]
  }
  return bounds.at(-1)
}
