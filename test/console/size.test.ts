/** The page as it is built: how large it is, and that it is of one piece with its policy. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { builtPage } from '../../src/gateway/port/page.ts'

const gzippedBytesMax = 60_000

function builtFiles(): readonly string[] {
  if (!existsSync(builtPage)) throw new Error('The console is not built: npm run build.')
  return readdirSync(builtPage, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

describe('the console as it is built', () => {
  it(`has ${gzippedBytesMax} bytes gzipped at the most, all of it together`, () => {
    const files = builtFiles()
    expect(files.some((file) => file.endsWith('.js'))).toBe(true)
    const sizes = files.map((file) => gzipSync(readFileSync(file), { level: 9 }).length)
    const bytes = sizes.reduce((sum, size) => sum + size)
    console.log(`the console: ${bytes} bytes gzipped, of ${gzippedBytesMax} at the most`)
    expect(bytes).toBeLessThanOrEqual(gzippedBytesMax)
  })

  it('names no other place to load from', () => {
    for (const file of builtFiles()) {
      const text = readFileSync(file, 'utf8')
      const places = [...text.matchAll(/(?:https?:)?\/\/[a-z0-9.-]+\.[a-z]{2,}/gi)].map(
        ([at]) => at,
      )
      // What a namespace is called is no address.
      expect(places.filter((at) => at !== 'http://www.w3.org')).toEqual([])
    }
  })

  it('has no script and no style in its HTML', () => {
    const html = readFileSync(join(builtPage, 'index.html'), 'utf8')
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/i)
  })
})
