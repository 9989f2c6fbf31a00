/** The chart of the machine, laid out by the server: `/chart.json`. */
import { effect, signal } from '@preact/signals'
import type { LaidOutChart } from '../../chart/layout/geometry.ts'
import { connection, fetchJson } from '../server/session.ts'
import { errorWords } from '../words.ts'

export type { LaidOutChart }

/** Undefined until it is there. */
export const chart = signal<LaidOutChart | undefined>(undefined)
export const chartError = signal<string | undefined>(undefined)

let hash: string | undefined

async function load(): Promise<void> {
  try {
    const response = await fetchJson('chart.json')
    const answer = (await response.json()) as LaidOutChart & { hash: string; error?: string }
    if (!response.ok) throw new Error(answer.error ?? `/chart.json gave ${response.status}.`)
    chartError.value = undefined
    if (answer.hash === hash) return
    hash = answer.hash
    chart.value = answer
  } catch (error) {
    chartError.value = `There is no picture of the chart: ${errorWords(error)}`
  }
}

/** Looks again with each new connection: another machine may be served there by then. */
export function watchChart(): void {
  let isLive = false
  effect(() => {
    const { state } = connection.value
    if (state === 'live' && !isLive) void load()
    isLive = state === 'live'
  })
}
