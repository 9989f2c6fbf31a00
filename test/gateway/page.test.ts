/** How the console is served: with a strict policy, cached by names that change, on every port. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pageRoutes } from '../../src/gateway/port/page.ts'
import { temporaryFolder } from '../support/folders.ts'
import { openDoor } from './auth/door.ts'

function built(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'assets'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

async function served() {
  const folder = built({
    'index.html': '<!doctype html>',
    'icon.svg': '<svg/>',
    'assets/index-a1.js': 'let a = 1\n'.repeat(1000),
    'assets/index-a1.css': 'a{}',
  })
  const door = await openDoor({ routes: pageRoutes(folder) })
  const { host, port } = door.address
  return (path: string, headers: Record<string, string> = {}) =>
    fetch(`http://${host}:${port}${path}`, { headers })
}

describe('the page', () => {
  it('is at the root, with a policy that lets in nothing from elsewhere and nothing inline', async () => {
    const get = await served()
    const response = await get('/?order=bob-1&event=2')
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('<!doctype html>')
    const policy = response.headers.get('content-security-policy')!
    expect(policy.split('; ').sort()).toEqual([
      "base-uri 'none'",
      "connect-src 'self'",
      "default-src 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "img-src 'self'",
      "script-src 'self'",
      "style-src 'self'",
    ])
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('cache-control')).toBe('no-cache')
  })

  it.each([
    ['/assets/index-a1.js', 'text/javascript; charset=utf-8', /immutable/],
    ['/assets/index-a1.css', 'text/css; charset=utf-8', /immutable/],
    ['/icon.svg', 'image/svg+xml', /^no-cache$/],
  ])('has %s as %s', async (path, type, caching) => {
    const response = await (await served())(path)
    expect(response.headers.get('content-type')).toBe(type)
    expect(response.headers.get('cache-control')).toMatch(caching)
  })

  it('is sent gzipped to those who take it, and plain to others', async () => {
    const get = await served()
    const packed = await get('/assets/index-a1.js', { 'accept-encoding': 'gzip, br' })
    expect(packed.headers.get('content-encoding')).toBe('gzip')
    expect(Number(packed.headers.get('content-length'))).toBeLessThan(200)
    expect(await packed.text()).toHaveLength(10_000)
    for (const encoding of ['identity', 'gzip;q=0, br', 'x-gzipped']) {
      const plain = await get('/assets/index-a1.js', { 'accept-encoding': encoding })
      expect(plain.headers.get('content-encoding')).toBe(null)
      expect(await plain.text()).toHaveLength(10_000)
    }
  })

  it.each(['/index.html', '/assets/', '/assets/none.js', '/%2e%2e/package.json', '/__proto__'])(
    'has nothing at %s',
    async (path) => {
      expect((await (await served())(path)).status).toBe(404)
    },
  )

  it('is not there where it is not built', () => {
    expect(pageRoutes(join(temporaryFolder(), 'none'))).toEqual({})
  })

  it('has no files that a page has no use for', () => {
    const folder = built({ 'index.html': '', 'secret.pem': '' })
    expect(() => pageRoutes(folder)).toThrow('/secret.pem is no file of a page.')
  })
})
