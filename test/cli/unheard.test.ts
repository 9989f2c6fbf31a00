/** What becomes of a command whose output nobody takes. */
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { Writable } from 'node:stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { LogOutput } from '../../src/cli/log-output.ts'
import { logWaitingCharsMax } from '../../src/config.ts'
import { type Ended, Running, serve } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'
import { bob } from '../support/orders.ts'
import { closedPipe, fullPipe } from '../support/pipes.ts'
import { connect } from '../support/rpc.ts'

function fullDisk(): number {
  const file = openSync('/dev/full', 'w')
  onTestFinished(() => closeSync(file))
  return file
}

/** It takes sockets and orders, and logs lines of them. */
async function expectServes(address: { host: string; port: number }): Promise<void> {
  for (const orderId of ['a', 'b', 'c']) {
    const client = await connect(address)
    const { result } = await client.call('order.new', { ...bob.new, orderId })
    expect(result).toMatchObject({ orderId, version: 1 })
    client.socket.close()
    await client.closed
  }
}

/** A port that was free just now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Resolves when the server is ready; rejects where it ends before. */
async function healthy({ host, port }: { host: string; port: number }, { ended }: Running) {
  let end: Ended | undefined
  void ended.then((found) => {
    end = found
  })
  for (;;) {
    const response = await fetch(`http://${host}:${port}/health`).catch(() => undefined)
    if (response?.ok) return
    if (end) throw new Error(`It ended with ${end.code}.`)
  }
}

const serving = (data: string) => ['serve', '--data', data, '--port', '0', '--json']

describe('a server', () => {
  it('goes on where its reader has seen enough, and ends with 0 on SIGTERM', async () => {
    const data = temporaryFolder()
    const pipe = closedPipe()
    const address = { host: '127.0.0.1', port: await freePort() }
    const args = ['serve', '--data', data, '--port', `${address.port}`]
    const server = new Running(args, {}, { stdout: pipe, stderr: pipe })
    await healthy(address, server)
    await expectServes(address)
    server.process.kill('SIGTERM')
    expect(await server.ended).toMatchObject({ code: 0, signal: null })
    // Nothing of it is left: the folder can be written by the next.
    await serve(data)
  })

  it.each([
    ['a pipe that is closed', closedPipe],
    ['a disk that is full', fullDisk],
  ])('serves where its output is %s', async (_, output) => {
    const unheard = new Running(serving(temporaryFolder()), {}, { stdout: output() })
    const ready = await unheard.said((line) => line.includes('"msg":"ready"'))
    await expectServes(JSON.parse(ready))
    const unlogged = new Running(serving(temporaryFolder()), {}, { stderr: output() })
    const { hostname, port } = new URL(JSON.parse(await unlogged.line()).url)
    await expectServes({ host: hostname, port: Number(port) })
    for (const server of [unheard, unlogged]) {
      server.process.kill('SIGTERM')
      expect(await server.ended).toMatchObject({ code: 0, signal: null })
    }
  })

  it('serves, and ends with 0 on SIGTERM, where nobody reads what it logs', async () => {
    const server = new Running(serving(temporaryFolder()), {}, { stderr: fullPipe() })
    const { hostname, port } = new URL(JSON.parse(await server.line()).url)
    await expectServes({ host: hostname, port: Number(port) })
    server.process.kill('SIGTERM')
    expect(await server.ended).toMatchObject({ code: 0, signal: null })
  })
})

describe('another command', () => {
  async function someOrders() {
    const data = temporaryFolder()
    const server = await serve(data)
    await expectServes(server.address)
    return { data, url: server.url }
  }

  it('ends quietly where its reader has seen enough', async () => {
    const { data, url } = await someOrders()
    for (const args of [
      ['events', '--data', data],
      ['history', 'a', '--data', data],
      ['watch', '--url', url],
      ['call', 'order.list', '--url', url],
    ]) {
      const { ended } = new Running(args, {}, { stdout: closedPipe() })
      expect(await ended, args[0]).toMatchObject({ code: 0, signal: null, stderr: '' })
    }
  })

  it('says on one line that its output cannot be written, and ends with 1', async () => {
    const { data, url } = await someOrders()
    for (const args of [
      ['events', '--data', data],
      ['watch', '--url', url],
    ]) {
      const { ended } = new Running(args, {}, { stdout: fullDisk() })
      expect(await ended, args[0]).toMatchObject({
        code: 1,
        stderr: 'ordinal: The output cannot be written: no space left on device.\n',
      })
    }
  })

  it('ends as it would where nobody takes what it says on stderr', async () => {
    const { url } = await someOrders()
    const refused = ['call', 'order.ship', '{"orderId":"a"}', '--url', url]
    const { ended } = new Running(refused, {}, { stderr: closedPipe() })
    expect(await ended).toMatchObject({ code: 1, signal: null, stdout: '' })
  })
})

describe('the output of a log', () => {
  /** A stream that takes nothing until it is told to. */
  function stuck() {
    const taken: string[] = []
    let take = () => {}
    const stream = new Writable({
      decodeStrings: false,
      write(text: string, _, done) {
        taken.push(text)
        take = done
      },
    })
    const takeAll = async () => {
      while (stream.writableLength > 0) {
        take()
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    return { stream, taken, takeAll }
  }

  it('holds no more than it may of what nobody reads, and says how much was dropped', async () => {
    const { stream, taken, takeAll } = stuck()
    const output = new LogOutput(stream)
    output.onDropped = (lines) => output.write(`${lines} dropped\n`)
    const line = `${'x'.repeat(1000)}\n`
    const fitting = Math.floor(logWaitingCharsMax / line.length)
    for (let written = 0; written < fitting + 5; written++) output.write(line)
    expect(stream.writableLength).toBe(fitting * line.length)
    await takeAll()
    expect(taken).toHaveLength(fitting)
    output.write('after\n')
    output.write('later\n')
    await takeAll()
    expect(taken.slice(fitting)).toEqual(['5 dropped\n', 'after\n', 'later\n'])
  })

  it('writes lines in another form where one is given', async () => {
    const { stream, taken } = stuck()
    new LogOutput(stream, (line) => line.toUpperCase()).write('line\n')
    expect(taken).toEqual(['LINE\n'])
  })
})
