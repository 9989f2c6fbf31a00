/** A small plot: the last two minutes of one number, or of two of a kind. */
import { useId } from 'preact/hooks'
import { samplesKept } from './pulse.ts'

export interface Line {
  readonly name: string
  readonly values: readonly (number | undefined)[]
}

interface PlotProps {
  readonly title: string
  readonly unit: string
  readonly lines: readonly Line[]
  readonly format: (value: number) => string
}

const width = 240
const height = 56

export function Plot({ title, unit, lines, format }: PlotProps) {
  const id = useId()
  const all = lines.flatMap(({ values }) => values.filter((value) => value !== undefined))
  const top = niceTop(Math.max(0, ...all))
  const words = lines
    .map(({ name, values }) => {
      const now = values.findLast((value) => value !== undefined)
      return `${name ? `${name} ` : ''}${now === undefined ? '–' : format(now)}`
    })
    .join(' · ')
  return (
    <figure class="plot" aria-labelledby={id}>
      <figcaption id={id}>
        <span class="plot-title">{title}</span>
        <span class="plot-now number">
          {words} <span class="unit">{unit}</span>
        </span>
      </figcaption>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
        <line class="plot-base" x1="0" y1={height - 0.5} x2={width} y2={height - 0.5} />
        {lines.map(({ name, values }, place) => (
          <path key={name} class={`plot-line line-${place}`} d={pathOf(values, top)} />
        ))}
      </svg>
      <span class="plot-top number" aria-hidden="true">
        {format(top)}
      </span>
    </figure>
  )
}

/** The newest at the right; where there is none, the line breaks off. */
function pathOf(values: readonly (number | undefined)[], top: number): string {
  const step = width / (samplesKept - 1)
  let path = ''
  let isDown = false
  for (const [place, value] of values.entries()) {
    if (value === undefined) {
      isDown = false
      continue
    }
    const x = width - (values.length - 1 - place) * step
    const y = height - 1 - (value / top) * (height - 4)
    path += `${isDown ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`
    // A point of its own is drawn as a dot.
    if (!isDown && values[place + 1] === undefined) path += 'h0.1'
    isDown = true
  }
  return path
}

/** The next 1, 2 or 5 with as many noughts as it takes. */
export function niceTop(value: number): number {
  if (value <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return [1, 2, 5, 10].map((factor) => factor * power).find((top) => top >= value) ?? 10 * power
}
