/** Plots as SVG that stands by itself: lines over one axis, on light and dark pages alike. */

export interface Axis {
  readonly label: string
  readonly scale: 'linear' | 'log'
  /** Where its lines are, ascending; where they are left out, at round numbers around the points. */
  readonly ticks?: readonly number[]
}

export interface Line {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
  readonly isDashed?: boolean
}

export interface Plot {
  /** The name of the file that it is written to. */
  readonly file: string
  readonly title: string
  readonly x: Axis
  readonly y: Axis
  readonly lines: readonly Line[]
}

const width = 760
const height = 460
const left = 78
const right = 190
const top = 60
const bottom = 56
const labelHeight = 17
/** Told apart by those who see no red or no green, too (Okabe and Ito), and on black and white. */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#7f7f7f']

/**
 * @param under what it was taken with, in one line
 * @throws {RangeError} if there is no point to draw, or one that its scale cannot show
 */
export function draw({ title, x, y, lines }: Plot, under: string): string {
  const points = lines.flatMap(({ points }) => points)
  if (points.length === 0) throw new RangeError(`${title} has no points.`)
  const across = scaleOf(
    x,
    points.map(([at]) => at),
    left,
    width - right,
  )
  const up = scaleOf(
    y,
    points.map(([, at]) => at),
    height - bottom,
    top,
  )
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(left, 24, title, 'font-size="15" font-weight="600"'),
    text(left, 42, under, 'font-size="11" fill="#555"'),
    ...grid(x, y, across, up),
    ...lines.map(({ points, isDashed }, index) => curve(points, across, up, index, isDashed)),
    ...names(lines, up),
    '</svg>',
  ]
  return `${parts.join('\n')}\n`
}

interface Scale {
  at(value: number): number
  readonly ticks: readonly number[]
}

function scaleOf(axis: Axis, values: readonly number[], from: number, to: number): Scale {
  const isLog = axis.scale === 'log'
  const least = Math.min(...values)
  const greatest = Math.max(...values)
  const isDrawable = Number.isFinite(least) && Number.isFinite(greatest) && greatest > 0
  if (!isDrawable || (isLog && least <= 0)) {
    throw new RangeError(`${axis.label} from ${least} to ${greatest} cannot be drawn.`)
  }
  const ticks = axis.ticks ?? (isLog ? logTicks(least, greatest) : linearTicks(greatest))
  const map = isLog ? Math.log10 : (value: number) => value
  const low = map(ticks[0]!)
  const span = map(Math.max(ticks.at(-1)!, greatest)) - low || 1
  return { at: (value) => from + ((map(value) - low) / span) * (to - from), ticks }
}

/** From 0 up in steps of 1, 2 or 5 times a power of ten; about six of them. */
function linearTicks(greatest: number): readonly number[] {
  const power = 10 ** Math.floor(Math.log10(greatest / 6))
  const step = power * [1, 2, 5, 10].find((times) => greatest / (power * times) <= 7)!
  return Array.from({ length: Math.ceil(greatest / step) + 1 }, (_, index) => index * step)
}

/** 1, 2 and 5 times the powers of ten within one decade, the powers alone over more. */
function logTicks(least: number, greatest: number): readonly number[] {
  const decades = Math.log10(greatest / least)
  const times = decades > 2.5 ? [1] : [1, 2, 5]
  const all: number[] = []
  for (let power = Math.floor(Math.log10(least)); 10 ** power <= greatest * 10; power++) {
    for (const factor of times) all.push(factor * 10 ** power)
  }
  const first = all.findLastIndex((tick) => tick <= least)
  const last = all.findIndex((tick) => tick >= greatest)
  return all.slice(first, last + 1)
}

function grid(x: Axis, y: Axis, across: Scale, up: Scale): readonly string[] {
  const floor = height - bottom
  const end = width - right
  const rows = up.ticks.flatMap((tick) => [
    rule(left, up.at(tick), end, up.at(tick)),
    text(left - 8, up.at(tick) + 4, short(tick), 'text-anchor="end" fill="#555"'),
  ])
  const columns = across.ticks.flatMap((tick) => [
    rule(across.at(tick), top, across.at(tick), floor),
    text(across.at(tick), floor + 18, short(tick), 'text-anchor="middle" fill="#555"'),
  ])
  const middle = (top + floor) / 2
  return [
    ...rows,
    ...columns,
    text((left + end) / 2, height - 14, x.label, 'text-anchor="middle"'),
    text(
      18,
      middle,
      y.label,
      `text-anchor="middle" transform="rotate(-90 18 ${middle.toFixed(1)})"`,
    ),
  ]
}

function curve(
  points: Line['points'],
  across: Scale,
  up: Scale,
  index: number,
  isDashed = false,
): string {
  const colour = colours[index % colours.length]!
  const places = points.map(([x, y]) => `${across.at(x).toFixed(1)},${up.at(y).toFixed(1)}`)
  const dash = isDashed ? ' stroke-dasharray="6 4"' : ''
  const dots = places.map((place) => {
    const [cx, cy] = place.split(',')
    return `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`
  })
  return [
    `<polyline points="${places.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"${dash}/>`,
    ...dots,
  ].join('\n')
}

/** Each line's name stands at its end, moved apart where they would lie on each other. */
function names(lines: readonly Line[], up: Scale): readonly string[] {
  const placed = lines
    .flatMap(({ name, points }, index) => {
      const last = points.at(-1)
      return last ? [{ name, index, y: up.at(last[1]) + 4 }] : []
    })
    .sort((a, b) => a.y - b.y)
  for (const [place, label] of placed.entries()) {
    const above = placed[place - 1]
    if (above) label.y = Math.max(label.y, above.y + labelHeight)
  }
  // What was moved out at the bottom pushes the others up again.
  let lowest = height - bottom
  for (const label of placed.toReversed()) {
    label.y = Math.min(label.y, lowest)
    lowest = label.y - labelHeight
  }
  return placed.map(({ name, index, y }) =>
    text(
      width - right + 10,
      y,
      name,
      `fill="${colours[index % colours.length]}" font-weight="600"`,
    ),
  )
}

function rule(x1: number, y1: number, x2: number, y2: number): string {
  const [a, b, c, d] = [x1, y1, x2, y2].map((at) => at.toFixed(1))
  return `<line x1="${a}" y1="${b}" x2="${c}" y2="${d}" stroke="#e3e3e3"/>`
}

function text(x: number, y: number, words: string, attributes: string): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${escaped(words)}</text>`
}

/** 250000 as 250k, and 1024 as it is. */
function short(value: number): string {
  const round = (number: number) => String(Number(number.toPrecision(4)))
  if (value >= 1e6) return `${round(value / 1e6)}M`
  return value >= 1e3 && value % 100 === 0 ? `${round(value / 1e3)}k` : round(value)
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
