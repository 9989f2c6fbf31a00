/** The states of a chart as places to count at, and to go between with arrows. */
import type { LaidOutChart, LaidOutState } from '../../chart/layout/geometry.ts'

/**
 * How many orders are in each state, those inside of it with them: of regions side by side every order
 * is in all.
 *
 * @param byState of the states that have none inside them
 */
export function countsOf(
  { states }: LaidOutChart,
  byState: Readonly<Record<string, number>>,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  // Parents stand before their children: from the end on, each is counted after those inside of it.
  for (const { id, type } of [...states].reverse()) {
    const inner = states.filter(({ parent }) => parent === id).map((one) => counts.get(one.id) ?? 0)
    const sum = inner.reduce((total, count) => total + count, 0)
    const own = byState[id] ?? 0
    counts.set(id, own + (type === 'parallel' ? Math.max(0, ...inner) : sum))
  }
  return counts
}

/** Where an arrow key leads from a state: the nearest one in its direction; undefined for another key. */
export function stateAfterKey(
  key: string,
  from: string,
  states: readonly LaidOutState[],
): string | undefined {
  if (key === 'Home') return states[0]?.id
  if (key === 'End') return states.at(-1)?.id
  const direction = directions[key]
  const here = states.find(({ id }) => id === from)
  if (!direction || !here) return undefined
  const [right, down] = direction
  const start = placeOf(here)
  let best: { readonly id: string; readonly cost: number } | undefined
  for (const state of states) {
    const place = placeOf(state)
    const [x, y] = [place.x - start.x, place.y - start.y]
    const ahead = x * right + y * down
    if (ahead <= 1) continue
    const cost = ahead + 2 * Math.abs(x * down + y * right)
    if (!best || cost < best.cost) best = { id: state.id, cost }
  }
  return best?.id ?? from
}

const directions: Readonly<Record<string, readonly [right: number, down: number]>> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1],
}

/** The middle of what can be pressed of a state: its head where it holds others. */
function placeOf({ box, headHeight }: LaidOutState) {
  return { x: box.x + box.width / 2, y: box.y + (headHeight ?? box.height) / 2 }
}
