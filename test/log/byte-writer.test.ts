import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteWriter, ByteWriters } from '../../src/log/byte-writer.ts'

/** What a writer makes of a value, in memory that is too small to begin with. */
function written(value: unknown): string {
  const writer = new ByteWriter(1)
  writer.json(value)
  return writer.bytes.toString('utf8', 0, writer.at)
}

const nested = (levels: number): unknown => (levels === 0 ? [] : [{ a: nested(levels - 1) }])

describe('the bytes of JSON', () => {
  it('are those of JSON.stringify, whatever JSON can say', () => {
    const anything = fc.oneof(
      fc.jsonValue({ noUnicodeString: false } as never),
      fc.object({
        key: fc.string({ unit: 'binary' }),
        values: [fc.string({ unit: 'binary' }), fc.double(), fc.maxSafeInteger(), fc.boolean()],
        withNullPrototype: true,
        withDate: true,
        withSparseArray: true,
        withBoxedValues: true,
      }),
    )
    fc.assert(
      fc.property(anything, (value) => {
        expect(written({ value })).toBe(JSON.stringify({ value }))
      }),
      { numRuns: 2000 },
    )
  })

  it.each<[string, unknown]>([
    ['numbers on both sides of what a register holds', [2 ** 31 - 1, 2 ** 31, -1, -0, 1e21, 0.5]],
    ['numbers that are none', [Number.NaN, Number.POSITIVE_INFINITY]],
    ['every number of digits', Array.from({ length: 22 }, (_, digits) => 10 ** digits)],
    ['every number of nines', Array.from({ length: 22 }, (_, digits) => 10 ** digits - 1)],
    ['numbers on both sides of the last safe integer', [2 ** 53 - 1, 2 ** 53, 1 - 2 ** 53]],
    ['each character that has to be escaped', '"\\\b\f\n\r\t\u0000\u001f\u007f\u2028'],
    ['half a pair of surrogates', ['\ud800', 'a\udc00b']],
    ['what is left out', { a: undefined, b: () => 1, c: Symbol('c'), d: [undefined] }],
    ['what says itself how it is written', { at: new Date(0), own: { toJSON: () => 'own' } }],
    ['a class of its own', { list: new (class List extends Array {})(), map: new Map() }],
    ['a great many empty lists', Array.from({ length: 10_000 }, () => [])],
    ['more levels than are walked through', nested(200)],
  ])('hold %s', (_, value) => {
    expect(written({ value })).toBe(JSON.stringify({ value }))
  })

  it('throw as JSON.stringify does where there are none', () => {
    const around: Record<string, unknown> = {}
    around['itself'] = around
    expect(() => written(around)).toThrow(TypeError)
    expect(() => written({ big: 1n })).toThrow(TypeError)
  })
})

describe('the bytes of a text', () => {
  it('are those of UTF-8, and counted', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const writer = new ByteWriter(1)
        writer.text('before')
        expect(writer.text(text)).toBe(Buffer.byteLength(text))
        expect(writer.bytes.subarray(0, writer.at)).toEqual(Buffer.from(`before${text}`))
      }),
    )
  })
})

describe('writers that are used again', () => {
  it('are kept up to a number, and not where they have grown large', () => {
    const writers = new ByteWriters(1, 100)
    const [first, second] = [writers.take(), writers.take()]
    expect(second).not.toBe(first)
    writers.giveBack(first)
    writers.giveBack(second)
    expect(writers.take()).toBe(first)
    expect(writers.take()).not.toBe(second)
    first.reserve(5 * 1024 * 1024)
    writers.giveBack(first)
    expect(writers.take()).not.toBe(first)
  })
})
