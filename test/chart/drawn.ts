/** Looks at where things stand in a chart that is laid out, and says what is wrong with it. */
import type {
  Box,
  LaidOutChart,
  LaidOutState,
  PlacedLine,
  Point,
} from '../../src/chart/layout/geometry.ts'

/** Half of what a number may be rounded by on both sides. */
const slack = 0.2

/** Whatever is drawn over something else, or outside of where it belongs; a line each. */
export function faultsOf(chart: LaidOutChart): readonly string[] {
  return [
    ...overlappingTexts(chart),
    ...labelsOverStates(chart),
    ...outside(chart),
    ...overlappingStates(chart),
    ...looseEnds(chart),
    ...linesOverText(chart),
  ]
}

interface Named {
  readonly name: string
  readonly box: Box
}

/** Every line of text in the chart, with the room that its letters take. */
function textsOf({ states, edges, starts, font }: LaidOutChart): readonly Named[] {
  const all = (name: string, lines: readonly PlacedLine[]) =>
    lines.map(({ text, x, y, width }) => ({
      name: `${name} ${JSON.stringify(text)}`,
      box: { x, y: y - font.size, width, height: font.lineHeight },
    }))
  return [
    ...states.flatMap(({ id, lines }) => all(`state ${id}`, lines)),
    ...edges.flatMap(({ id, label }) => all(`edge ${id}`, label.lines)),
    ...starts.flatMap(({ state, label }) => all(`start ${state}`, label?.lines ?? [])),
  ]
}

const labelsOf = ({ edges, starts }: LaidOutChart): readonly Named[] => [
  ...edges
    .filter(({ paths }) => paths.length > 0)
    .map(({ id, label }) => ({ name: `label of ${id}`, box: label.box })),
  ...starts.flatMap(({ state, label }) =>
    label ? [{ name: `label of the start of ${state}`, box: label.box }] : [],
  ),
]

function overlappingTexts(chart: LaidOutChart): readonly string[] {
  const labels = labelsOf(chart)
  return [...pairs(textsOf(chart)), ...pairs(labels)].flatMap(([one, other]) =>
    overlap(one.box, other.box) ? [`${one.name} and ${other.name} overlap`] : [],
  )
}

/** A label stands on no state that holds nothing, on no name of one that does, and on no dot. */
function labelsOverStates(chart: LaidOutChart): readonly string[] {
  const solid: readonly Named[] = [
    ...chart.states.map((state) => ({ name: `state ${state.id}`, box: solidPart(state) })),
    ...chart.starts.map(({ state, box }) => ({ name: `start of ${state}`, box })),
  ]
  return labelsOf(chart).flatMap((label) =>
    solid.flatMap(({ name, box }) =>
      overlap(label.box, box) ? [`${label.name} is over ${name}`] : [],
    ),
  )
}

const solidPart = ({ box, headHeight }: LaidOutState): Box => ({
  ...box,
  height: headHeight ?? box.height,
})

/** Texts in their boxes, states in the states that hold them, all of it on the page. */
function outside(chart: LaidOutChart): readonly string[] {
  const { states, edges, width, height, font } = chart
  const page = { x: 0, y: 0, width, height }
  const byId = new Map(states.map((state) => [state.id, state]))
  const found: string[] = []
  const hold = (name: string, inner: Box, outer: Box) => {
    if (!isInside(inner, outer)) found.push(`${name} is outside`)
  }
  const holdLines = (name: string, lines: readonly PlacedLine[], outer: Box) => {
    for (const { x, y, width } of lines) {
      hold(`text of ${name}`, { x, y: y - font.size, width, height: font.lineHeight }, outer)
    }
  }
  for (const state of states) {
    const parent = state.parent === null ? undefined : byId.get(state.parent)
    hold(`state ${state.id}`, state.box, parent ? below(parent) : page)
    holdLines(`state ${state.id}`, state.lines, solidPart(state))
  }
  for (const { id, source, label, paths } of edges) {
    const state = byId.get(source)!
    hold(`label of ${id}`, label.box, paths.length > 0 ? page : solidPart(state))
    holdLines(`edge ${id}`, label.lines, label.box)
    for (const point of paths.flat()) hold(`line of ${id}`, { ...point, width: 0, height: 0 }, page)
  }
  return found
}

