/**
 * A chart as a graph for ELK to lay out. ELK is told sizes and who leads where; of names it sees none:
 * its ids are numbers.
 */
import type { ElkExtendedEdge, ElkLabel, ElkNode } from 'elkjs/lib/elk-api.js'
import type { Chart, ChartEdge, ChartState } from '../model/model.ts'
import { awayOf, boxOf, type Group, groupedBy, groupsOf, labelPadding } from './groups.ts'
import { edgeLines, initialLines, sizeOf, type TextLine } from './labels.ts'

const dotSize = 10
const historySize = 26
const stateWidthMin = 72

const rootOptions = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.padding': '[top=12,left=12,bottom=12,right=12]',
}
/** Of what is inside of a state. */
const innerOptions = {
  'elk.spacing.nodeNode': '28',
  'elk.spacing.edgeNode': '18',
  'elk.spacing.edgeEdge': '14',
  'elk.spacing.edgeLabel': '4',
  'elk.spacing.labelLabel': '6',
  'elk.spacing.labelNode': '8',
  'elk.spacing.nodeSelfLoop': '16',
  'elk.layered.spacing.nodeNodeBetweenLayers': '30',
  'elk.layered.spacing.edgeNodeBetweenLayers': '14',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '12',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.edgeLabels.sideSelection': 'ALWAYS_UP',
  'elk.layered.cycleBreaking.strategy': 'DEPTH_FIRST',
  'elk.nodeSize.constraints': '[MINIMUM_SIZE]',
}
const labelOptions = { 'elk.edgeLabels.inline': 'true', 'elk.edgeLabels.placement': 'CENTER' }

/** A chart, with what its boxes say, and the ids by which ELK knows its parts. */
export class ChartGraph {
  readonly chart: Chart
  readonly #groups: ReadonlyMap<string, readonly Group[]>
  readonly #inner: ReadonlyMap<string | null, readonly ChartState[]>
  readonly #ids: ReadonlyMap<string, string>

  constructor(chart: Chart) {
    this.chart = chart
    const staying = groupedBy(
      chart.edges.filter((edge) => awayOf(edge).length === 0),
      ({ source }) => source,
    )
    this.#groups = new Map(
      chart.states.map((state) => [state.id, groupsOf(state, staying.get(state.id) ?? [])]),
    )
    this.#inner = groupedBy(chart.states, ({ parent }) => parent)
    this.#ids = new Map(chart.states.map(({ id }, index) => [id, `s${index}`]))
  }

  groupsOf(state: string): readonly Group[] {
    return this.#groups.get(state)!
  }

  /** The states right inside of one; of null, the machine itself. */
  innerOf(state: string | null): readonly ChartState[] {
    return this.#inner.get(state) ?? []
  }

  idOf(state: string): string {
    return this.#ids.get(state)!
  }

  /** The dot from which a compound state begins. */
  dotOf(state: string): string {
    return `dot-${this.idOf(state)}`
  }

  startOf(state: string): string {
    return `start-${this.idOf(state)}`
  }

  branchOf(edge: number, branch: number): string {
    return `e${edge}-${branch}`
  }

  toElk(): ElkNode {
    const { states, edges } = this.chart
    return {
      id: 'chart',
      layoutOptions: { ...rootOptions, ...innerOptions },
      children: this.innerOf(null).map((state) => this.#nodeOf(state)),
      edges: [
        ...states.flatMap((state) => this.#startEdge(state)),
        ...edges.flatMap((edge, index) => this.#branches(edge, index)),
      ],
    }
  }

  #nodeOf(state: ChartState): ElkNode {
    const id = this.idOf(state.id)
    if (state.type === 'history') return { id, width: historySize, height: historySize }
    const { width, height } = boxOf(this.groupsOf(state.id))
    const inner = this.innerOf(state.id)
    if (inner.length === 0) return { id, width: Math.max(width, stateWidthMin), height }
    const dot = { id: this.dotOf(state.id), width: dotSize, height: dotSize }
    return {
      id,
      layoutOptions: {
        ...innerOptions,
        // Of a state that holds others, ELK takes the two sides of the minimum for each other.
        'elk.nodeSize.minimum': `(${height},${width})`,
        'elk.padding': `[top=${height + 14},left=18,bottom=18,right=18]`,
      },
      children: [...(state.initial ? [dot] : []), ...inner.map((one) => this.#nodeOf(one))],
    }
  }

  #startEdge(state: ChartState): readonly ElkExtendedEdge[] {
    if (!state.initial) return []
    return [
      {
        id: this.startOf(state.id),
        sources: [this.dotOf(state.id)],
        targets: [this.idOf(state.initial.target)],
        labels: labelsOf(initialLines(state)),
      },
    ]
  }

  #branches(edge: ChartEdge, index: number): readonly ElkExtendedEdge[] {
    return awayOf(edge).map((target, branch) => ({
      id: this.branchOf(index, branch),
      sources: [this.idOf(edge.source)],
      targets: [this.idOf(target)],
      labels: branch === 0 ? labelsOf(edgeLines(edge)) : [],
    }))
  }
}

function labelsOf(lines: readonly TextLine[]): ElkLabel[] {
  if (lines.length === 0) return []
  const { width, height } = sizeOf(lines)
  return [
    {
      // Without a text, ELK takes it for no label.
      text: '-',
      width: width + 2 * labelPadding.x,
      height: height + 2 * labelPadding.y,
      layoutOptions: labelOptions,
    },
  ]
}
