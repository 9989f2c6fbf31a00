import type { Writable } from 'node:stream'
import { expect, it } from 'vitest'
import * as ws from 'ws'
import { textFrames } from '../../src/gateway/port/text-frame.ts'

// The library's types leave it out.
const { Receiver } = ws as unknown as { Receiver: new (options: object) => Writable }

/** What the ws library reads from the bytes: texts, in their order. */
function readBack(bytes: Buffer): Promise<readonly string[]> {
  const texts: string[] = []
  const receiver = new Receiver({ isServer: false, maxPayload: 1_000_000 })
  return new Promise((resolve, reject) => {
    receiver.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) reject(new Error('A binary frame.'))
      texts.push(data.toString())
    })
    receiver.on('error', reject)
    receiver.on('finish', () => resolve(texts))
    receiver.end(bytes)
  })
}

it.each([0, 1, 125, 126, 127, 65_535, 65_536, 70_000])('has a text of %i bytes', async (length) => {
  const text = 'x'.repeat(length)
  expect(await readBack(textFrames([text]))).toEqual([text])
  expect(await readBack(textFrames([Buffer.from(text)]))).toEqual([text])
})

it('has several texts, one after the other, in all of Unicode', async () => {
  const texts = ['{"a":1}', 'Grüße', '𝄞'.repeat(40), '', 'ü'.repeat(40_000), 'end']
  const mixed = texts.map((text, index) => (index % 2 === 0 ? text : Buffer.from(text)))
  expect(await readBack(textFrames(mixed))).toEqual(texts)
})
