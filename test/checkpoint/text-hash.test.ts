import { expect, it } from 'vitest'
import { TextHash } from '../../src/checkpoint/stored/text-hash.ts'

/**
 * The vectors of the reference implementation (github.com/veorq/SipHash, `vectors_hsip32`) for inputs of
 * 0, 2, 4 and so on up to 62 bytes, each byte being its index, and the key of the bytes 0 to 7.
 */
const vectors = `
  a9359f5b fa62a603 2a6e4689 5863fc23 d0b8848f 94b07934 57f0872f d6fff87c
  d9b5ac84 465b8d9b e34d1045 70f367fe 27400c63 4f567b5f b0644000 509e338b
  fee72112 6a434f8c e75cc6ec 63688b0f b6bc1840 2442fd2e 7705d548 b6d499c8
  69e12ce3 369764c6 3b85f3d4 1e692a3a a5c5b940 7dbc8140 d4e76c73 bd83997a
`

it('is HalfSipHash-2-4 of the code units of a text', () => {
  const hash = new TextHash(0x03020100, 0x07060504)
  const expected = vectors.trim().split(/\s+/)
  const found = expected.map((_, units) => {
    const bytes = Uint8Array.from({ length: 2 * units }, (_, index) => index)
    const digest = Buffer.alloc(4)
    digest.writeUInt32LE(hash.of(Buffer.from(bytes).toString('utf16le')))
    return digest.toString('hex')
  })
  expect(expected).toHaveLength(32)
  expect(found).toEqual(expected)
})

it('is another one with another salt, and the same with the same', () => {
  const texts = ['', 'order-1', 'order-2', 'Bestellung ä€😀'.repeat(4)]
  const hashes = (salt: string) => texts.map((text) => TextHash.salted(salt).of(text))
  expect(hashes('one')).toEqual(hashes('one'))
  for (const [index, hash] of hashes('one').entries()) expect(hash).not.toBe(hashes('two')[index])
  expect(new Set(hashes('one')).size).toBe(texts.length)
})
