import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Recency } from '../../src/view/recency.ts'

it('walks numbers from the one touched last backwards, whatever was touched', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 300 }),
      (dice) => {
        const recency = new Recency()
        let plain: number[] = []
        let size = 0
        for (const die of dice) {
          const index = Math.min(size, Math.floor(die * (size + 1)))
          size = Math.max(size, index + 1)
          recency.touch(index)
          plain = [index, ...plain.filter((other) => other !== index)]
        }
        expect([...recency.newestFirst()]).toEqual(plain)
      },
    ),
  )
})

it('takes no number before its turn', () => {
  expect(() => new Recency().touch(1)).toThrow('not the next number')
})
