import { expect, it } from 'vitest'
import { edgesOf } from './model/paths.ts'
import { shrink } from './shrink.ts'
import { simulate } from './simulate.ts'

/** As many as take about 15 seconds. */
const seeds = 1200

it('keeps every promise, whatever the network, the disk and the server do', async () => {
  const total: Record<string, number> = {}
  const edges = new Set<string>()
  for (let seed = 1; seed <= seeds; seed++) {
    const { wrong, counts, edges: taken } = await simulate({ seed })
    if (wrong !== undefined) {
      expect.fail(`${wrong}\nAgain with: npm run simulate -- --seed ${seed}`)
    }
    for (const [name, count] of Object.entries(counts)) total[name] = (total[name] ?? 0) + count
    for (const edge of taken) edges.add(edge)
  }
  // Whatever is to go wrong has gone wrong.
  expect(Object.entries(total).filter(([, count]) => count === 0)).toEqual([])
  expect([...edges].sort()).toEqual(edgesOf().sort())
}, 240_000)

/** Of events that are durable and not shown yet, `events.read` left out those of new orders. */
it('reads all events, also while some are not shown yet', async () => {
  expect((await simulate({ seed: 502_420 })).wrong).toBeUndefined()
})

it('does the same again with the same seed', async () => {
  const traces: string[][] = [[], []]
  for (const lines of traces) await simulate({ seed: 7, trace: (line) => lines.push(line) })
  expect(traces[0]!.length).toBeGreaterThan(50)
  expect(traces[1]).toEqual(traces[0])
})

it('shrinks what fails, and fails again with what is left', async () => {
  const sins = { acksEarly: true }
  const { wrong, planned } = await simulate({ seed: 1, sins })
  expect(wrong).toBeDefined()
  const fails = async (only: readonly number[]) =>
    (await simulate({ seed: 1, only, sins })).wrong !== undefined
  const all = Array.from({ length: planned }, (_, number) => number)
  const left = await shrink(all, fails)
  expect(left.length).toBeLessThanOrEqual(2)
  expect(await fails(left)).toBe(true)
})
