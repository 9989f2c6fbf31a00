/** What is to be seen on a chart of one order: where it is, and the way that it took. */
import type { LaidOutChart } from '../../chart/layout/geometry.ts'
import type { StateValue } from '../words.ts'
import { statePaths } from '../words.ts'

export interface Marks {
  /** Ids of states that are active, those around them with them. */
  readonly active: ReadonlySet<string>
  /** Ids of states that it has been in. */
  readonly visited: ReadonlySet<string>
  /** By the id of an edge, at which of its events the order took it: from 1 on, ascending. */
  readonly taken: ReadonlyMap<string, readonly number[]>
  /** Ids of the edges that the newest of these events took. */
  readonly latest: ReadonlySet<string>
}

/** @param steps the edges that each event of the order took, the first event first */
export function marksOf(
  { states, edges }: LaidOutChart,
  state: StateValue,
  steps: readonly (readonly string[])[],
): Marks {
  const above = new Map(states.map(({ id, parent }) => [id, parent]))
  const active = new Set(statePaths(state).flatMap((path) => withAbove(path, above)))
  const taken = new Map<string, number[]>()
  for (const [index, step] of steps.entries()) {
    for (const edge of step) {
      const times = taken.get(edge)
      if (times) times.push(index + 1)
      else taken.set(edge, [index + 1])
    }
  }
  const visited = new Set(active)
  for (const { id, source, targets } of edges) {
    if (!taken.has(id)) continue
    for (const end of [source, ...targets]) {
      for (const each of withAbove(end, above)) visited.add(each)
    }
  }
  return { active, visited, taken, latest: new Set(steps.at(-1)) }
}

/** A state, and those that it is in, up to the machine. */
export function withAbove(
  id: string,
  above: ReadonlyMap<string, string | null>,
): readonly string[] {
  const found: string[] = []
  for (let at: string | null = id; at !== null; at = above.get(at) ?? null) found.push(at)
  return found
}

/** Numbers in a few letters: `3`, `2, 4`, `…7, 9`. */
export function timesText(times: readonly number[]): string {
  return times.length > 2 ? `…${times.slice(-2).join(', ')}` : times.join(', ')
}
