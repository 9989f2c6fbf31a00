import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ContextShape } from '../../src/statechart/compiled/context-shape.ts'

const anyKey = fc.constantFrom('a', 'b', 'c', '0', 'a"b', '__proto__', 'constructor')
const anyContext = fc.dictionary(anyKey, fc.nat(), { noNullPrototype: true })

describe('a context with what is assigned to it', () => {
  it('has the keys, the order of keys, and the values that spreading gives', () => {
    const property = fc.property(anyContext, anyContext, anyContext, (first, context, part) => {
      const shape = new ContextShape(first)
      for (const from of [first, context]) {
        const expected = Object.assign({ ...from }, part)
        expect(Object.entries(shape.merged(from, part))).toEqual(Object.entries(expected))
        expect(Object.getPrototypeOf(shape.merged(from, part))).toBe(
          Object.getPrototypeOf(expected),
        )
      }
    })
    fc.assert(property)
  })

  it('is a new one, and changes neither', () => {
    const context = Object.freeze({ a: 1, b: [2] })
    const part = Object.freeze({ a: 3 })
    const merged = new ContextShape(context).merged(context, part)
    expect(merged).toEqual({ a: 3, b: [2] })
    expect(merged).not.toBe(context)
    expect(Object.isFrozen(merged)).toBe(false)
  })

  it('keeps keys that are new, and those that are not there', () => {
    const shape = new ContextShape({ a: 1, b: 2 })
    const more = shape.merged({ a: 1, b: 2 }, { c: 3 })
    expect(shape.merged(more, { a: 4 })).toEqual({ a: 4, b: 2, c: 3 })
    expect(Object.keys(shape.merged({ b: 2 }, {}))).toEqual(['b'])
    expect(Object.keys(shape.merged({ b: 2, a: 1 }, {}))).toEqual(['b', 'a'])
  })

  it('keeps symbols where a machine begins with some', () => {
    const symbol = Symbol('own')
    const shape = new ContextShape({ [symbol]: 1 })
    expect(shape.merged({ [symbol]: 1 }, { a: 2 })).toEqual({ [symbol]: 1, a: 2 })
  })
})
