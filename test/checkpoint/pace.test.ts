import { describe, expect, it } from 'vitest'
import { Pace } from '../../src/checkpoint/pace.ts'

/** What an order takes, from its view to being let go of: somewhat less than twice what its view does. */
const workPerOrder = 1.9

/** Goes on for some turns, before each of which so many orders change; what is done in each. */
async function turns(changes: readonly number[]): Promise<number[]> {
  let changed = 0
  let next = 0
  const pace = new Pace(
    async () => {
      changed += changes[next++]!
    },
    () => changed,
  )
  const done: number[] = []
  for (let turn = 0; turn <= changes.length; turn++) {
    let work = 1
    while (!pace.isOver(1)) work++
    done.push(work)
    if (turn < changes.length) await pace.turn()
  }
  return done
}

describe('the pace of a checkpoint', () => {
  it('is a little in each turn where nothing changes', async () => {
    expect(await turns([0, 0, 0])).toEqual([16, 16, 16, 16])
  })

  it('is spread over turns where many orders have changed at once', async () => {
    const done = await turns([1024, ...Array(100).fill(0)])
    expect(Math.max(...done)).toBeLessThan(310)
    // All that is owed for them is done in the end.
    const more = done.reduce((sum, work) => sum + work - 16, 0)
    expect(more).toBeGreaterThan(1024 * workPerOrder)
  })

  it.each([1, 10, 100, 341, 1024])(
    'is so fast that what it is of is done before as much has changed, %i in a turn',
    async (changed) => {
      const orders = 65_536
      const count = Math.ceil(orders / changed)
      const done = await turns(Array(Math.min(count, 20_000)).fill(changed))
      const work = done.reduce((sum, one) => sum + one, 0)
      expect(work).toBeGreaterThan(orders * workPerOrder)
    },
  )
})
