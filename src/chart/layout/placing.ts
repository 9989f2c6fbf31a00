/** From the graph that ELK has laid out back to the chart: where each state, edge and line stands. */
import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js'
import type { ChartEdge, ChartState } from '../model/model.ts'
import type {
  Box,
  LaidOutChart,
  LaidOutEdge,
  LaidOutState,
  PlacedLabel,
  PlacedLine,
  Point,
  Start,
} from './geometry.ts'
import type { ChartGraph } from './graph.ts'
import { awayOf, boxOf, labelPadding, padding, topOf } from './groups.ts'
import {
  cellWidth,
  edgeLines,
  fontSize,
  initialLines,
  lineHeight,
  sizeOf,
  type TextLine,
  widthOf,
} from './labels.ts'

/**
 * The chart with its places.
 *
 * @param laidOut what `graph.toElk()` gave, as ELK gave it back
 */
export function placed(graph: ChartGraph, laidOut: ElkNode): LaidOutChart {
  return new Placing(graph, laidOut).chart()
}

class Placing {
  readonly #graph: ChartGraph
  readonly #laidOut: ElkNode
  readonly #nodes: ReadonlyMap<string, ElkNode>
  readonly #edges: ReadonlyMap<string, ElkExtendedEdge>

  constructor(graph: ChartGraph, laidOut: ElkNode) {
    this.#graph = graph
    this.#laidOut = laidOut
    this.#nodes = new Map(withInner(laidOut).map((node) => [node.id, node]))
    this.#edges = new Map((laidOut.edges ?? []).map((edge) => [edge.id, edge]))
  }

  chart(): LaidOutChart {
    const { machine, states, edges } = this.#graph.chart
    const { width = 0, height = 0 } = this.#laidOut
    return {
      machine,
      width: round(width),
      height: round(height),
      font: { size: fontSize, cellWidth, lineHeight },
      states: states.map((state) => this.#state(state)),
      edges: edges.map((edge, index) => this.#edge(edge, index)),
      starts: states.flatMap((state) => this.#start(state)),
    }
  }

  #boxOf(state: string): Box {
    return boxIn(this.#nodes.get(this.#graph.idOf(state)))
  }

  #state(state: ChartState): LaidOutState {
    const box = this.#boxOf(state.id)
    const groups = this.#graph.groupsOf(state.id)
    const holdsOthers = this.#graph.innerOf(state.id).length > 0
    const isHistory = state.type === 'history'
    const lines = groups.flatMap(({ lines, edge }, index) => {
      if (edge) return []
      const at = holdsOthers || index > 0 ? 'left' : 'middle'
      const top = isHistory ? (box.height - lineHeight) / 2 : topOf(groups, index)
      return place(lines, box, top, at)
    })
    return { ...state, box, headHeight: holdsOthers ? boxOf(groups).height : null, lines }
  }

  #edge(edge: ChartEdge, index: number): LaidOutEdge {
    const branches = awayOf(edge).map((_, branch) =>
      this.#edges.get(this.#graph.branchOf(index, branch)),
    )
    if (branches.length === 0) return { ...edge, label: this.#stayingLabel(edge), paths: [] }
    return { ...edge, label: labelIn(branches[0], edgeLines(edge)), paths: branches.map(pathOf) }
  }

  #stayingLabel(edge: ChartEdge): PlacedLabel {
    const groups = this.#graph.groupsOf(edge.source)
    const index = groups.findIndex((group) => group.edge === edge)
    const source = this.#boxOf(edge.source)
    const { lines } = groups[index]!
    const { width, height } = sizeOf(lines)
    const top = topOf(groups, index)
    const box = {
      x: round(source.x + padding),
      y: round(source.y + top - labelPadding.y),
      width: round(width + 2 * labelPadding.x),
      height: height + 2 * labelPadding.y,
    }
    return { box, lines: place(lines, source, top, 'left') }
  }

  #start(state: ChartState): readonly Start[] {
    if (!state.initial) return []
    const edge = this.#edges.get(this.#graph.startOf(state.id))
    const lines = initialLines(state)
    return [
      {
        state: state.id,
        target: state.initial.target,
        box: boxIn(this.#nodes.get(this.#graph.dotOf(state.id))),
        path: pathOf(edge),
        label: lines.length === 0 ? null : labelIn(edge, lines),
      },
    ]
  }
}

function labelIn(edge: ElkExtendedEdge | undefined, lines: readonly TextLine[]): PlacedLabel {
  const box = boxIn(edge?.labels?.[0])
  return { box, lines: place(lines, box, labelPadding.y, 'middle') }
}

/** @param top how far below the top of the box the first line begins */
function place(
  lines: readonly TextLine[],
  box: Box,
  top: number,
  at: 'left' | 'middle',
): readonly PlacedLine[] {
  return lines.map((line, index) => {
    const width = widthOf(line.text)
    const x = at === 'left' ? padding + labelPadding.x : (box.width - width) / 2
    const y = top + index * lineHeight + fontSize
    return { ...line, x: round(box.x + x), y: round(box.y + y), width: round(width) }
  })
}

function pathOf(edge: ElkExtendedEdge | undefined): readonly Point[] {
  return (edge?.sections ?? []).flatMap(({ startPoint, bendPoints = [], endPoint }) =>
    [startPoint, ...bendPoints, endPoint].map(({ x, y }) => ({ x: round(x), y: round(y) })),
  )
}

function boxIn({ x = 0, y = 0, width = 0, height = 0 }: Partial<Box> = {}): Box {
  return { x: round(x), y: round(y), width: round(width), height: round(height) }
}

function withInner(node: ElkNode): readonly ElkNode[] {
  return [node, ...(node.children ?? []).flatMap(withInner)]
}

const round = (value: number) => Math.round(value * 10) / 10
