import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ordinal, Running, serve } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'
import { bob } from '../support/orders.ts'
import { connect } from '../support/rpc.ts'

describe('ordinal serve', () => {
  it('says on one line where it is ready', async () => {
    const folder = join(temporaryFolder(), 'made', 'anew')
    const running = new Running(['serve', '--data', folder, '--port', '0'])
    const line = await running.line()
    expect(line).toMatch(
      /^Ordinal is ready at ws:\/\/127\.0\.0\.1:\d+\/ws \(console: http:\/\/127\.0\.0\.1:\d+\/, health: http:\/\/127\.0\.0\.1:\d+\/health\)\./,
    )
    expect(line).toContain('0 orders, newest event 0')
    expect(line).not.toContain('all addresses')
  })

  it('says of all addresses by which name it is reached', async () => {
    const folder = temporaryFolder()
    const tokens = join(folder, 'tokens.json')
    const token = 'a-token-of-this-test'
    writeFileSync(tokens, JSON.stringify([{ token, subject: 'shop', roles: ['read'] }]))
    for (const [name, at] of [
      ['orders.example', /orders\.example:\d+/],
      ['orders.example:8443', /orders\.example:8443/],
    ] as const) {
      const running = new Running([
        ...['serve', '--data', join(folder, name), '--host', '::', '--port', '0'],
        ...['--behind-proxy', '--tokens', tokens, '--allow-host', name],
      ])
      const line = await running.line()
      expect(line).toMatch(
        new RegExp(`ready at ws://${at.source}/ws .*, and listens on all addresses`),
      )
    }
  })

  it('tells the story of the two systems to whoever opens the page', async () => {
    const { address } = await serve(temporaryFolder())
    const story: any = await (await fetch(`http://127.0.0.1:${address.port}/compare.json`)).json()
    expect(story.chapters).toHaveLength(4)
    expect(story.rebuilt).toMatchObject({ events: 3, equal: true })
  })

  it('says so as JSON where a program reads it', async () => {
    const running = new Running(['serve', '--data', temporaryFolder(), '--port', '0', '--json'])
    expect(JSON.parse(await running.line())).toMatchObject({ ready: true, orders: 0, eventId: 0 })
  })

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'answers what it was asked, and ends with 0, on %s',
    async (signal) => {
      const folder = temporaryFolder()
      const server = await serve(folder, '--log-level', 'warn')
      const client = await connect(server.address)
      const answers = Array.from({ length: 200 }, (_, index) =>
        client.call('order.new', { ...bob.new, orderId: `order-${index}` }),
      )
      await answers[0]
      // Twice, as npm passes on what a terminal sends to it and to its child.
      server.process.kill(signal)
      server.process.kill(signal)
      const results = await Promise.all(answers)
      const accepted = results.filter(({ result }) => result).length
      for (const { result, error } of results) {
        expect(result ? 'accepted' : error?.data.reason).toMatch(/^(accepted|STOPPING)$/)
      }
      expect(await client.closed).toMatchObject({ code: 4200 })
      expect(await server.ended).toMatchObject({ code: 0, stderr: '' })
      const listed = await ordinal('events', '--data', folder, '--json')
      expect(listed.stdout.split('\n')).toHaveLength(accepted)
    },
  )

  it('has everything that it gave a receipt for after kill -9', async () => {
    const folder = temporaryFolder()
    const killed = await serve(folder, '--first-event-id', '2001')
    const client = await connect(killed.address)
    await client.call('order.new', bob.new)
    await client.call('order.modify', bob.modify)
    const { result: receipt } = await client.call('order.pay', bob.pay)
    killed.process.kill('SIGKILL')
    expect(receipt).toMatchObject({ eventId: 2003, version: 3 })
    expect(await killed.ended).toMatchObject({ signal: 'SIGKILL' })

    const server = await serve(folder)
    const again = await connect(server.address)
    expect((await again.call('order.get', { orderId: 'bob-1' })).result).toMatchObject({
      status: 'paid',
      version: 3,
      lines: [{ sku: 'widget', quantity: 6, unitPrice: 1000 }],
    })
    const { result } = await again.call('order.history', { orderId: 'bob-1' })
    expect(result.events.map((event: any) => [event.eventId, event.type])).toEqual([
      [2001, 'NewOrderEvent'],
      [2002, 'ModifyOrderEvent'],
      [2003, 'OrderPaymentEvent'],
    ])
  })
})

