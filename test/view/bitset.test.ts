import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Bitset } from '../../src/view/bitset.ts'

it('agrees with a sorted set of numbers, whatever is added and taken out', () => {
  const index = fc.nat({ max: 5000 })
  const step = fc.record({ adds: fc.boolean(), index })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), index, (steps, from) => {
      const bits = new Bitset()
      const plain = new Set<number>()
      for (const { adds, index } of steps) {
        if (adds) bits.add(index)
        else bits.delete(index)
        if (adds) plain.add(index)
        else plain.delete(index)
      }
      const sorted = [...plain].sort((a, b) => a - b)
      expect([...bits.from(0)]).toEqual(sorted)
      expect([...bits.from(from)]).toEqual(sorted.filter((member) => member >= from))
      expect(bits.size).toBe(plain.size)
      expect(bits.has(from)).toBe(plain.has(from))
      for (const member of sorted) expect(bits.has(member)).toBe(true)
    }),
  )
})
