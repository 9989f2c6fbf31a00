import { expect, it } from 'vitest'
import { collectGarbage } from '../../bench/measure.ts'
import { Pauses } from '../../bench/pauses.ts'

it('are those in which garbage was collected, within the time that was measured', async () => {
  const pauses = new Pauses()
  collectGarbage()
  const from = performance.now()
  collectGarbage()
  collectGarbage()
  const to = performance.now()
  collectGarbage()
  const found = await pauses.end(from, to)
  expect(found.length).toBeGreaterThanOrEqual(2)
  expect(found.every((ms) => ms > 0)).toBe(true)
  expect(found.reduce((total, ms) => total + ms, 0)).toBeLessThanOrEqual(to - from)
})
