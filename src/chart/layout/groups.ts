/** What the box of a state says, group by group, and how large that makes it. */
import type { ChartEdge, ChartState } from '../model/model.ts'
import {
  lineHeight,
  nameLines,
  type Size,
  sizeOf,
  stateLines,
  stayingLines,
  type TextLine,
} from './labels.ts'

/** Lines that belong together; `edge` is the transition that they are of. */
export interface Group {
  readonly lines: readonly TextLine[]
  readonly edge: ChartEdge | undefined
}

/** In pixels: between the border of a box and its groups, between two groups, around a label. */
export const padding = 10
const gap = 12
export const labelPadding = { x: 6, y: 3 }

/** A state's name, what it does by itself, and the transitions that stay in it. */
export function groupsOf(state: ChartState, staying: readonly ChartEdge[]): readonly Group[] {
  if (state.type === 'history') {
    const text = state.history === 'deep' ? 'H*' : 'H'
    return [{ lines: [{ kind: 'name', text }], edge: undefined }]
  }
  const own = stateLines(state)
  return [
    { lines: nameLines(state), edge: undefined },
    ...(own.length === 0 ? [] : [{ lines: own, edge: undefined }]),
    ...staying.map((edge) => ({ lines: stayingLines(edge), edge })),
  ]
}

/** The size of a box with these groups. */
export function boxOf(groups: readonly Group[]): Size {
  const width = Math.max(...groups.map(({ lines }) => sizeOf(lines).width))
  return {
    width: width + 2 * (padding + labelPadding.x),
    height: topOf(groups, groups.length) - gap + padding,
  }
}

/** How far below the top of its box a group begins. */
export function topOf(groups: readonly Group[], index: number): number {
  const above = groups.slice(0, index).map(({ lines }) => lines.length * lineHeight + gap)
  return above.reduce((sum, height) => sum + height, padding)
}

/** Where an edge leads away from its source. */
export function awayOf({ source, targets }: ChartEdge): readonly string[] {
  return targets.filter((target) => target !== source)
}

export function groupedBy<T, Key>(all: readonly T[], keyOf: (one: T) => Key): Map<Key, T[]> {
  const groups = new Map<Key, T[]>()
  for (const one of all) {
    const key = keyOf(one)
    const group = groups.get(key)
    if (group) group.push(one)
    else groups.set(key, [one])
  }
  return groups
}
