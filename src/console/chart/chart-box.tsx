/** Where a chart is looked at: as wide as there is room, or larger, and then it is scrolled. */
import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { LaidOutChart } from '../../chart/layout/geometry.ts'

interface ChartBoxProps {
  readonly chart: LaidOutChart
  readonly name: string
  /** Ids of states that are to be in sight; where they change, it scrolls there. */
  readonly sight?: readonly string[]
  /** What its colours mean. */
  readonly legend: ComponentChildren
  /** Draws it, so many pixels wide. */
  readonly children: (width: number) => ComponentChildren
}

const step = 1.25
/** Below it, nobody can read the labels any more. */
const scaleMin = 0.62
const scaleMax = 2.5

export function ChartBox({ chart, name, sight = [], legend, children }: ChartBoxProps) {
  const box = useRef<HTMLDivElement>(null)
  const room = useSignal(0)
  /** Null where it is as wide as there is room for, within reason. */
  const chosen = useSignal<number | null>(null)
  useLayoutEffect(() => {
    const measure = () => {
      room.value = box.current?.clientWidth ?? 0
    }
    measure()
    const observer = new ResizeObserver(measure)
    if (box.current) observer.observe(box.current)
    return () => observer.disconnect()
  }, [room])
  const fit = Math.min(Math.max(room.value / chart.width, scaleMin), 1)
  const scale = chosen.value ?? fit
  const seen = sight.join()
  useEffect(() => {
    if (box.current && room.value > 0) scrollTo(box.current, chart, seen.split(','), scale)
  }, [chart, seen, scale, room.value])
  const zoom = (by: number) => () => {
    chosen.value = Math.min(Math.max(scale * by, 0.1), scaleMax)
  }
  return (
    <div class="chart-box">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls it */}
      <section class="chart-scroll" ref={box} tabIndex={0} aria-label={name}>
        {room.value > 0 && children(chart.width * scale)}
      </section>
      <div class="chart-bar">
        <p class="legend">{legend}</p>
        <div class="zoom" role="group" aria-label="Size of the chart">
          <button type="button" aria-label="Smaller" onClick={zoom(1 / step)}>
            −
          </button>
          <button type="button" aria-label="Larger" onClick={zoom(step)}>
            +
          </button>
          <button
            type="button"
            aria-pressed={chosen.value === null}
            onClick={() => (chosen.value = null)}
          >
            Fit
          </button>
          <button
            type="button"
            onClick={() => {
              const { clientHeight = 0 } = box.current ?? {}
              chosen.value = Math.min(room.value / chart.width, clientHeight / chart.height)
            }}
          >
            Whole
          </button>
        </div>
      </div>
    </div>
  )
}

/** Scrolls no further than it must for these states to be in sight, the first first. */
function scrollTo(
  element: HTMLElement,
  { states }: LaidOutChart,
  ids: readonly string[],
  scale: number,
): void {
  const boxes = states.filter(({ id }) => ids.includes(id)).map(({ box }) => box)
  if (boxes.length === 0) return
  const margin = 12
  const left = Math.min(...boxes.map(({ x }) => x)) * scale - margin
  const top = Math.min(...boxes.map(({ y }) => y)) * scale - margin
  const right = Math.max(...boxes.map(({ x, width }) => x + width)) * scale + margin
  const bottom = Math.max(...boxes.map(({ y, height }) => y + height)) * scale + margin
  const { scrollLeft, scrollTop, clientWidth, clientHeight } = element
  element.scrollLeft = within(scrollLeft, left, right, clientWidth)
  element.scrollTop = within(scrollTop, top, bottom, clientHeight)
}

function within(at: number, from: number, to: number, room: number): number {
  if (from < at) return from
  return to > at + room ? Math.min(from, to - room) : at
}
