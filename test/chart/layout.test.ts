import ELK from 'elkjs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AnyStateMachine } from 'xstate'
import type { LaidOutChart } from '../../src/chart/layout/geometry.ts'
import { ChartGraph } from '../../src/chart/layout/graph.ts'
import { layOut } from '../../src/chart/layout/layout.ts'
import { placed } from '../../src/chart/layout/placing.ts'
import { cellsOf } from '../../src/chart/layout/text.ts'
import { chartOf } from '../../src/chart/model/read.ts'
import { chartLineCellsMax } from '../../src/config.ts'
import { orderMachine } from '../../src/order/machine.ts'
import { systemRuntime } from '../../src/runtime.ts'
import { drawMachine } from '../statechart/compiled/random-machines.ts'
import { faultsOf } from './drawn.ts'
import { hostileNames, large, named, rich } from './machines.ts'

type Elk = { layout(graph: object): Promise<never> }
const elk: Elk = new (ELK as unknown as new () => Elk)()

/** In this thread, as a thread of its own takes longer to start than a small chart to be laid out. */
async function laidOut(machine: AnyStateMachine): Promise<LaidOutChart> {
  const graph = new ChartGraph(chartOf(machine))
  return placed(graph, await elk.layout(graph.toElk()))
}

const order = orderMachine as unknown as AnyStateMachine
const patient = { runtime: systemRuntime, msMax: 60_000, mbMax: 512 }

describe('a chart that is laid out', () => {
  it.each([
    ['of the order machine', order],
    ['of one with everything that there is', rich],
    ['of one with hostile names', named(hostileNames)],
    ['of one with 200 states', large(200)],
  ])('has nothing over anything else: %s', async (_, machine) => {
    expect(faultsOf(await laidOut(machine))).toEqual([])
  })

  it('has nothing over anything else, whatever the machine', async () => {
    await fc.assert(
      fc.asyncProperty(fc.gen(), async (gen) => {
        const machine = drawMachine(gen)
        expect(faultsOf(await laidOut(machine)), JSON.stringify(machine.config)).toEqual([])
      }),
      { numRuns: 60, endOnFailure: true },
    )
  })

  it('has nothing over anything else, whatever the names', async () => {
    const names = fc.array(fc.string({ unit: 'binary', minLength: 1, maxLength: 120 }), {
      minLength: 1,
      maxLength: 5,
    })
    await fc.assert(
      fc.asyncProperty(names, async (names) => {
        expect(faultsOf(await laidOut(named(names)))).toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  it('has no line of text that is wider than it may be', async () => {
    const { states, edges } = await laidOut(named(hostileNames))
    const lines = [
      ...states.flatMap(({ lines }) => lines),
      ...edges.flatMap(({ label }) => label.lines),
    ]
    expect(lines.length).toBeGreaterThan(100)
    for (const { text } of lines) expect(cellsOf(text)).toBeLessThanOrEqual(chartLineCellsMax)
  })

  it('lists what stays in a state in its box, and draws a line for all that leaves it', async () => {
    const { edges, states } = await laidOut(rich)
    const edge = (id: string) => edges.find((one) => one.id === id)!
    const run = states.find(({ id }) => id === 'work.run')!.box
    for (const id of ['work.run|Tick|0', 'work.run|Again|0']) {
      const { paths, label } = edge(id)
      expect(paths).toEqual([])
      expect(label.box.y).toBeGreaterThan(run.y)
      expect(label.box.y + label.box.height).toBeLessThan(run.y + run.height)
    }
    expect(edge('work.run|Again|0').label.lines[0]?.text).toBe('↻ Again')
    expect(edge('work.run|Abort|0').paths).toHaveLength(1)
    expect(edge('both|Split|0').paths).toHaveLength(2)
  })
})

describe('a layout in a thread of its own', () => {
  it('is the one that ELK makes in any thread, each time again', async () => {
    const chart = await layOut(chartOf(order), patient)
    expect(chart).toEqual(await layOut(chartOf(order), patient))
    expect(chart).toEqual(await laidOut(order))
  })

  it('is given up where it takes too long', async () => {
    const waits: number[] = []
    const after = (ms: number, run: () => void) => {
      waits.push(ms)
      systemRuntime.soon(run)
      return () => {}
    }
    const runtime = { ...systemRuntime, after }
    await expect(
      layOut(chartOf(large(200)), { ...patient, runtime, msMax: 5000 }),
    ).rejects.toMatchObject({
      code: 'CHART',
      message: 'The chart of the machine could not be laid out: it took longer than 5000 ms.',
    })
    expect(waits).toEqual([5000])
  })

  it('is given up where it takes too much memory, and the process goes on', async () => {
    await expect(layOut(chartOf(large(200)), { ...patient, mbMax: 4 })).rejects.toMatchObject({
      code: 'CHART',
      message: expect.stringContaining('memory'),
    })
  })

  it('says what ELK says where that fails', async () => {
    const chart = chartOf(order)
    const [edge] = chart.edges
    const broken = { ...chart, edges: [{ ...edge!, targets: ['nowhere'] }] }
    await expect(layOut(broken, patient)).rejects.toMatchObject({
      code: 'CHART',
      message: expect.stringMatching(/could not be laid out: .*Id must be a string.*[^.]\.$/),
    })
  })
})
