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
        const walked: number[] = []
        let index = recency.newest
        for (; index !== undefined; index = recency.older(index)) walked.push(index)
        expect(walked).toEqual(plain)
        const back: number[] = []
        for (index = plain.at(-1); index !== undefined; index = recency.newer(index)) {
          back.push(index)
        }
        expect(back).toEqual([...plain].reverse())
      },
    ),
  )
})

it('keeps a place that is held: the number that was touched next takes it', () => {
  const recency = new Recency()
  for (const index of [0, 1, 2, 3]) recency.touch(index)
  const [place, other] = [{ index: 1 }, { index: 1 }]
  recency.hold(place)
  recency.hold(other)
  recency.touch(0)
  expect([place, other]).toEqual([{ index: 1 }, { index: 1 }])
  recency.touch(1)
  recency.release(other)
  recency.touch(2)
  expect([place, other]).toEqual([{ index: 3 }, { index: 2 }])
  for (const index of [3, 1, 1]) recency.touch(index)
  expect(place).toEqual({ index: 0 })
  recency.release(place)
  recency.touch(0)
  expect(place).toEqual({ index: 0 })
})

it('takes no number before its turn', () => {
  expect(() => new Recency().touch(1)).toThrow('not the next number')
})
