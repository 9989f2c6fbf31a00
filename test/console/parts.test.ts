/** The parts of the page that need no page. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptyDraft, hintOf, paramsOf, pointerOf, withAt } from '../../src/console/forms/schema.ts'
import { rowAfterKey } from '../../src/console/grid/keys.ts'
import { minorDigits, money } from '../../src/console/money.ts'
import { percentile, since } from '../../src/console/pulse/percentiles.ts'
import { orderDomain } from '../../src/index.ts'
import { minorDigits as currencies } from '../../src/order/currencies.ts'
import { commandSchema } from '../../src/protocol/commands.ts'

describe('money', () => {
  it('has as many digits as ISO 4217 gives its currency', () => {
    expect(currencies.size).toBeGreaterThan(150)
    for (const [name, digits] of currencies) {
      expect([name, minorDigits(name)]).toEqual([name, digits])
    }
  })

  it.each([
    [0, 'USD', '0.00'],
    [5, 'USD', '0.05'],
    [123456, 'USD', '1,234.56'],
    [-6000, 'USD', '−60.00'],
    [1234567, 'JPY', '1,234,567'],
    [1234, 'KWD', '1.234'],
    [Number.MAX_SAFE_INTEGER, 'USD', '90,071,992,547,409.91'],
  ])('%d in %s is %s', (amount, name, text) => {
    expect(money(amount, name)).toBe(text)
  })
})

describe('a form', () => {
  const schemas = Object.entries(orderDomain.methods).map(([name, method]) => {
    const schema = JSON.parse(JSON.stringify(commandSchema(method)))
    const { examples } = method.params as unknown as { examples: object[] }
    return [name, schema, examples[0]!] as const
  })

  it.each(schemas)('of %s gives the params that it was filled with', (_, schema, example) => {
    expect(paramsOf(schema, emptyDraft(schema, example))).toEqual(example)
  })

  it.each(schemas)('of %s leaves out what may be left empty', (_, schema) => {
    const params = paramsOf(schema, emptyDraft(schema)) as object
    expect(Object.keys(params).sort()).toEqual([...schema.required].sort())
  })

  it('keeps what is no whole number as it was typed, for the server to refuse', () => {
    const schema = { type: 'integer' }
    const typed = ['5', ' 5 ', '-5', '5.5', 'five', '']
    expect(typed.map((text) => paramsOf(schema, text))).toEqual([5, 5, -5, '5.5', 'five', ''])
  })

  it('is changed at one place only', () => {
    const draft = { lines: [{ sku: 'a' }, { sku: 'b' }], note: '' }
    expect(withAt(draft, ['lines', 1, 'sku'], 'c')).toEqual({
      lines: [{ sku: 'a' }, { sku: 'c' }],
      note: '',
    })
    expect(pointerOf(['lines', 1, 'a/b~c'])).toBe('/lines/1/a~1b~0c')
  })

  it('says what may be typed', () => {
    const maximum = Number.MAX_SAFE_INTEGER
    expect(hintOf({ type: 'integer', minimum: 1, maximum })).toBe('whole number, from 1')
    expect(hintOf({ type: 'string', maxLength: 64 })).toBe('up to 64 characters')
  })
})

describe('percentiles', () => {
  const bounds = [1, 2, 4]

  it('are the bounds that so many are within', () => {
    const counted = { bounds, counts: [50, 49, 1] }
    expect(percentile(counted, 0.5)).toBe(1)
    expect(percentile(counted, 0.99)).toBe(2)
    expect(percentile(counted, 1)).toBe(4)
    expect(percentile({ bounds, counts: [0, 0, 0] }, 0.5)).toBeUndefined()
  })

  it('are of what came since an earlier reading', () => {
    const now = { bounds, counts: [50, 49, 3] }
    expect(percentile(since(now, { bounds, counts: [50, 49, 0] }), 0.5)).toBe(4)
  })
})

describe('the active row', () => {
  it('stays in the table, whatever key is pressed', () => {
    const keys = ['ArrowDown', 'ArrowUp', 'PageDown', 'PageUp', 'Home', 'End']
    fc.assert(
      fc.property(
        fc.constantFrom(...keys),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: -1, max: 49 }),
        (key, count, from) => {
          const next = rowAfterKey(key, Math.min(from, count - 1), count, 10)
          expect(next).toBeGreaterThanOrEqual(0)
          expect(next).toBeLessThan(count)
        },
      ),
    )
    expect(rowAfterKey('ArrowDown', -1, 0, 10)).toBeUndefined()
    expect(rowAfterKey('x', 0, 5, 10)).toBeUndefined()
    expect([rowAfterKey('ArrowDown', -1, 5, 10), rowAfterKey('PageDown', 0, 50, 10)]).toEqual([
      0, 10,
    ])
  })
})