function below({ box, headHeight }: LaidOutState): Box {
  const head = headHeight ?? 0
  return { ...box, y: box.y + head, height: box.height - head }
}

function overlappingStates({ states, starts }: LaidOutChart): readonly string[] {
  const inner = [
    ...states.map(({ id, parent, box }) => ({ name: `state ${id}`, parent, box })),
    ...starts.map(({ state, box }) => ({ name: `start of ${state}`, parent: state, box })),
  ]
  return pairs(inner).flatMap(([one, other]) =>
    one.parent === other.parent && overlap(one.box, other.box)
      ? [`${one.name} and ${other.name} overlap`]
      : [],
  )
}

/** Each line begins at its source's border, and ends at its target's. */
function looseEnds({ states, edges, starts }: LaidOutChart): readonly string[] {
  const boxes = new Map(states.map(({ id, box }) => [id, box]))
  const found: string[] = []
  const look = (name: string, path: readonly Point[], from: Box, to: Box) => {
    const [first] = path
    const last = path.at(-1)
    if (!first || !last || path.length < 2) found.push(`${name} has no line`)
    else if (!isOnBorder(first, from)) found.push(`${name} does not begin at its source`)
    else if (!isOnBorder(last, to)) found.push(`${name} does not end at its target`)
  }
  for (const { id, source, targets, paths } of edges) {
    const away = targets.filter((target) => target !== source)
    if (paths.length !== away.length) found.push(`${id} has ${paths.length} lines`)
    for (const [index, path] of paths.entries()) {
      look(id, path, boxes.get(source)!, boxes.get(away[index]!)!)
    }
  }
  for (const { state, target, box, path } of starts) {
    look(`start of ${state}`, path, box, boxes.get(target)!)
  }
  return found
}

/** No line passes through a text that is not its own, or through a state that holds nothing. */
function linesOverText(chart: LaidOutChart): readonly string[] {
  const solid = chart.states
    .filter(({ headHeight }) => headHeight === null)
    .map((state) => ({ name: `state ${state.id}`, box: state.box }))
  const labels = chart.edges
    .filter(({ paths }) => paths.length > 0)
    .map(({ id, label }) => ({ id, name: `label of ${id}`, box: label.box }))
  return chart.edges.flatMap(({ id, paths }) =>
    paths.flatMap((path) =>
      piecesOf(path).flatMap((piece) => [
        ...labels.flatMap((label) =>
          label.id !== id && overlap(piece, label.box) ? [`${id} runs through ${label.name}`] : [],
        ),
        ...solid.flatMap(({ name, box }) =>
          overlap(piece, box) ? [`${id} runs through ${name}`] : [],
        ),
      ]),
    ),
  )
}

function piecesOf(path: readonly Point[]): readonly Box[] {
  return path.slice(1).map((to, index) => {
    const from = path[index]!
    return {
      x: Math.min(from.x, to.x),
      y: Math.min(from.y, to.y),
      width: Math.abs(from.x - to.x),
      height: Math.abs(from.y - to.y),
    }
  })
}

function overlap(a: Box, b: Box): boolean {
  return (
    a.x + a.width > b.x + slack &&
    b.x + b.width > a.x + slack &&
    a.y + a.height > b.y + slack &&
    b.y + b.height > a.y + slack
  )
}

function isInside(inner: Box, outer: Box): boolean {
  return (
    inner.x >= outer.x - slack &&
    inner.y >= outer.y - slack &&
    inner.x + inner.width <= outer.x + outer.width + slack &&
    inner.y + inner.height <= outer.y + outer.height + slack
  )
}

function isOnBorder({ x, y }: Point, box: Box): boolean {
  const across = Math.min(Math.abs(x - box.x), Math.abs(x - box.x - box.width))
  const down = Math.min(Math.abs(y - box.y), Math.abs(y - box.y - box.height))
  const at = { x, y, width: 0, height: 0 }
  return isInside(at, box) && Math.min(across, down) <= 1
}

function* pairsOf<T>(all: readonly T[]): Generator<readonly [T, T]> {
  for (const [index, one] of all.entries()) {
    for (const other of all.slice(index + 1)) yield [one, other]
  }
}
const pairs = <T>(all: readonly T[]) => [...pairsOf(all)]
