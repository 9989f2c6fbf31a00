import fc from 'fast-check'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import { defaults, paramFaultsMax } from '../../src/config.ts'
import { orderDomain } from '../../src/order/index.ts'
import { commandSchema } from '../../src/protocol/commands.ts'
import { readMethods } from '../../src/protocol/methods.ts'
import { compileCheck } from '../../src/protocol/params.ts'

const schemas = {
  ...Object.fromEntries(
    Object.entries(orderDomain.methods).map(([name, method]) => [name, commandSchema(method)]),
  ),
  ...readMethods(defaults),
}

describe('a check', () => {
  it('finds no fault in what has the form', () => {
    const check = compileCheck(schemas['order.get'])
    expect(check({ orderId: 'bob-1' })).toEqual([])
  })

  it('says what an id must match', () => {
    const check = compileCheck(schemas['order.get'])
    expect(check({ orderId: 'a b' })).toEqual([
      { path: '/orderId', message: 'must match ^[A-Za-z0-9_.:-]{1,64}$' },
    ])
  })

  it('says which values there are, or of what kind and a few of them', () => {
    const currency = compileCheck(commandSchema(orderDomain.methods['order.new']!))
    const lines = [{ sku: 'widget', quantity: 1, unitPrice: 1 }]
    expect(currency({ currency: 'usd', lines })).toEqual([
      {
        path: '/currency',
        message: expect.stringMatching(
          /^must be one of \d+ values \(ISO 4217\), such as AED, AFN, /,
        ),
      },
    ])
    const size = compileCheck(Type.Object({ size: Type.Enum(['S', 'M', 'L']) }))
    expect(size({ size: 'XL' })).toEqual([{ path: '/size', message: 'must be one of S, M, L' }])
  })

  it('names an unknown key once, beside what else is wrong', () => {
    const check = compileCheck(
      Type.Object({ a: Type.Object({ b: Type.Integer() }, { additionalProperties: false }) }),
    )
    expect(check({ a: { b: 'x', c: 1 } })).toEqual(
      expect.arrayContaining([
        { path: '/a/c', message: 'is not a known key' },
        { path: '/a/b', message: 'must be integer' },
      ]),
    )
    expect(check({ a: { b: 'x', c: 1 } })).toHaveLength(2)
  })

  it('names the first of more unknown keys than TypeBox tells of, and of what else is wrong', () => {
    const keys = Array.from({ length: 20 }, (_, n) => [`key-${n}`, n])
    const faults = compileCheck(schemas['order.get'])({ orderId: {}, ...Object.fromEntries(keys) })
    expect(faults).toHaveLength(paramFaultsMax)
    expect(faults[0]).toEqual({ path: '/key-0', message: 'is not a known key' })
  })

  // A check that found a form wrong and then named no fault would let it through.
  it.each(Object.keys(schemas))('of %s names a fault wherever there is one', (name) => {
    const schema = schemas[name as keyof typeof schemas]!
    const compiled = Compile(schema)
    const check = compileCheck(schema)
    const keys = fc.oneof(
      fc.constantFrom(...Object.keys(schema.properties), '__proto__', 'constructor'),
      fc.string(),
    )
    const values = fc.oneof(fc.jsonValue(), fc.constantFrom('a', 1, 'USD'))
    const candidates = fc.oneof(
      fc.jsonValue(),
      fc.array(fc.tuple(keys, values)).map((entries) => Object.fromEntries(entries)),
    )
    fc.assert(
      fc.property(candidates, (value) => {
        expect(check(value).length === 0).toBe(compiled.Check(value))
      }),
    )
  })
})