describe('ordinal serve ends with 1, and says why,', () => {
  it.each([
    ['before its next receipt', true],
    ['though nobody asks anything', false],
  ])('where its folder is removed: %s', async (_, asks) => {
    const data = join(temporaryFolder(), 'data')
    const server = await serve(data)
    const client = await connect(server.address)
    rmSync(data, { recursive: true })
    if (asks) {
      const { error } = await client.call('order.new', bob.new)
      expect(error?.data.outcome).toMatch(/^(unknown|not_applied)$/)
    }
    expect(await client.closed).toMatchObject({ code: 4200 })
    const { code, stderr } = await server.ended
    expect(code).toBe(1)
    expect(stderr).toContain('was removed or replaced while the log was open')
  })
})

describe('ordinal serve refuses, and says why', () => {
  const refused = async (args: string[], ...says: string[]) => {
    const { code, stdout, stderr } = await ordinal('serve', ...args)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    for (const one of says) expect(stderr).toContain(one)
    expect(stderr).not.toContain('    at ')
  }

  it('a folder that another process writes', async () => {
    const folder = temporaryFolder()
    const server = await serve(folder)
    await refused(['--data', folder, '--port', '0'], 'is being written by', `${server.process.pid}`)
  })

  it('a port that is in use', async () => {
    const { address } = await serve(temporaryFolder())
    await refused(
      ['--data', temporaryFolder(), '--port', `${address.port}`],
      `127.0.0.1:${address.port} is in use`,
    )
  })

  it('a folder that is not ours', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'thesis.txt'), 'do not touch')
    await refused(['--data', folder, '--port', '0'], 'is not a data folder', 'thesis.txt')
  })

  it('a folder from a newer format', async () => {
    const folder = temporaryFolder()
    const mark = { format: 99, epoch: 'e', firstEventId: 1, domain: 'order' }
    writeFileSync(join(folder, 'ordinal.json'), JSON.stringify(mark))
    await refused(['--data', folder, '--port', '0'], 'has format 99', 'newer version')
  })

  it('a folder that may not be written', async () => {
    const folder = join(temporaryFolder(), 'data')
    mkdirSync(folder, { mode: 0o555 })
    const serving = ['dist/cli/main.js', 'serve', '--data', folder, '--port', '0']
    // Nothing stops root, unless it gives up the right to pass by permissions.
    const drop = ['setpriv', '--bounding-set', '-dac_override', process.execPath]
    const [program = '', ...args] = process.getuid?.() === 0 ? drop : [process.execPath]
    const { status, stderr } = spawnSync(program, [...args, ...serving], {
      cwd: new URL('../..', import.meta.url),
      encoding: 'utf8',
    })
    expect(status).toBe(1)
    expect(stderr).toContain('permission is denied')
  })

  it('another first eventId than the log begins with', async () => {
    const folder = temporaryFolder()
    const server = await serve(folder, '--first-event-id', '2001')
    server.process.kill('SIGTERM')
    await server.ended
    await refused(
      ['--data', folder, '--port', '0', '--first-event-id', '1'],
      'begins with event 2001',
    )
  })

  it('to be reached from other machines', async () => {
    await refused(['--data', temporaryFolder(), '--host', '0.0.0.0'], 'no tokens', '--allow-host')
  })

  it('options out of form', async () => {
    await refused(['--port', '65536'], 'whole number from 0 to 65535')
    await refused(['--first-event-id', '0'], 'whole number from 1')
  })
})
