import fc from 'fast-check'
import { expect, it } from 'vitest'
import { LongLineError, textLines } from '../../src/upkeep/text-lines.ts'

async function linesOf(parts: readonly Buffer[], bytesMax = 1000) {
  const lines: [number, string][] = []
  async function* stream() {
    yield* parts
  }
  for await (const { number, bytes } of textLines(stream(), bytesMax)) {
    lines.push([number, bytes.toString('utf8')])
  }
  return lines
}

it('gives each line with its number, however the text is cut', async () => {
  const text = fc
    .array(fc.constantFrom('a', 'bc', 'é', '\n', '\n\n'))
    .map((parts) => parts.join(''))
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.nat(100)), async (whole, cuts) => {
      const bytes = Buffer.from(whole)
      const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length]
      places.sort((a, b) => a - b)
      const parts = places.slice(1).map((end, index) => bytes.subarray(places[index], end))
      const expected = whole
        .split('\n')
        .map((line, index): [number, string] => [index + 1, line])
        .filter(([, line]) => line !== '')
      expect(await linesOf(parts)).toEqual(expected)
    }),
  )
})

it('counts empty lines, and leaves them out', async () => {
  expect(await linesOf([Buffer.from('a\r\n\r\n\nb')])).toEqual([
    [1, 'a\r'],
    [4, 'b'],
  ])
})

it('refuses a long line, wherever it ends', async () => {
  for (const text of [`a\n${'b'.repeat(11)}\nc`, `a\n${'b'.repeat(11)}`]) {
    const parts = [...Buffer.from(text)].map((byte) => Buffer.from([byte]))
    for (const cut of [parts, [Buffer.from(text)]]) {
      const refusal = expect.objectContaining({ line: 2, message: 'it is longer than 10 bytes' })
      await expect(linesOf(cut, 10)).rejects.toEqual(refusal)
      await expect(linesOf(cut, 10)).rejects.toBeInstanceOf(LongLineError)
    }
  }
})
