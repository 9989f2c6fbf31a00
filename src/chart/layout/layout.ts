/** Lays a chart out with ELK, in a thread of its own: it takes from a part of a second on. */
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import type { ElkNode } from 'elkjs/lib/elk-api.js'
import { ChartError } from '../../errors.ts'
import type { Runtime } from '../../runtime.ts'
import type { Chart } from '../model/model.ts'
import type { LaidOutChart } from './geometry.ts'
import { ChartGraph } from './graph.ts'
import { placed } from './placing.ts'

export interface LayoutOptions {
  readonly runtime: Runtime
  /** How long it may take, in milliseconds. */
  readonly msMax: number
  /** How much memory it may take, in megabytes. */
  readonly mbMax: number
  /** False where the process may end without it. */
  readonly keepsAlive?: boolean
}

/** As text, since a file would have another name before it is built than after. */
const workerCode = `
const { parentPort, workerData } = require('node:worker_threads')
const Elk = require(workerData.elk)
const say = (error) => parentPort.postMessage({ failed: String(error?.message ?? error) })
new Elk().layout(workerData.graph).then((graph) => parentPort.postMessage({ graph }), say)`

type Answer = { readonly graph: ElkNode } | { readonly failed: string }

/**
 * Where everything in the chart stands. The same chart is always laid out in the same way.
 *
 * @throws {ChartError} if it takes longer than `msMax`, or more memory than `mbMax`, or ELK fails
 */
export async function layOut(chart: Chart, options: LayoutOptions): Promise<LaidOutChart> {
  const graph = new ChartGraph(chart)
  return placed(graph, await solve(graph.toElk(), options))
}

function solve(graph: ElkNode, { runtime, msMax, mbMax, keepsAlive = true }: LayoutOptions) {
  return new Promise<ElkNode>((resolve, reject) => {
    const elk = createRequire(import.meta.url).resolve('elkjs')
    const worker = new Worker(workerCode, {
      eval: true,
      execArgv: [],
      workerData: { elk, graph },
      resourceLimits: { maxOldGenerationSizeMb: mbMax },
    })
    if (!keepsAlive) worker.unref()
    const end = () => {
      cancel()
      void worker.terminate()
    }
    const fail = (why: string) => {
      end()
      reject(new ChartError(why))
    }
    const cancel = runtime.after(msMax, () => fail(`it took longer than ${msMax} ms`))
    worker.once('message', (answer: Answer) => {
      if ('failed' in answer) return fail(answer.failed)
      end()
      resolve(answer.graph)
    })
    worker.once('error', ({ message }) => fail(message))
    worker.once('exit', () => fail('its thread ended'))
  })
}
