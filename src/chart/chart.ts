/** A machine's chart in the forms in which it is given away. */
import { createHash } from 'node:crypto'
import type { AnyStateMachine } from 'xstate'
import { defaults } from '../config.ts'
import { systemRuntime } from '../runtime.ts'
import { machineConfigOf } from './forms/machine-config.ts'
import { mermaidOf } from './forms/mermaid.ts'
import { svgOf } from './forms/svg.ts'
import type { LaidOutChart } from './layout/geometry.ts'
import { type LayoutOptions, layOut } from './layout/layout.ts'
import type { Chart } from './model/model.ts'
import { chartOf } from './model/read.ts'

export const chartFormats = ['svg', 'json', 'mermaid', 'xstate'] as const
export type ChartFormat = (typeof chartFormats)[number]

const layoutDefaults: LayoutOptions = {
  runtime: systemRuntime,
  msMax: defaults.chartLayoutMs,
  mbMax: defaults.chartMemoryMb,
}

/**
 * The chart of any machine as text: a drawing (`svg`), the same as data (`json`), a `stateDiagram-v2`
 * for Mermaid (`mermaid`), or the machine's own config with guards and actions by name (`xstate`).
 *
 * @throws {ChartError} if it cannot be laid out, or not in time; only of a drawing and its data
 */
export async function chartText(machine: AnyStateMachine, format: ChartFormat): Promise<string> {
  if (format === 'xstate') return `${JSON.stringify(machineConfigOf(machine), null, 2)}\n`
  const chart = chartOf(machine)
  if (format === 'mermaid') return mermaidOf(chart)
  const laidOut = await layOut(chart, layoutDefaults)
  return format === 'svg' ? svgOf(laidOut) : jsonOf(laidOut, hashOf(chart))
}

/** What names a machine as it is: another chart, another hash. */
export function hashOf(chart: Chart): string {
  return shortHash(JSON.stringify(chart))
}

export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

/** What is served as `/chart.json`. */
export function jsonOf(chart: LaidOutChart, hash: string): string {
  return `${JSON.stringify({ hash, ...chart })}\n`
}
