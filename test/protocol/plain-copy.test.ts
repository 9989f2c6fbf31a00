import fc from 'fast-check'
import { type TSchema, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import { orderDomain } from '../../src/order/index.ts'
import { commandSchema, copyOf } from '../../src/protocol/commands.ts'
import { compilePlainCopy } from '../../src/protocol/plain-copy.ts'
import { bob } from '../support/orders.ts'
import { parcelDomain } from '../support/parcel.ts'

const methods = { ...orderDomain.methods, ...parcelDomain.methods }
const closed = { additionalProperties: false }
const option = Type.Optional(Type.Integer())
const schemas: Record<string, TSchema> = {
  'many options': Type.Object(
    { a: option, b: option, c: Type.Integer(), d: option, e: option, f: option, g: option },
    closed,
  ),
}
for (const [name, method] of Object.entries(methods)) schemas[name] = commandSchema(method)
const plainCopyOf = (schema: TSchema) => compilePlainCopy(schema)!

/** Values for the keys that a schema has, mostly right, and sometimes not. */
function mostlyRight(schema: TSchema): fc.Arbitrary<unknown> {
  const { type, properties, items } = schema as {
    type?: string
    properties?: Record<string, TSchema>
    items?: TSchema
  }
  const wrong = fc.oneof(fc.jsonValue(), fc.constant(undefined), fc.constant(Number.NaN))
  return fc.oneof({ weight: 40, arbitrary: right() }, { weight: 1, arbitrary: wrong })

  function right(): fc.Arbitrary<unknown> {
    if (properties) {
      const entries = Object.entries(properties).map(([key, inner]) => [key, mostlyRight(inner)])
      const { required = [] } = schema as { required?: string[] }
      const record = fc.record(Object.fromEntries(entries), { requiredKeys: required as never[] })
      const more = fc.constantFrom<object>(
        {},
        {},
        {},
        {},
        {},
        {},
        { more: 1 },
        { lines: undefined },
      )
      return fc.tuple(record, more).map(([own, added]) => ({ ...own, ...added }))
    }
    if (type === 'array') return fc.array(mostlyRight(items!), { maxLength: 3 })
    const number = fc.oneof(fc.constant(0), fc.maxSafeInteger())
    if (type === 'integer') {
      return fc.oneof({ weight: 20, arbitrary: usual(1, 6000) }, { weight: 1, arbitrary: number })
    }
    const odd = fc.oneof(fc.constantFrom('', '𝒳'.repeat(33)), fc.string())
    const texts = (schema as { enum?: string[] }).enum ?? ['bob-1', 'widget']
    return fc.oneof({ weight: 20, arbitrary: usual(...texts) }, { weight: 1, arbitrary: odd })
  }
}

const usual = <T>(...values: readonly T[]) => fc.constantFrom(...values)

describe('a plain copy', () => {
  // One that let through what the schema forbids would put it into the log.
  it.each(Object.keys(schemas))('of %s is made of nothing but what fits', (name) => {
    const schema = schemas[name]!
    const plainCopy = plainCopyOf(schema)
    const compiled = Compile(schema)
    let copies = 0
    fc.assert(
      fc.property(mostlyRight(schema), (value) => {
        const copy = plainCopy(value)
        if (copy === undefined) return
        copies++
        expect(copy).toStrictEqual(copyOf(name, value as object))
        expect(compiled.Check(copy)).toBe(true)
      }),
      { numRuns: 500 },
    )
    expect(copies).toBeGreaterThan(20)
  })

  it.each(Object.values(bob).map((params, place) => [place, params] as const))(
    'is made of what is usual: Bob, %i',
    (place, params) => {
      const name = ['order.new', 'order.modify', 'order.pay'][place]!
      expect(plainCopyOf(schemas[name]!)(params)).toStrictEqual(params)
    },
  )

  it('shares nothing with the value', () => {
    const value = { orderId: 'bob-1', lines: [{ sku: 'widget', quantity: 6 }] }
    const copy = plainCopyOf(schemas['order.modify']!)(value) as typeof value
    expect(copy).toStrictEqual(value)
    expect(copy.lines).not.toBe(value.lines)
    expect(copy.lines[0]).not.toBe(value.lines[0])
  })

  it('looks at each value once, so that none can change after it was looked at', () => {
    const amounts = [6000, -1]
    const value = {
      orderId: 'bob-1',
      paymentId: 'p-1',
      get amount() {
        return amounts.shift()
      },
    }
    expect(plainCopyOf(schemas['order.pay']!)(value)).toMatchObject({ amount: 6000 })
  })

  it('is not made of what is not plain, or has more to it than it shows', () => {
    const plainCopy = plainCopyOf(schemas['order.deliver']!)
    const hidden = Object.defineProperty({}, 'orderId', { value: 'bob-1', enumerable: false })
    const inherited = Object.create({ orderId: 'bob-1' })
    for (const value of [
      hidden,
      inherited,
      new (class A {
        orderId = 'bob-1'
      })(),
      null,
      1,
      [],
    ]) {
      expect(plainCopy(value)).toBeUndefined()
    }
    expect(plainCopy(Object.assign(Object.create(null), { orderId: 'bob-1' }))).toStrictEqual({
      orderId: 'bob-1',
    })
  })

  it('counts the characters of a text, not its units', () => {
    const plainCopy = plainCopyOf(
      Type.Object({ text: Type.String({ minLength: 2, maxLength: 3 }) }, closed),
    )
    expect(plainCopy({ text: '𝒳' })).toBeUndefined()
    expect(plainCopy({ text: '𝒳𝒳' })).toBeUndefined()
    expect(plainCopy({ text: 'abcd' })).toBeUndefined()
  })

  it.each(['^[A-Za-z0-9_.:-]{1,4}$', '^[a-c-]{0,2}$', '^a|b$', '^[^a]{1,2}$'])(
    'asks of a text what the pattern %s asks',
    (pattern) => {
      const schema = Type.Object({ text: Type.String({ pattern }) }, closed)
      const compiled = Compile(schema)
      const texts = fc.string({ unit: usual(...'abcZ09_.:-^\\]}é𝒳\n') as never, maxLength: 5 })
      fc.assert(
        fc.property(texts, (text) => {
          expect(plainCopyOf(schema)({ text }) !== undefined).toBe(compiled.Check({ text }))
        }),
        { numRuns: 1000 },
      )
    },
  )

  it.each([
    ['an open object', Type.Object({ a: Type.Integer() })],
    ['a format', Type.Object({ a: Type.String({ format: 'email' }) }, closed)],
    ['a multiple', Type.Object({ a: Type.Integer({ multipleOf: 2 }) }, closed)],
    ['a union', Type.Object({ a: Type.Union([Type.String(), Type.Null()]) }, closed)],
    ['numbers to choose from', Type.Object({ a: Type.Enum([1, 2]) }, closed)],
    ['a list without end', Type.Object({ a: Type.Array(Type.Integer()) }, closed)],
    [
      'a key that a literal takes for something else',
      Type.Object({ ['__proto__']: Type.Integer() }, closed),
    ],
    ['no object', Type.Integer()],
  ])('is not tried with %s, which is left to the schema', (_, schema) => {
    expect(compilePlainCopy(schema)).toBeUndefined()
  })
})
