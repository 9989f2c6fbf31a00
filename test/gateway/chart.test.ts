/** The chart of the machine, as the port serves it. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { chartText } from '../../src/chart/chart.ts'
import type { Engine } from '../../src/index.ts'
import { orderDomain } from '../../src/order/index.ts'
import { systemRuntime } from '../../src/runtime.ts'
import { temporaryFolder } from '../support/folders.ts'
import { parcelDomain } from '../support/parcel.ts'
import { expectServesOn, listening, raw, request, serve } from './serve.ts'

const get = (engine: { address: any }, path: string, headers: Record<string, string> = {}) =>
  fetch(`http://${engine.address.host}:${engine.address.port}${path}`, { headers })

it('is a drawing, and the same as data, as the command line has them', async () => {
  const engine = await listening()
  const json = await get(engine, '/chart.json')
  expect(json.headers.get('content-type')).toBe('application/json; charset=utf-8')
  const text = await json.text()
  expect(text).toBe(await chartText(orderDomain.machine, 'json'))
  const chart = JSON.parse(text)
  expect(chart).toMatchObject({ machine: 'order', hash: expect.stringMatching(/^[0-9a-f]{32}$/) })
  expect(chart.states[4]).toMatchObject({
    id: 'open.payment.unpaid',
    box: { x: expect.any(Number), width: expect.any(Number) },
  })
  const svg = await get(engine, '/chart.svg')
  expect(svg.headers.get('content-type')).toBe('image/svg+xml; charset=utf-8')
  expect(svg.headers.get('content-security-policy')).toBe(
    "default-src 'none'; style-src 'unsafe-inline'",
  )
  expect(await svg.text()).toBe(await chartText(orderDomain.machine, 'svg'))
  await expectServesOn(engine as Engine, 0)
})

it('is of the machine of the domain that the engine was given', async () => {
  const engine = await listening({ domain: parcelDomain } as never)
  const { states } = (await (await get(engine, '/chart.json')).json()) as any
  expect(states.map(({ id }: { id: string }) => id)).toEqual(['', 'packed', 'sent', 'arrived'])
})

it('is asked about again, and not sent again where it is the same', async () => {
  const engine = await listening()
  for (const path of ['/chart.json', '/chart.svg']) {
    const first = await get(engine, path)
    const etag = first.headers.get('etag')!
    expect(etag).toMatch(/^"[0-9a-f]{32}"$/)
    expect(first.headers.get('cache-control')).toBe('no-cache')
    expect((await get(engine, path)).headers.get('etag')).toBe(etag)
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const text = await raw(engine, request(engine, `GET ${path}`, { 'if-none-match': known }))
      expect(text).toMatch(/^HTTP\/1\.1 304 Not Modified\r\n/)
      expect(text).toContain(`etag: ${etag}`)
      expect(text).not.toMatch(/content-length/i)
      expect(text).toMatch(/\r\n\r\n$/)
    }
    expect((await get(engine, path, { 'if-none-match': '"other"' })).status).toBe(200)
  }
})

it('is there for everyone who may reach the server, also where tokens are asked for', async () => {
  const tokensFile = join(temporaryFolder(), 'tokens.json')
  const entry = { token: 'a-token-of-this-test', subject: 'shop', roles: ['read'] }
  writeFileSync(tokensFile, JSON.stringify([entry]))
  const engine = await listening({ listen: { port: 0, tokensFile } })
  expect((await get(engine, '/chart.svg')).status).toBe(200)
  const elsewhere = request(engine, 'GET /chart.svg', { host: 'elsewhere.example' })
  expect(await raw(engine, elsewhere)).toMatch(/^HTTP\/1\.1 403 /)
})

it('is a clear 503 and one line of the log where it cannot be laid out, and all else goes on', async () => {
  const chartLayoutMs = 1234
  const chartRetryMs = 61_000
  let isLate = true
  const retries: (() => void)[] = []
  const after = (ms: number, run: () => void) => {
    if (ms === chartRetryMs) retries.push(run)
    if (ms !== chartLayoutMs || !isLate) return systemRuntime.after(ms, run)
    systemRuntime.soon(run)
    return () => {}
  }
  const lines: string[] = []
  const quiet = { debug() {}, info() {}, warn() {} }
  const logger = { ...quiet, error: (fields: any, text: string) => lines.push(text, fields.why) }
  const runtime = { ...systemRuntime, after }
  const limits = { chartLayoutMs, chartRetryMs }
  const { engine, client } = await serve({ runtime, limits, logger })
  const why = 'The chart of the machine could not be laid out: it took longer than 1234 ms.'
  for (const path of ['/chart.json', '/chart.svg', '/chart.json']) {
    const answer = await get(engine, path)
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('61')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(await answer.json()).toEqual({ error: why })
  }
  expect(lines).toEqual(['there is no chart', why])
  expect((await client.call('order.list')).result).toEqual({ orders: [] })
  await expectServesOn(engine, 0)

  // Later it is tried again.
  isLate = false
  expect(retries).toHaveLength(1)
  retries[0]?.()
  expect((await get(engine, '/chart.svg')).status).toBe(200)
})
