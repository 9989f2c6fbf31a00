import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyChanges, type LineChange, totalOf, unknownSku } from '../../src/order/lines.ts'

const max = Number.MAX_SAFE_INTEGER
const line = (sku: string, quantity: number, unitPrice: number) => ({ sku, quantity, unitPrice })

describe('totalOf', () => {
  it('adds up quantity times unitPrice', () => {
    expect(totalOf([])).toBe(0)
    expect(totalOf([line('a', 6, 1000), line('b', 1, 250)])).toBe(6250)
    expect(totalOf([line('a', 1, max)])).toBe(max)
    expect(totalOf([line('a', max, 1)])).toBe(max)
  })

  it('gives nothing where a product or a sum is past the safe integers', () => {
    expect(totalOf([line('a', 2, max)])).toBeUndefined()
    expect(totalOf([line('a', max, max)])).toBeUndefined()
    expect(totalOf([line('a', 2 ** 27, 2 ** 26)])).toBeUndefined()
    expect(totalOf([line('a', 1, max), line('b', 1, 1)])).toBeUndefined()
    expect(totalOf([line('a', 1, max), line('b', 1, 1), line('c', 1, 0)])).toBeUndefined()
  })

  it('agrees with whole numbers without a bound', () => {
    const amount = fc.oneof(fc.nat(1000), fc.nat(2 ** 27), fc.maxSafeNat())
    const lines = fc.array(
      fc.record({ sku: fc.constant('a'), quantity: amount, unitPrice: amount }),
    )
    fc.assert(
      fc.property(lines, (some) => {
        const exact = some.reduce((sum, { quantity, unitPrice }) => {
          return sum + BigInt(quantity) * BigInt(unitPrice)
        }, 0n)
        expect(totalOf(some)).toBe(exact > BigInt(max) ? undefined : Number(exact))
      }),
    )
  })
})

describe('unknownSku', () => {
  const lines = [line('a', 1, 10)]
  const unknown = (...changes: LineChange[]) => unknownSku(lines, changes)

  it('knows the lines of the order, and new ones that have a price', () => {
    expect(unknown({ sku: 'a', quantity: 0 }, { sku: 'b', quantity: 1, unitPrice: 0 })).toBe(
      undefined,
    )
  })

  it('names the first that is neither', () => {
    expect(unknown({ sku: 'b', quantity: 1 }, { sku: 'c', quantity: 1 })).toBe('b')
    expect(unknown({ sku: 'b', quantity: 0, unitPrice: 5 })).toBe('b')
  })

  it('takes names of JavaScript for skus like any other', () => {
    for (const sku of ['__proto__', 'constructor', 'toString']) {
      expect(unknown({ sku, quantity: 1 })).toBe(sku)
      expect(applyChanges(lines, [{ sku, quantity: 1, unitPrice: 2 }])).toContainEqual(
        line(sku, 1, 2),
      )
    }
  })
})

describe('applyChanges', () => {
  const lines = [line('a', 1, 10), line('b', 2, 20)]

  it('keeps the place and the price of a line', () => {
    expect(applyChanges(lines, [{ sku: 'a', quantity: 7 }])).toEqual([
      line('a', 7, 10),
      line('b', 2, 20),
    ])
  })

  it('gives a line another price where the change names one, also 0', () => {
    expect(applyChanges(lines, [{ sku: 'a', quantity: 1, unitPrice: 0 }])[0]).toEqual(
      line('a', 1, 0),
    )
  })

  it('takes a line out at quantity 0, and puts new ones last', () => {
    const changes = [
      { sku: 'c', quantity: 3, unitPrice: 30 },
      { sku: 'a', quantity: 0 },
    ]
    expect(applyChanges(lines, changes)).toEqual([line('b', 2, 20), line('c', 3, 30)])
  })

  it('leaves the lines that it was given as they were', () => {
    const before = structuredClone(lines)
    applyChanges(lines, [
      { sku: 'a', quantity: 0 },
      { sku: 'b', quantity: 9 },
    ])
    expect(lines).toEqual(before)
  })
})
