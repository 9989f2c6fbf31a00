import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RecurringTexts } from '../../src/log/recurring-texts.ts'

const encoder = new TextEncoder()

describe('texts that recur', () => {
  it('are what their bytes say, wherever they stand and whatever was read before', () => {
    const text = fc.oneof(fc.constantFrom('a', 'b', 'é', 'ab', 'ba', ''), fc.string())
    fc.assert(
      fc.property(fc.array(text, { maxLength: 40 }), (all) => {
        const texts = new RecurringTexts()
        const bytes = Buffer.from(all.join(''))
        let at = 0
        for (const one of all) {
          const end = at + encoder.encode(one).length
          expect(texts.read(bytes, at, end)).toBe(bytes.toString('utf8', at, end))
          at = end
        }
      }),
    )
  })

  it('are not taken for one another, where bytes are no UTF-8', () => {
    const texts = new RecurringTexts()
    for (const byte of [0xe9, 0xff, 0xfd, 0x41, 0xe9]) {
      const bytes = Buffer.from([byte])
      expect(texts.read(bytes, 0, 1)).toBe(bytes.toString('utf8'))
    }
  })

  it('are read also where there are many, and long ones', () => {
    const texts = new RecurringTexts()
    const many = Array.from({ length: 100 }, (_, index) => `type-${100 + index}`)
    for (const one of [...many, ...many, 'x'.repeat(300), 'x'.repeat(300)]) {
      const bytes = Buffer.from(one)
      expect(texts.read(bytes, 0, bytes.length)).toBe(one)
    }
  })
})
