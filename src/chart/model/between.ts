/** Which edges an event took, as far as the states before and after it tell. */
import type { Chart, ChartEdge } from './model.ts'

/**
 * The ids of the edges that lead from some active states to others by an event: its own first, then those
 * that followed by themselves. Where several lead to the same, the first that the machine tries.
 *
 * @param before the active states that have none inside them
 * @param after the same, after the event
 */
export function edgesBetween(
  { states, edges }: Chart,
  before: readonly string[],
  event: string,
  after: readonly string[],
): readonly string[] {
  const above = new Map(states.map(({ id, parent }) => [id, parent]))
  const within = (leaves: readonly string[]) => {
    const all = new Set<string>()
    for (const leaf of leaves) {
      for (let at: string | null = leaf; at !== null; at = above.get(at) ?? null) all.add(at)
    }
    return all
  }
  const [then, now] = [within(before), within(after)]
  const always = edges.filter(({ trigger }) => trigger === 'always')
  /** The shortest way by edges that are taken by themselves, from a state to one that is active now. */
  const wayOn = (start: string): readonly ChartEdge[] | undefined => {
    if (now.has(start)) return []
    const ways: (readonly ChartEdge[])[] = [[]]
    const seen = new Set([start])
    for (const way of ways) {
      const at = way.at(-1)?.targets ?? [start]
      for (const edge of always.filter(({ source }) => at.includes(source))) {
        if (edge.targets.some((target) => now.has(target) && !then.has(target))) {
          return [...way, edge]
        }
        if (edge.targets.every((target) => seen.has(target))) continue
        for (const target of edge.targets) seen.add(target)
        ways.push([...way, edge])
      }
    }
    return undefined
  }
  const own = firstOfEach(
    edges.filter(
      ({ trigger, event: type, source, targets }) =>
        trigger === 'event' &&
        isFor(type, event) &&
        then.has(source) &&
        (targets.length === 0
          ? now.has(source)
          : targets.every((target) => wayOn(target) !== undefined)),
    ),
    above,
  )
  const entered = own.flatMap(({ targets }) => targets).flatMap((id) => withInitial(id, states))
  const left = [...then, ...entered].filter((id) => !now.has(id))
  const taken = new Set([...own, ...left.flatMap((id) => wayOn(id) ?? [])])
  return [...taken].map(({ id }) => id)
}

/** A state, and those inside of it that are entered with it. */
function withInitial(id: string, states: Chart['states']): readonly string[] {
  const state = states.find((one) => one.id === id)
  const inner = state?.initial
    ? [state.initial.target]
    : state?.type === 'parallel'
      ? states.filter(({ parent }) => parent === id).map((one) => one.id)
      : []
  return [id, ...inner.flatMap((one) => withInitial(one, states))]
}

/** The machine takes one transition a state, the first that fits, and what is further inside goes before. */
function firstOfEach(
  fitting: readonly ChartEdge[],
  above: ReadonlyMap<string, string | null>,
): readonly ChartEdge[] {
  const bySource = new Map<string, ChartEdge>()
  for (const edge of fitting) if (!bySource.has(edge.source)) bySource.set(edge.source, edge)
  for (const source of [...bySource.keys()]) {
    for (let at = above.get(source); typeof at === 'string'; at = above.get(at)) bySource.delete(at)
  }
  return [...bySource.values()]
}

const isFor = (type: string, event: string) =>
  type === event || type === '*' || (type.endsWith('.*') && event.startsWith(type.slice(0, -1)))
