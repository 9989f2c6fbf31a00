/** What a chart says of a state or an edge, as lines of text of a known size. */
import { chartLineCellsMax, chartTextLinesMax } from '../../config.ts'
import type { ChartEdge, ChartState } from '../model/model.ts'
import { cellsOf, visible, wrapped } from './text.ts'

/** What a line says, so that each kind has its colour. */
export type LineKind = 'name' | 'event' | 'guard' | 'action' | 'note'

export interface TextLine {
  readonly kind: LineKind
  /** Ready to be shown, but for the markup of where it is shown. */
  readonly text: string
}

export interface Size {
  readonly width: number
  readonly height: number
}

/** In pixels. A cell is as wide as a letter of the widest among common monospace fonts. */
export const fontSize = 12
export const cellWidth = fontSize * 0.602
export const lineHeight = 16

/** How wide a line of text is drawn. */
export const widthOf = (text: string): number => cellsOf(text) * cellWidth

/** The size of lines below each other. */
export function sizeOf(lines: readonly TextLine[]): Size {
  const width = lines.reduce((most, { text }) => Math.max(most, widthOf(text)), 0)
  return { width, height: lines.length * lineHeight }
}

/** The label of an edge that leads somewhere: `OrderShippedEvent`, `[isPaid]`, `/ ship`. */
export function edgeLines(edge: ChartEdge): readonly TextLine[] {
  const { guard, actions } = edge
  const trigger = triggerText(edge)
  return [
    ...textLines('event', edge.targets.includes(edge.source) ? `↻ ${trigger}` : trigger),
    ...(guard === null ? [] : textLines('guard', `[${guard}]`)),
    ...(actions.length === 0 ? [] : textLines('action', `/ ${actions.join(', ')}`)),
  ]
}

/** The label of a transition that stays where it is. */
export function stayingLines(edge: ChartEdge): readonly TextLine[] {
  const lines = edgeLines(edge)
  return edge.actions.length > 0 || edge.targets.length > 0
    ? lines
    : [...lines, ...textLines('action', '/ nothing')]
}

/** The label on the way to where a compound state begins. */
export function initialLines({ initial }: ChartState): readonly TextLine[] {
  const actions = initial?.actions ?? []
  return actions.length === 0 ? [] : textLines('action', `/ ${actions.join(', ')}`)
}

/** The name of a state. */
export const nameLines = ({ name }: ChartState): readonly TextLine[] => textLines('name', name)

/** What else is in the box of a state: what it does on entry and exit, and whom it invokes. */
export function stateLines(state: ChartState): readonly TextLine[] {
  const { entry, exit, invokes, tags } = state
  return [
    ...(tags.length === 0 ? [] : textLines('note', tags.map((tag) => `#${tag}`).join(' '))),
    ...(entry.length === 0 ? [] : textLines('action', `entry / ${entry.join(', ')}`)),
    ...(exit.length === 0 ? [] : textLines('action', `exit / ${exit.join(', ')}`)),
    ...invokes.flatMap(({ src }) => textLines('action', `invoke / ${src}`)),
  ]
}

/** What starts a transition, in a few words. */
export function triggerText({ trigger, event, delay, actor }: ChartEdge): string {
  switch (trigger) {
    case 'event':
      return event
    case 'after':
      return typeof delay === 'number' ? `after ${delay} ms` : `after ${delay}`
    case 'history':
      return 'at first'
    default:
      return actor === null ? trigger : `${trigger} ${actor}`
  }
}

function textLines(kind: LineKind, text: string): readonly TextLine[] {
  const lines = wrapped(visible(text), chartLineCellsMax, chartTextLinesMax)
  return lines.map((line) => ({ kind, text: line }))
}
