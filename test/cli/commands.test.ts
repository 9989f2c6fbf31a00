import { once } from 'node:events'
import { statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { hasOpenssl, noOpenssl, selfSigned } from '../gateway/certificates.ts'
import { ordinal, Running, serve } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'
import { bob } from '../support/orders.ts'
import { connect } from '../support/rpc.ts'

async function bobsServer() {
  const folder = temporaryFolder()
  const server = await serve(folder, '--first-event-id', '2001')
  const client = await connect(server.address)
  await client.call('order.new', bob.new)
  await client.call('order.modify', bob.modify)
  return { folder, server, client }
}

const nobody =
  'There is no connection to ws://127.0.0.1:1/ws: nobody listens there (ECONNREFUSED). Is the server running?'

describe('ordinal call', () => {
  it('prints the answer, and ends with 0', async () => {
    const { server } = await bobsServer()
    const { code, stdout } = await ordinal(
      'call',
      'order.pay',
      JSON.stringify(bob.pay),
      '--url',
      server.url,
    )
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ orderId: 'bob-1', eventId: 2003, version: 3 })
  })

  it('prints it on one line where a program reads it', async () => {
    const { server } = await bobsServer()
    const { stdout } = await ordinal('call', 'order.list', '{}', '--url', server.url, '--json')
    expect(stdout.split('\n')).toHaveLength(1)
    expect(JSON.parse(stdout).orders).toHaveLength(1)
  })

  it('prints a refusal on stderr, and ends with 1', async () => {
    const { server } = await bobsServer()
    const params = JSON.stringify({ orderId: 'bob-1' })
    const { code, stdout, stderr } = await ordinal(
      'call',
      'order.ship',
      params,
      '--url',
      server.url,
    )
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(JSON.parse(stderr)).toMatchObject({
      code: 2004,
      data: { reason: 'NOT_ALLOWED', guard: 'isPaid', outcome: 'not_applied' },
    })
  })

  it('takes its token from the environment, and says where one is missing or wrong', async () => {
    const folder = temporaryFolder()
    const file = join(folder, 'tokens.json')
    const token = 'a-token-of-this-test'
    writeFileSync(file, JSON.stringify([{ token, subject: 'shop', roles: ['read'] }]))
    const server = await serve(join(folder, 'data'), '--tokens', file)
    const list = (environment: NodeJS.ProcessEnv) =>
      new Running(['call', 'order.list', '{}', '--json', '--url', server.url], environment).ended
    expect(await list({ ORDINAL_TOKEN: token })).toMatchObject({ code: 0, stdout: '{"orders":[]}' })
    for (const wrong of ['', 'some-other-token']) {
      const { code, stderr } = await list({ ORDINAL_TOKEN: wrong })
      expect(code).toBe(1)
      expect(stderr).toContain('token')
      expect(stderr).not.toContain('some-other-token')
    }
  })

  it('says where nobody answers', async () => {
    const { code, stderr } = await ordinal('call', 'order.list', '--url', 'ws://127.0.0.1:1/ws')
    expect({ code, stderr }).toEqual({ code: 1, stderr: `ordinal: ${nobody}\n` })
  })

  it.each(['call', 'watch'])('says why there is no connection for %s', async (command) => {
    const args = command === 'call' ? ['call', 'order.list'] : ['watch']
    const said = async (url: string) => {
      const { code, stdout, stderr } = await ordinal(...args, '--url', url)
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      return stderr
    }
    const { url } = await serve(temporaryFolder())
    const elsewhere = url.replace('/ws', '/elsewhere')
    expect(await said(elsewhere)).toBe(
      `ordinal: There is no connection to ${elsewhere}: the server answered 404 Not Found: WebSocket is at /ws.\n`,
    )
    const wrongHost = url.replace('127.0.0.1', '127.0.0.1.nip.invalid')
    expect(await said(wrongHost)).toMatch(
      /there is no host of that name \((ENOTFOUND|EAI_AGAIN)\)\.$/m,
    )
    expect(await said(url.replace('ws:', 'wss:'))).toMatch(/ \(\w+\)\.$/m)
    const other = createServer((_, response) => response.writeHead(403).end('<h1>\u001b[2J</h1>'))
    other.listen(0, '127.0.0.1')
    onTestFinished(() => void other.close())
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    expect(await said(`ws://127.0.0.1:${port}/ws`)).toContain(
      ': the server answered 403 Forbidden.\n',
    )
  })

  it('says what is wrong with a certificate', async (context) => {
    if (!hasOpenssl()) return context.skip(noOpenssl)
    const { tlsCertFile, tlsKeyFile } = selfSigned()
    const options = ['--tls-cert', tlsCertFile, '--tls-key', tlsKeyFile]
    const { url } = await serve(temporaryFolder(), ...options)
    const { code, stderr } = await ordinal('call', 'order.list', '--url', url)
    expect(code).toBe(1)
    // Newer versions of Node say what could be done, too.
    expect(stderr).toMatch(/: self-signed certificate[^()]*\(DEPTH_ZERO_SELF_SIGNED_CERT\)\.\n/)
  })

  it.each([
    ['{', 'It is not JSON'],
    ['[1]', 'It must be a JSON object'],
    ['7', 'It must be a JSON object'],
  ])('says what is wrong with params %s', async (params, says) => {
    const { code, stderr } = await ordinal('call', 'order.get', params)
    expect(code).toBe(1)
    expect(stderr).toContain(says)
  })

  it('says what is wrong with an address', async () => {
    const { code, stderr } = await ordinal('call', 'order.get', '--url', 'http://nowhere')
    expect(code).toBe(1)
    expect(stderr).toContain('ws://host:port/ws')
  })
})

