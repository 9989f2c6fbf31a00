import { crc32 as ofZlib } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { viewOf } from '../../src/log/byte-writer.ts'
import { crc32 } from '../../src/log/crc32.ts'

describe('the checksum of bytes', () => {
  it("is zlib's, wherever they begin and end", () => {
    const property = fc.property(
      fc.uint8Array({ maxLength: 3000, size: 'max' }),
      fc.nat(40),
      fc.nat(40),
      (bytes, before, after) => {
        const buffer = Buffer.from(bytes)
        const start = Math.min(before, buffer.length)
        const end = Math.max(start, buffer.length - after)
        expect(crc32(viewOf(buffer), start, end)).toBe(ofZlib(buffer.subarray(start, end)))
      },
    )
    fc.assert(property, { numRuns: 500 })
  })

  it.each([0, 1, 7, 8, 15, 16, 17, 639, 640, 641, 1024])("is zlib's of %d bytes", (count) => {
    const bytes = Buffer.from(Array.from({ length: count }, (_, at) => (at * 7 + 200) & 255))
    expect(crc32(viewOf(bytes), 0, count)).toBe(ofZlib(bytes))
  })
})
