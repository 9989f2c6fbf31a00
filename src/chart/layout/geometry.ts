/** A chart that is laid out: where each of its states, edges and lines of text stands, in pixels. */

import type { Chart, ChartEdge, ChartState } from '../model/model.ts'
import type { LineKind } from './labels.ts'

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Box extends Point {
  readonly width: number
  readonly height: number
}

/** One line of text. `x` is its left end, `y` the line that its letters stand on. */
export interface PlacedLine extends Point {
  readonly kind: LineKind
  /** Ready to be shown, but for the markup of where it is shown. */
  readonly text: string
  readonly width: number
}

export interface LaidOutState extends ChartState {
  readonly box: Box
  /** Below the name of a state that holds others: where they begin. Null of all others. */
  readonly headHeight: number | null
  readonly lines: readonly PlacedLine[]
}

export interface PlacedLabel {
  readonly box: Box
  readonly lines: readonly PlacedLine[]
}

export interface LaidOutEdge extends ChartEdge {
  /** In the box of its source where it leads nowhere. */
  readonly label: PlacedLabel
  /** From its source, a line for each of its targets, with straight pieces; none where there are none. */
  readonly paths: readonly (readonly Point[])[]
}

/** The dot from which a compound state begins. */
export interface Start {
  /** The state that begins there. */
  readonly state: string
  readonly target: string
  /** The dot, whole. */
  readonly box: Box
  readonly path: readonly Point[]
  readonly label: PlacedLabel | null
}

export interface LaidOutChart extends Chart {
  readonly width: number
  readonly height: number
  /** Of all text: pixels, and how wide a letter is drawn. */
  readonly font: { readonly size: number; readonly cellWidth: number; readonly lineHeight: number }
  readonly states: readonly LaidOutState[]
  readonly edges: readonly LaidOutEdge[]
  readonly starts: readonly Start[]
}
