/** Holds the tables of PROTOCOL.md to what the engine says: each row, both ways. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { configure, defaults } from '../../src/config.ts'
import { codes } from '../../src/errors.ts'
import { type Domain, orderDomain } from '../../src/index.ts'
import { asyncApiDocument } from '../../src/protocol/asyncapi.ts'
import { closeReasons } from '../../src/protocol/close-codes.ts'
import { rpcCodes } from '../../src/protocol/jsonrpc.ts'

const text = readFileSync(new URL('../../src/protocol/PROTOCOL.md', import.meta.url), 'utf8')

/** The rows of the tables under a heading, without the head of each: their cells, as they stand. */
function rowsUnder(heading: string): string[][] {
  const [, after = ''] = text.split(`\n## ${heading}\n`)
  const [section = ''] = after.split('\n## ')
  return section
    .split('\n')
    .filter((line) => /^\| -?\d/.test(line))
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()))
}

const withoutTicks = (cell = '') => cell.replaceAll('`', '')

describe('the tables of PROTOCOL.md', () => {
  it('have every code of an error with its reason, and no other', () => {
    const rows = rowsUnder('Errors')
    const reasons = rows.filter(([code]) => Number(code) > 0)
    expect(reasons.map(([code, reason]) => [withoutTicks(reason), Number(code)])).toEqual(
      Object.entries({ ...codes, ...orderDomain.refusals }).sort(([, a], [, b]) => a - b),
    )
    const malformed = rows.map(([code]) => Number(code)).filter((code) => code < 0)
    expect(malformed.sort()).toEqual(Object.values(rpcCodes).sort())
  })

  it('have every close code with when it comes, and no other', () => {
    const rows = rowsUnder('Close codes').map(([code, when]) => ({ code: Number(code), when }))
    expect(rows).toEqual(closeReasons(defaults))
  })
})

describe('the AsyncAPI document', () => {
  it('has the same close codes, with the limits that this server has', () => {
    const config = configure({ fragmentsMax: 7, frameBytesMax: 8192, helloTimeoutMs: 3000 })
    const document: any = asyncApiDocument(orderDomain as unknown as Domain, config)
    expect(document.channels.session['x-close-codes']).toEqual(closeReasons(config))
    expect(closeReasons(config)).toEqual(
      expect.arrayContaining([
        { code: 1008, when: 'a message of more than 7 fragments' },
        { code: 1009, when: 'a frame over 8 KiB' },
        { code: 4008, when: 'no token within 3 seconds' },
      ]),
    )
  })
})