describe('ordinal watch', () => {
  it('shows the orders as they are, then each change, a line each', async () => {
    const { server, client } = await bobsServer()
    const watch = new Running(['watch', '--url', server.url])
    expect(await watch.line()).toMatch(
      /^ {2}2002 {2}\S+Z {2}bob-1 +v2 +created +6 widget {2}total 60\.00 USD {2}owed 60\.00 USD$/,
    )
    await client.call('order.pay', bob.pay)
    expect(await watch.line((line) => line.includes('2003'))).toMatch(
      /bob-1 +v3 +paid +6 widget {2}total 60\.00 USD$/,
    )
  })

  it('shows only the order that was asked for, as JSON where a program reads it', async () => {
    const { server, client } = await bobsServer()
    const watch = new Running(['watch', '--order', 'other-1', '--json', '--url', server.url])
    const second = new Running(['watch', '--json', '--url', server.url])
    await second.line()
    await client.call('order.pay', bob.pay)
    await client.call('order.new', { ...bob.new, orderId: 'other-1' })
    expect(JSON.parse(await watch.line())).toMatchObject({ orderId: 'other-1', eventId: 2004 })
  })

  it('says that it waits for an order that is not there, once', async () => {
    const { server, client } = await bobsServer()
    const there = new Running(['watch', '--order', 'bob-1', '--url', server.url])
    await there.line()
    const watch = new Running(['watch', '--order', 'other-1', '--url', server.url])
    expect(await watch.said()).toBe('ordinal: there is no order other-1 yet; it is waited for')
    await client.call('order.new', { ...bob.new, orderId: 'other-1' })
    await watch.line((line) => line.includes('other-1'))
    for (const running of [there, watch]) running.process.kill('SIGINT')
    expect((await watch.ended).stderr).toMatch(/^[^\n]*is waited for\n$/)
    expect((await there.ended).stderr).toBe('')
  })

  it('comes back to a restarted server and misses nothing, and says so on stderr', async () => {
    const { folder, server } = await bobsServer()
    const watch = new Running(['watch', '--url', server.url])
    await watch.line()
    server.process.kill('SIGTERM')
    await server.ended
    const again = await serve(folder, '--port', String(server.address.port))
    const client = await connect(again.address)
    await client.call('order.pay', bob.pay)
    await watch.line((line) => line.includes('2003'))
    watch.process.kill('SIGINT')
    const { code, stdout, stderr } = await watch.ended
    expect(code).toBe(0)
    expect(stdout.split('\n').map((line) => Number(line.slice(0, 6)))).toEqual([2002, 2003])
    expect(stderr).toMatch(/^ordinal: the connection is lost \(4200 [^\n]*\n[^\n]*is back\n$/)
  })

  it('ends with 0 on Ctrl-C while there is no server', async () => {
    const { server } = await bobsServer()
    const watch = new Running(['watch', '--url', server.url])
    await watch.line()
    const said = new Promise((resolve) => watch.process.stderr?.once('data', resolve))
    server.process.kill('SIGTERM')
    await said
    watch.process.kill('SIGINT')
    const { code, stderr } = await watch.ended
    expect(code).toBe(0)
    expect(stderr).toContain('the connection is lost (4200 ')
  })

  it('ends with 1 where nobody answers at first', async () => {
    expect(await ordinal('watch', '--url', 'ws://127.0.0.1:1/ws')).toMatchObject({
      code: 1,
      stderr: `ordinal: ${nobody}\n`,
    })
  })

  it('ends with 0 on Ctrl-C', async () => {
    const { server } = await bobsServer()
    const watch = new Running(['watch', '--url', server.url])
    await watch.line()
    watch.process.kill('SIGINT')
    expect(await watch.ended).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('ordinal history and ordinal events', () => {
  it('list events beside the running server, a line each', async () => {
    const { folder } = await bobsServer()
    const { code, stdout } = await ordinal('history', 'bob-1', '--data', folder)
    expect(code).toBe(0)
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^ {2}2001 {2}\S+Z {2}NewOrderEvent +bob-1 +v1 +\{.*"quantity":5/),
      expect.stringMatching(/^ {2}2002 {2}\S+Z {2}ModifyOrderEvent +bob-1 +v2 +\{.*"quantity":6/),
    ])
    expect((await ordinal('events', '--data', folder)).stdout).toBe(stdout)
  })

  it('print events in the form that they have on the wire', async () => {
    const { folder, client } = await bobsServer()
    const { result } = await client.call('order.history', { orderId: 'bob-1' })
    for (const args of [['history', 'bob-1'], ['events']]) {
      const { stdout } = await ordinal(...args, '--data', folder, '--json')
      expect(stdout.split('\n').map((line) => JSON.parse(line))).toEqual(result.events)
    }
  })

  it('begin and end where they are told to', async () => {
    const { folder } = await bobsServer()
    const { stdout } = await ordinal('events', '--data', folder, '--from', '2002', '--limit', '1')
    expect(stdout).toMatch(/^ {2}2002 [^\n]*$/)
    const past = await ordinal('events', '--data', folder, '--from', '9999')
    const stderr = expect.stringMatching(/^There is no event 9999 yet: the newest is \d+\.\s*$/)
    expect(past).toMatchObject({ code: 0, stdout: '', stderr })
  })

  it('show no control character of what somebody sent', async () => {
    const { folder, client } = await bobsServer()
    const sku = 'bell\u0007 turn\u202e escape\u001b[2J'
    const lines = [{ sku, quantity: 1, unitPrice: 1 }]
    await client.call('order.new', { ...bob.new, orderId: 'evil', lines })
    const { stdout } = await ordinal('history', 'evil', '--data', folder)
    expect(stdout).toContain('bell\\u0007 turn\\u202e escape\\u001b[2J')
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u)
  })

  it('say where there is no such order, and no log', async () => {
    const { folder } = await bobsServer()
    const missing = await ordinal('history', 'nobody', '--data', folder)
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('no order nobody') })
    const empty = temporaryFolder()
    for (const args of [['history', 'bob-1'], ['events']]) {
      const { code, stderr } = await ordinal(...args, '--data', empty)
      expect(code).toBe(1)
      expect(stderr).toContain('is not a data folder of Ordinal')
    }
  })
})

describe('ordinal', () => {
  it.each([
    ...['serve', 'call', 'watch', 'history', 'events', 'compare', 'chart', 'asyncapi'],
    ...['verify', 'salvage', 'backup', 'export', 'import'],
  ])('explains %s with an example', async (command) => {
    const { code, stdout } = await ordinal(command, '--help')
    expect(code).toBe(0)
    expect(stdout).toContain(`$ ordinal ${command}`)
    expect(stdout).toContain('--json')
  })

  it('can be run as it was built, as npx does', () => {
    const built = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
    expect(statSync(built).mode & 0o111).toBe(0o111)
  })

  it('names its commands, and refuses others', async () => {
    const { stdout } = await ordinal('--help')
    for (const step of ['serve', 'watch', 'call order.new', 'compare']) {
      expect(stdout).toContain(`  $ ordinal ${step}`)
    }
    expect(await ordinal('frobnicate')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("unknown command 'frobnicate'"),
    })
  })
})
