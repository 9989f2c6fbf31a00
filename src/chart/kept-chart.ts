import type { AnyStateMachine } from 'xstate'
import type { Config } from '../config.ts'
import { ChartError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { hashOf, jsonOf, shortHash } from './chart.ts'
import { svgOf } from './forms/svg.ts'
import { layOut } from './layout/layout.ts'
import { chartOf } from './model/read.ts'

/** What a chart is drawn as. */
export interface DrawnChart {
  readonly json: DrawnForm
  readonly svg: DrawnForm
}

export interface DrawnForm {
  readonly text: string
  /** Another text, another tag. A newer version of Ordinal may draw the same machine in another way. */
  readonly tag: string
}

export interface KeptChartOptions {
  readonly config: Config
  readonly runtime: Runtime
  /** Hears why it could not be laid out, once for each time that it was tried. */
  readonly onFailed?: ((error: ChartError) => void) | undefined
}

/**
 * The chart of one machine, laid out when it is first asked for, and kept. Nobody waits for it but who
 * asks. Where it fails, that is kept, too, for `chartRetryMs`, so that asking often costs nothing.
 */
export class KeptChart {
  readonly #machine: AnyStateMachine
  readonly #options: KeptChartOptions
  #drawn: Promise<DrawnChart> | undefined

  constructor(machine: AnyStateMachine, options: KeptChartOptions) {
    this.#machine = machine
    this.#options = options
  }

  /** @throws {ChartError} if it could not be laid out, now or less than `chartRetryMs` ago */
  drawn(): Promise<DrawnChart> {
    this.#drawn ??= this.#draw().catch((error) => {
      const { config, runtime, onFailed } = this.#options
      const fault = error instanceof ChartError ? error : new ChartError(String(error))
      runtime.after(config.chartRetryMs, () => {
        this.#drawn = undefined
      })
      onFailed?.(fault)
      throw fault
    })
    return this.#drawn
  }

  async #draw(): Promise<DrawnChart> {
    const { config, runtime } = this.#options
    const chart = chartOf(this.#machine)
    const { chartLayoutMs: msMax, chartMemoryMb: mbMax } = config
    const laidOut = await layOut(chart, { runtime, msMax, mbMax, keepsAlive: false })
    return { json: formOf(jsonOf(laidOut, hashOf(chart))), svg: formOf(svgOf(laidOut)) }
  }
}

function formOf(text: string): DrawnForm {
  return { text, tag: shortHash(text) }
}
