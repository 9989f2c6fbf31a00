import fc from 'fast-check'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import { defaults, paramFaultsMax, paramValuesMax } from '../../src/config.ts'
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

  it('looks no further into what holds much than to say so', () => {
    const modify = compileCheck(commandSchema(orderDomain.methods['order.modify']!))
    const much = (lines: unknown) => modify({ orderId: 'bob-1', lines })
    const tooLong = [{ path: '/lines', message: 'must not have more than 100 items' }]
    expect(much(Array.from({ length: 100_000 }, () => ({})))).toEqual(tooLong)
    const many = { path: '', message: `does not fit, and holds more than ${paramValuesMax} values` }
    let deep: unknown = 0
    for (let level = 0; level < 50_000; level++) deep = [deep]
    expect(much(deep)).toEqual([many])
    const keys = Object.fromEntries(Array.from({ length: 2000 }, (_, key) => [`k${key}`, key]))
    expect(modify({ orderId: 'bob-1', ...keys })).toEqual([many])
    // Each fault is told of what is not so large.
    expect(much([undefined, {}])).toContainEqual({ path: '/lines/1/sku', message: 'is missing' })
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
