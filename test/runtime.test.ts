import { expect, it } from 'vitest'
import { TurnClock } from '../src/runtime.ts'

it('looks at the clock once for all that is done without a pause', async () => {
  let elapsed = 0
  let looks = 0
  const clock = new TurnClock({
    elapsed: () => {
      looks++
      return elapsed
    },
  })
  expect(clock.elapsed()).toBe(0)
  elapsed = 5
  expect([clock.elapsed(), clock.elapsed()]).toEqual([0, 0])
  await Promise.resolve()
  expect(clock.elapsed()).toBe(5)
  expect(looks).toBe(2)
})
