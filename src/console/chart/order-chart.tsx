/** One order on the chart: the state it is in, and the way that led there, with the number of each step. */
import { useMemo } from 'preact/hooks'
import type { LaidOutEdge } from '../../chart/layout/geometry.ts'
import { type StateValue, statePaths } from '../words.ts'
import { ActiveStates } from './active-states.tsx'
import { ChartBox } from './chart-box.tsx'
import { Drawing } from './drawing.tsx'
import { chart, chartError } from './laid-out.ts'
import { marksOf, timesText } from './marks.ts'

interface OrderChartProps {
  readonly state: StateValue
  /** The state before the newest step; undefined for the first. */
  readonly before?: StateValue | undefined
  /** The edges of each event up to now, the first event first; undefined where they are not known. */
  readonly steps: readonly (readonly string[])[] | undefined
  /** Ids of the edges that commands could take next. */
  readonly next: ReadonlySet<string>
}

export function OrderChart({ state, before, steps, next }: OrderChartProps) {
  const drawn = chart.value
  const marks = useMemo(() => drawn && marksOf(drawn, state, steps ?? []), [drawn, state, steps])
  const words = statePaths(state).join(', ')
  return (
    <figure class="chart">
      <figcaption>
        <ActiveStates state={state} before={before} />
      </figcaption>
      {chartError.value && !drawn && <p class="hint">{chartError.value}</p>}
      {drawn && marks && (
        <ChartBox
          chart={drawn}
          name="The chart of this order"
          sight={statePaths(state)}
          legend={legend}
        >
          {(width) => (
            <Drawing
              chart={drawn}
              width={width}
              label={`The order is in ${words}. ${pathWords(drawn.edges, steps)}`}
              stateClass={({ id }) => {
                if (marks.active.has(id)) return 'active'
                return marks.visited.has(id) ? 'visited' : ''
              }}
              edgeClass={({ id }) => {
                if (marks.latest.has(id)) return 'taken latest'
                return marks.taken.has(id) ? 'taken' : next.has(id) ? 'next' : ''
              }}
              onEdge={(edge) => <Steps edge={edge} times={marks.taken.get(edge.id)} />}
            />
          )}
        </ChartBox>
      )}
    </figure>
  )
}

const legend = (
  <>
    <span class="key active">where it is</span>
    <span class="key taken">the way it took, by the numbers of its events</span>
    <span class="key latest">the newest step</span>
    <span class="key next">possible next</span>
  </>
)

/** The numbers of the steps that took an edge, at the corner of its label. */
function Steps({
  edge,
  times,
}: {
  readonly edge: LaidOutEdge
  readonly times: readonly number[] | undefined
}) {
  if (!times) return null
  const { x, y, width: labelWidth } = edge.label.box
  const text = timesText(times)
  const width = text.length * 6.7 + 9
  const left = x + labelWidth - width + 8
  return (
    <g class="steps">
      <rect x={left} y={y - 11} width={width} height={16} rx={8} />
      <text x={left + width / 2} y={y + 1} text-anchor="middle">
        {text}
      </text>
    </g>
  )
}

const stepsTold = 20

/** The way in words, for those who do not see it. */
function pathWords(
  edges: readonly LaidOutEdge[],
  steps: readonly (readonly string[])[] | undefined,
): string {
  if (!steps) return ''
  const byId = new Map(edges.map((edge) => [edge.id, edge]))
  const told = steps.slice(-stepsTold).map((step, index) => {
    const number = Math.max(0, steps.length - stepsTold) + index + 1
    const parts = step.map((id) => {
      const { source = '', event = '', targets = [] } = byId.get(id) ?? {}
      const to = targets.length > 0 ? ` to ${targets.join(' and ')}` : ''
      return `${event || 'then'} from ${source}${to}`
    })
    return `${number}. ${parts.join(', ')}`
  })
  return `Its way: ${told.join('; ')}.`
}
