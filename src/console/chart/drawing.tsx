/**
 * A chart as SVG. What never changes of it is made once for each chart; classes say what is marked, and
 * colours are the page's.
 */
import type { ComponentChildren, VNode } from 'preact'
import { arrowData, pathData } from '../../chart/forms/lines.ts'
import type {
  Box,
  LaidOutChart,
  LaidOutEdge,
  LaidOutState,
  PlacedLabel,
  PlacedLine,
  Point,
} from '../../chart/layout/geometry.ts'

export interface DrawingProps {
  readonly chart: LaidOutChart
  /** Its width on the screen, in pixels. */
  readonly width: number
  readonly label: string
  /** True where there is something to press inside. */
  readonly isInteractive?: boolean
  readonly stateClass?: (state: LaidOutState) => string
  readonly edgeClass?: (edge: LaidOutEdge) => string
  /** What stands on an edge's label. */
  readonly onEdge?: (edge: LaidOutEdge) => ComponentChildren
  /** Above all else: over states. */
  readonly children?: ComponentChildren
}

export function Drawing(props: DrawingProps) {
  const { chart, width, label, isInteractive, stateClass, edgeClass, onEdge, children } = props
  const parts = partsOf(chart)
  return (
    <svg
      class="drawing"
      viewBox={`0 0 ${chart.width} ${chart.height}`}
      width={width}
      height={(width * chart.height) / chart.width}
      role={isInteractive ? 'group' : 'img'}
      aria-label={label}
    >
      {chart.states.map((state, index) => (
        <g
          key={state.id}
          data-state={state.id}
          class={`state ${parts.kinds[index]} ${stateClass?.(state) ?? ''}`}
        >
          {parts.boxes[index]}
        </g>
      ))}
      {parts.starts}
      {chart.edges.map((edge, index) => (
        <g
          key={edge.id}
          data-edge={edge.id}
          class={`edge ${edge.trigger} ${edgeClass?.(edge) ?? ''}`}
        >
          {parts.lines[index]}
        </g>
      ))}
      {parts.texts}
      {chart.edges.map((edge, index) => (
        <g
          key={edge.id}
          data-label={edge.id}
          class={`label ${edge.paths.length === 0 ? 'staying' : ''} ${edgeClass?.(edge) ?? ''}`}
        >
          {parts.labels[index]}
          {onEdge?.(edge)}
        </g>
      ))}
      {children}
    </svg>
  )
}

interface Parts {
  readonly kinds: readonly string[]
  readonly boxes: readonly VNode[]
  readonly starts: VNode
  readonly lines: readonly VNode[]
  readonly texts: VNode
  readonly labels: readonly VNode[]
}

const known = new WeakMap<LaidOutChart, Parts>()

function partsOf(chart: LaidOutChart): Parts {
  const before = known.get(chart)
  if (before) return before
  const { states, edges, starts } = chart
  const types = new Map<string | null, string>(states.map(({ id, type }) => [id, type]))
  const parts: Parts = {
    kinds: states.map(({ type, parent }) => {
      const machine = parent === null ? ' machine' : ''
      return `${type}${machine}${types.get(parent) === 'parallel' ? ' region' : ''}`
    }),
    boxes: states.map(boxOf),
    starts: (
      <g class="starts">
        {starts.map(({ state, box, path, label }) => (
          <g key={state}>
            <circle cx={box.x + box.width / 2} cy={box.y + box.width / 2} r={box.width / 2} />
            <Line points={path} />
            {label && <Label label={label} />}
          </g>
        ))}
      </g>
    ),
    lines: edges.map(({ id, paths }) => (
      <g key={id}>
        {paths.map((points, index) => (
          <Line key={index} points={points} />
        ))}
      </g>
    )),
    texts: (
      <g>
        {states.map(({ id, description, lines, headHeight }) => (
          <g key={id} class="text">
            {description !== null && <title>{description}</title>}
            {headHeight !== null && <Rect box={around(lines, chart.font.size)} radius={3} />}
            <Lines lines={lines} />
          </g>
        ))}
      </g>
    ),
    labels: edges.map(({ id, label }) => <Label key={id} label={label} />),
  }
  known.set(chart, parts)
  return parts
}

function boxOf(state: LaidOutState): VNode {
  const { box, headHeight, type, history } = state
  const { x, y, width, height } = box
  return (
    <g key="box">
      <Rect box={box} radius={history ? height / 2 : 8} />
      {type === 'final' && (
        <Rect box={{ x: x + 3, y: y + 3, width: width - 6, height: height - 6 }} radius={5} />
      )}
      {headHeight !== null && <path d={`M${x} ${y + headHeight}H${x + width}`} />}
    </g>
  )
}

/** Lines that come from above into a state that holds others run behind its name. */
function around(lines: readonly PlacedLine[], size: number): Box {
  const x = Math.min(...lines.map((line) => line.x)) - 3
  const y = Math.min(...lines.map((line) => line.y)) - size
  const right = Math.max(...lines.map((line) => line.x + line.width)) + 3
  return { x, y, width: right - x, height: Math.max(...lines.map((line) => line.y)) + 4 - y }
}

function Rect({ box, radius }: { readonly box: Box; readonly radius: number }) {
  const { x, y, width, height } = box
  return <rect x={x} y={y} width={width} height={height} rx={radius} />
}

function Line({ points }: { readonly points: readonly Point[] }) {
  const tip = points.at(-1)
  const before = points.at(-2)
  if (!tip || !before) return null
  return (
    <>
      <path class="line" d={pathData(points)} />
      <path class="arrow" d={arrowData(before, tip)} />
    </>
  )
}

function Label({ label }: { readonly label: PlacedLabel }) {
  return (
    <>
      <Rect box={label.box} radius={5} />
      <Lines lines={label.lines} />
    </>
  )
}

function Lines({ lines }: { readonly lines: readonly PlacedLine[] }) {
  return (
    <>
      {lines.map(({ kind, text, x, y, width }, index) =>
        text === '' ? null : (
          <text
            key={index}
            class={kind}
            x={x}
            y={y}
            textLength={width}
            lengthAdjust="spacingAndGlyphs"
          >
            {text}
          </text>
        ),
      )}
    </>
  )
}
