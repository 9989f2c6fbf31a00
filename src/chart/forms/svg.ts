/**
 * A chart that is laid out as SVG that stands by itself: no script, no font of its own, nothing from
 * elsewhere; light or dark as the reader's system is.
 */
import type {
  Box,
  LaidOutChart,
  LaidOutEdge,
  LaidOutState,
  PlacedLabel,
  PlacedLine,
  Point,
  Start,
} from '../layout/geometry.ts'
import { fontSize, triggerText } from '../layout/labels.ts'
import { visible } from '../layout/text.ts'
import { arrowData, pathData, round } from './lines.ts'

/** The drawing, as a whole document. Names may hold anything: what is no text is escaped. */
export function svgOf(chart: LaidOutChart): string {
  const { width, height, states, edges, starts, font } = chart
  const types = new Map<string | null, string>(states.map(({ id, type }) => [id, type]))
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(`The states of ${visible(chart.machine)}`)}" class="chart">`,
    `<style>${styleOf(font.size)}</style>`,
    `<rect class="page" width="${width}" height="${height}"/>`,
    ...states.map((state) => stateBox(state, types.get(state.parent) === 'parallel')),
    ...starts.map(startMark),
    ...edges.filter(({ paths }) => paths.length > 0).map(edgePath),
    ...states.map(stateText),
    ...starts.flatMap(({ label }) => (label ? [`<g class="label">${labelOf(label)}</g>`] : [])),
    ...edges.map(edgeLabel),
    '</svg>',
  ]
  return `${parts.join('\n')}\n`
}

function stateBox(state: LaidOutState, isRegion: boolean): string {
  const { id, name, box, headHeight, type, history } = state
  const inner = [boxOf(box, history ? box.height / 2 : 8)]
  if (history) inner.push(titleOf(`${name} (${history} history)`))
  if (type === 'final') inner.push(boxOf(inset(box, 3), 5))
  if (headHeight !== null) {
    const y = round(box.y + headHeight)
    inner.push(`<path d="M${box.x} ${y}H${round(box.x + box.width)}"/>`)
  }
  const region = isRegion ? ' region' : ''
  return `<g class="state ${kindOf(state)}${region}" ${named('state', id)}>${inner.join('')}</g>`
}

const kindOf = ({ type, parent }: LaidOutState) => (parent === null ? `${type} machine` : type)

/** What the box says. Lines that come from above into a state that holds others run behind it. */
function stateText(state: LaidOutState): string {
  const { id, description, headHeight, lines } = state
  const plate = headHeight === null ? '' : boxOf(around(lines), 3)
  const text = lines.map(textOf).join('')
  return `<g class="text ${kindOf(state)}" ${named('in', id)}>${titleOf(description)}${plate}${text}</g>`
}

function around(lines: readonly PlacedLine[]): Box {
  const x = Math.min(...lines.map((line) => line.x)) - 3
  const y = Math.min(...lines.map((line) => line.y)) - fontSize
  const right = Math.max(...lines.map((line) => line.x + line.width)) + 3
  const bottom = Math.max(...lines.map((line) => line.y)) + 4
  return { x: round(x), y, width: round(right - x), height: round(bottom - y) }
}

function startMark({ box, path, state }: Start): string {
  const r = box.width / 2
  const dot = `<circle cx="${round(box.x + r)}" cy="${round(box.y + r)}" r="${r}"/>`
  return `<g class="start" ${named('start', state)}>${dot}${lineWithArrow(path)}</g>`
}

function edgePath(edge: LaidOutEdge): string {
  const lines = edge.paths.map(lineWithArrow).join('')
  return `<g class="edge ${edge.trigger}" ${named('edge', edge.id)}>${lines}</g>`
}

function edgeLabel(edge: LaidOutEdge): string {
  const { label, paths } = edge
  const kind = paths.length === 0 ? 'label staying' : 'label'
  return `<g class="${kind}" ${named('label', edge.id)}>${titleOf(wholeOf(edge))}${labelOf(label)}</g>`
}

const labelOf = ({ box, lines }: PlacedLabel) => `${boxOf(box, 5)}${lines.map(textOf).join('')}`

