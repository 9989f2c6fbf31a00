import { expect, it } from 'vitest'
import { ordinal, serve } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'

it('prints the document that a server has, for the address that is named', async () => {
  const server = await serve(temporaryFolder())
  const { host, port } = server.address
  const response = await fetch(`http://${host}:${port}/asyncapi.json`)
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
  const { code, stdout, stderr } = await ordinal('asyncapi', '--url', server.url)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const document = JSON.parse(stdout)
  expect(document).toEqual(await response.json())
  expect((await ordinal('asyncapi', '--url', server.url, '--json')).stdout).toBe(stdout)
  expect(document).toMatchObject({
    asyncapi: '3.0.0',
    servers: { gateway: { host: `${host}:${port}`, protocol: 'ws' } },
    operations: { 'order.new': { action: 'receive' }, 'views.next': { action: 'send' } },
  })
})

it('refuses an address that is none of a gateway', async () => {
  const { code, stderr } = await ordinal('asyncapi', '--url', 'http://nowhere')
  expect(code).toBe(1)
  expect(stderr).toContain('ws://host:port/ws')
})
