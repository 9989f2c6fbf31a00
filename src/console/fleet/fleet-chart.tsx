/** All orders on the chart: how many are where, and what happens, as it happens. */
import { effect, type ReadonlySignal, useComputed, useSignal } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import type { LaidOutChart, LaidOutState } from '../../chart/layout/geometry.ts'
import { ChartBox } from '../chart/chart-box.tsx'
import { Drawing } from '../chart/drawing.tsx'
import { chart, chartError } from '../chart/laid-out.ts'
import { after } from '../platform.ts'
import { filter, turnTo } from '../route.ts'
import { client, lacking } from '../server/session.ts'
import { Notice } from '../shell/notice.tsx'
import { count, counted, fewDigits } from '../words.ts'
import { Fleet } from './fleet.ts'
import { countsOf, stateAfterKey } from './states.ts'

export function FleetPane() {
  const refused = lacking('read', 'see orders')
  return (
    <section class="panel fleet" aria-label="Where the orders are">
      {refused ? <Notice>{refused}</Notice> : <Live />}
    </section>
  )
}

function Live() {
  const engine = client.value
  const fleet = useMemo(() => new Fleet(engine), [engine])
  useEffect(() => () => fleet.close(), [fleet])
  const drawn = chart.value
  const orders = fleet.counts.value?.orders
  return (
    <>
      <div class="order-head">
        <h2>Where the orders are</h2>
        <span class="faint number">{orders === undefined ? '' : counted(orders, 'order')}</span>
      </div>
      {fleet.error.value && <Notice kind="bad">{fleet.error.value}</Notice>}
      {chartError.value && !drawn && <Notice>{chartError.value}</Notice>}
      {drawn && <FleetChart chart={drawn} fleet={fleet} />}
    </>
  )
}

interface FleetChartProps {
  readonly chart: LaidOutChart
  readonly fleet: Fleet
}

function FleetChart({ chart: drawn, fleet }: FleetChartProps) {
  const holder = useRef<HTMLDivElement>(null)
  const counts = useComputed(() => countsOf(drawn, fleet.counts.value?.byState ?? {}))
  useFlashes(holder, drawn, fleet)
  const chosen = filter.state.value
  return (
    <div class="fleet-body" ref={holder}>
      <ChartBox
        chart={drawn}
        name="The chart of all orders"
        legend="Press a state to list its orders."
      >
        {(width) => (
          <Drawing
            chart={drawn}
            width={width}
            label="How many orders are in each state"
            isInteractive
            stateClass={({ id }) => (id !== '' && id === chosen ? 'chosen' : '')}
          >
            <States chart={drawn} counts={counts} chosen={chosen} />
          </Drawing>
        )}
      </ChartBox>
    </div>
  )
}

const flashMs = 120

/** Lights up the edges that were passed. Classes are put on what is drawn: nothing is drawn anew. */
function useFlashes(
  holder: { readonly current: HTMLElement | null },
  drawn: LaidOutChart,
  fleet: Fleet,
): void {
  useEffect(() => {
    const inside = (name: string) =>
      [...(holder.current?.querySelectorAll<SVGElement>(`[${name}]`) ?? [])].map(
        (element) => [element.getAttribute(name) ?? '', element] as const,
      )
    let known: ReadonlyMap<string, readonly SVGElement[]> | undefined
    const elements = () => {
      const all = [...inside('data-edge'), ...inside('data-label')]
      const byEdge = new Map<string, SVGElement[]>()
      for (const [edge, element] of all) byEdge.set(edge, [...(byEdge.get(edge) ?? []), element])
      return byEdge
    }
    return effect(() => {
      const passed = fleet.passed.value
      if (passed.size === 0) return
      // It is drawn once its width is known.
      if (!known || known.size === 0) known = elements()
      const lit = [...passed.keys()].flatMap((edge) => known?.get(edge) ?? [])
      for (const element of lit) element.classList.add('passed')
      after(flashMs, () => {
        for (const element of lit) element.classList.remove('passed')
      })
    })
  }, [holder, drawn, fleet])
}

interface StatesProps {
  readonly chart: LaidOutChart
  readonly counts: ReadonlySignal<ReadonlyMap<string, number>>
  readonly chosen: string
}

/** What can be pressed: one stop of the Tab key, arrows go from state to state. */
function States({ chart: { states }, counts, chosen }: StatesProps) {
  const within = useRef<SVGGElement>(null)
  const all = useMemo(() => states.filter(({ parent }) => parent !== null), [states])
  const active = useSignal(chosen || (all[0]?.id ?? ''))
  const press = (id: string) => turnTo({ state: id === chosen ? null : id })
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' || event.key === ' ') press(active.value)
    else {
      const next = stateAfterKey(event.key, active.value, all)
      if (next === undefined) return
      active.value = next
      const index = all.findIndex(({ id }) => id === next)
      const element = within.current?.children[index] as SVGElement | undefined
      element?.focus()
      element?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    }
    event.preventDefault()
  }
  return (
    <g ref={within} role="toolbar" aria-label="States" onKeyDown={onKeyDown}>
      {all.map((state) => (
        <State
          key={state.id}
          state={state}
          counts={counts}
          isChosen={state.id === chosen}
          isStop={state.id === active.value}
          onPress={() => {
            active.value = state.id
            press(state.id)
          }}
        />
      ))}
    </g>
  )
}

interface StateProps {
  readonly state: LaidOutState
  readonly counts: StatesProps['counts']
  readonly isChosen: boolean
  readonly isStop: boolean
  readonly onPress: () => void
}

function State({ state, counts, isChosen, isStop, onPress }: StateProps) {
  const { id, box, headHeight } = state
  const orders = useComputed(() => counts.value.get(id) ?? 0)
  const number = orders.value
  const { x, y, width } = box
  const text = fewDigits(number)
  const wide = text.length * 7.4 + 12
  return (
    <g
      role="button"
      class="press"
      data-press={id}
      // In SVG, names are told apart by their case.
      tabindex={isStop ? 0 : -1}
      aria-pressed={isChosen}
      aria-label={`${id}: ${counted(number, 'order')}`}
      onClick={onPress}
    >
      <title>{`${id}: ${count(number)}`}</title>
      <rect class="area" x={x} y={y} width={width} height={headHeight ?? box.height} rx={8} />
      <g class={number === 0 ? 'badge none' : 'badge'}>
        <rect x={x + width - wide + 8} y={y - 9} width={wide} height={18} rx={9} />
        <text x={x + width - wide / 2 + 8} y={y + 4.5} text-anchor="middle">
          {text}
        </text>
      </g>
    </g>
  )
}