/** All that the edge says, for what may be cut in its label. */
function wholeOf(edge: LaidOutEdge): string {
  const { guard, actions, description } = edge
  return [
    triggerText(edge),
    ...(guard === null ? [] : [`[${guard}]`]),
    ...(actions.length === 0 ? [] : [`/ ${actions.join(', ')}`]),
    ...(description === null ? [] : [`— ${description}`]),
  ].join(' ')
}

const titleOf = (text: string | null) =>
  text === null ? '' : `<title>${escaped(visible(text))}</title>`

/** Its width is said, so that it is as wide in any font as it was laid out. */
function textOf({ kind, text, x, y, width }: PlacedLine): string {
  if (text === '') return ''
  return `<text class="${kind}" x="${x}" y="${y}" textLength="${width}" lengthAdjust="spacingAndGlyphs">${escaped(text)}</text>`
}

function boxOf({ x, y, width, height }: Box, radius: number): string {
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}"/>`
}

function inset({ x, y, width, height }: Box, by: number): Box {
  return { x: x + by, y: y + by, width: width - 2 * by, height: height - 2 * by }
}

function lineWithArrow(points: readonly Point[]): string {
  const tip = points.at(-1)
  const before = points.at(-2)
  if (!tip || !before) return ''
  return `<path class="line" d="${pathData(points)}"/><path class="arrow" d="${arrowData(before, tip)}"/>`
}

const named = (what: string, id: string) => `data-${what}="${escaped(visible(id))}"`

const markup: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => markup[sign]!)
}

const fonts = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"

/** Each colour by where it is, on a light page and on a dark one. */
const colours: readonly (readonly [
  selector: string,
  property: string,
  light: string,
  dark: string,
])[] = [
  ['.page', 'fill', '#ffffff', '#0d1117'],
  ['.state rect,.text rect', 'fill', '#ffffff', '#1c2330'],
  ['.state rect,.state path', 'stroke', '#8291a8', '#7d8ca3'],
  ['.compound rect,.parallel rect', 'fill', '#f4f6fa', '#141b26'],
  ['.machine rect', 'fill', '#fbfcfd', '#10151d'],
  ['.machine rect,.machine path', 'stroke', '#c3ccd8', '#3a4658'],
  ['.final rect', 'stroke', '#3f4c60', '#b5c0d0'],
  ['.line', 'stroke', '#64748b', '#8fa0b8'],
  ['.arrow,.start circle', 'fill', '#475569', '#a9b7ca'],
  ['.label rect', 'fill', '#eef2f7', '#232c3b'],
  ['.label rect', 'stroke', '#d5dce6', '#374357'],
  ['.staying rect', 'fill', '#eef2f7', '#232c3b'],
  ['.name', 'fill', '#0f172a', '#eef3f9'],
  ['.event', 'fill', '#1d4ed8', '#8ab4ff'],
  ['.guard', 'fill', '#92400e', '#f0b36a'],
  ['.action', 'fill', '#3f6212', '#a5d66b'],
  ['.note', 'fill', '#64748b', '#94a3b8'],
]

function styleOf(size: number): string {
  const rules = (pick: (light: string, dark: string) => string) =>
    colours
      .map(
        ([selector, property, light, dark]) =>
          `${scoped(selector)}{${property}:${pick(light, dark)}}`,
      )
      .join('')
  return [
    rules((light) => light),
    `@media (prefers-color-scheme:dark){${rules((_, dark) => dark)}}`,
    `.chart text{font:${size}px ${fonts};white-space:pre}.chart .name{font-weight:700}`,
    '.chart .line{fill:none;stroke-width:1.3}.chart .state path{fill:none}',
    '.chart .text rect{stroke-width:0}.chart .region rect{stroke-dasharray:7 4}',
    '.chart .always .line,.chart .history .line{stroke-dasharray:5 3}',
  ].join('')
}

/** Inside of a page, no other drawing is coloured. */
const scoped = (selector: string) =>
  selector
    .split(',')
    .map((one) => `.chart ${one}`)
    .join(',')
