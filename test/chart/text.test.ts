import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cellsOf, visible, wrapped } from '../../src/chart/layout/text.ts'

describe('a text that is to be seen', () => {
  it.each([
    ['bell\u0007', 'bell\\u0007'],
    ['turn\u202e', 'turn\\u202e'],
    ['\u2066in', '\\u2066in'],
    ['a\nb\u2028c', 'a\\u000ab\\u2028c'],
    ['half\ud800', 'half\\ud800'],
    ['none\uffff', 'none\\uffff'],
    ['z\u0301\u0301\u0301\u0301', 'z\u0301\u0301\u0301\\u0301'],
    ['soft\u00adhyphen\ufeff', 'soft\\u00adhyphen\\ufeff'],
    ['שלום <b>&', 'שלום <b>&'],
    ['👩\u200d👧', '👩\u200d👧'],
  ])('%j becomes %j', (text, seen) => {
    expect(visible(text)).toBe(seen)
  })

  it('holds no control character, mark of direction, or half of a pair', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(visible(text)).not.toMatch(/[\p{Cc}\p{Cs}\p{Bidi_Control}]/u)
      }),
    )
  })

  it('is measured in cells: none for a mark, two for a wide letter', () => {
    expect(['paid', 'é', 'e\u0301', '日本', '👍', ''].map(cellsOf)).toEqual([4, 1, 1, 4, 2, 0])
  })
})

describe('a long text', () => {
  it('is broken between words, and inside of a name before a capital', () => {
    expect(wrapped('[isNew and isWithinBalance]', 14, 6)).toEqual([
      '[isNew and is',
      'WithinBalance]',
    ])
    expect(wrapped('short', 14, 6)).toEqual(['short'])
    expect(wrapped('', 14, 6)).toEqual([''])
  })

  it('is cut where it has too many lines', () => {
    expect(wrapped('x'.repeat(100), 10, 3)).toEqual(['xxxxxxxxxx', 'xxxxxxxxxx', 'xxxxxxxxx…'])
  })

  it('is in lines that are not wider, and loses nothing but spaces where it is not cut', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 200 }),
        fc.integer({ min: 4, max: 40 }),
        (text, cells) => {
          const lines = wrapped(visible(text), cells, 1000)
          for (const line of lines) expect(cellsOf(line)).toBeLessThanOrEqual(cells)
          const without = (spaced: string) => spaced.replace(/\s/g, '')
          expect(without(lines.join(''))).toBe(without(visible(text)))
          expect(wrapped(visible(text), cells, 2).length).toBeLessThanOrEqual(2)
        },
      ),
    )
  })
})
