/** `ordinal serve` where the system does not let it do what it would, or the clock is wrong. */
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, type TestContext } from 'vitest'
import { skip } from '../log/children.ts'
import { ordinal, Running, serve, serveWithin } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'
import { connect, type RpcClient } from '../support/rpc.ts'
import { eventsIn, logOf, shop } from '../upkeep/logs.ts'
import { preloading } from './data/preload.ts'

const line = { sku: 'widget', quantity: 5, unitPrice: 1000 }
const files = ['ordinal.json', 'events.mdb']
const bytesOf = (folder: string) => files.map((name) => readFileSync(join(folder, name), 'latin1'))

/** A folder that a server has had open, so that it holds all that one makes. */
async function servedFolder(): Promise<string> {
  const place = temporaryFolder()
  chmodSync(place, 0o777)
  const folder = await logOf(shop(60), { folder: join(place, 'data') })
  const server = await serve(folder)
  server.process.kill('SIGTERM')
  expect(await server.ended).toMatchObject({ code: 0 })
  chmodSync(folder, 0o777)
  for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o666)
  return folder
}

/** By what to run a command as somebody who is not root, whom file modes stop. */
function nobody(context: TestContext): readonly string[] {
  if (process.getuid?.() !== 0) return []
  const way = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups']
  if (spawnSync(way[0]!, [...way.slice(1), 'true']).status === 0) return way
  return skip(context, 'to drop the rights of root (setpriv)')
}

describe('without the rights to a file that somebody else made', () => {
  it.for(['events.mdb', 'events.mdb-lock', 'writer.lock'])(
    'a server does not start, and says so: %s',
    async (name, context) => {
      const folder = await servedFolder()
      const before = bytesOf(folder)
      for (const mode of [0o444, 0]) {
        chmodSync(join(folder, name), mode)
        const args = ['serve', '--data', folder, '--port', '0']
        const { code, signal, stdout, stderr } = await new Running(
          args,
          {},
          { within: nobody(context) },
        ).ended
        expect({ code, signal, stdout }).toEqual({ code: 1, signal: null, stdout: '' })
        expect(stderr).toMatch(
          /^ordinal: \S+ cannot be opened: permission is denied( \(\S+\))?\.\n$/,
        )
      }
      expect(bytesOf(folder)).toEqual(before)
    },
  )

  it.for(['checkpoint.mdb', 'checkpoint.mdb-lock'])(
    'a server makes the checkpoint anew, and says so: %s',
    async (name, context) => {
      const folder = await servedFolder()
      const before = bytesOf(folder)
      chmodSync(join(folder, name), 0)
      const server = await serveWithin({ within: nobody(context) }, folder)
      const said = JSON.parse(await server.said((text) => text.includes('is made anew')))
      expect(said).toMatchObject({ level: 'warn', why: `permission is denied (${name})` })
      const client = await connect(server.address)
      expect((await client.call('order.list', {})).result.orders).toHaveLength(20)
      server.process.kill('SIGTERM')
      expect(await server.ended).toMatchObject({ code: 0 })
      expect(bytesOf(folder)).toEqual(before)
    },
  )

  it('a server goes on without a checkpoint where it may not make one, and says so', async (context) => {
    const folder = await servedFolder()
    const before = bytesOf(folder)
    chmodSync(join(folder, 'checkpoint.mdb'), 0)
    // Others' files in it cannot be removed.
    chmodSync(folder, 0o1777)
    const server = await serveWithin({ within: nobody(context) }, folder)
    const said = JSON.parse(await server.said((text) => text.includes('there is no checkpoint')))
    expect(said).toMatchObject({
      level: 'error',
      why: `${folder}/checkpoint.mdb cannot be opened: permission is denied (checkpoint.mdb).`,
    })
    const client = await connect(server.address)
    expect((await client.call('order.list', {})).result.orders).toHaveLength(20)
    server.process.kill('SIGTERM')
    expect(await server.ended).toMatchObject({ code: 0 })
    expect(bytesOf(folder)).toEqual(before)
  })
})

it('a folder in place of a lock file is said, by every command that opens the log', async () => {
  const folder = await logOf(shop(60))
  const lock = join(folder, 'events.mdb-lock')
  rmSync(lock)
  mkdirSync(lock)
  const before = bytesOf(folder)
  for (const args of [
    ['serve', '--port', '0'],
    ['verify'],
    ['events'],
    ['export'],
    ['backup', `${folder}-2`],
    ['history', 'order-1'],
  ]) {
    const { code, signal, stdout, stderr } = await ordinal(...args, '--data', folder)
    expect({ code, signal, stdout }, args[0]).toEqual({ code: 1, signal: null, stdout: '' })
    const why = 'cannot be opened: it is no file (events.mdb-lock).'
    expect(stderr).toBe(`ordinal: ${folder} ${why}\n`)
  }
  expect(bytesOf(folder)).toEqual(before)
})

it.each([
  ['empty', '', 'it is empty'],
  ["another program's", 'SQLite format 3\0'.repeat(1000), 'it does not begin like one'],
])('a checkpoint that is %s is said, and the orders are those of the log', async (_, text, why) => {
  const folder = await servedFolder()
  const before = bytesOf(folder)
  writeFileSync(join(folder, 'checkpoint.mdb'), text)
  const server = await serve(folder)
  const said = JSON.parse(await server.said((text) => text.includes('is made anew')))
  expect(said).toMatchObject({ level: 'warn', why })
  const client = await connect(server.address)
  expect((await client.call('order.list', {})).result.orders).toHaveLength(20)
  server.process.kill('SIGKILL')
  await server.ended
  expect(bytesOf(folder)).toEqual(before)
})

it('where no more files may be open, a server keeps what it has, and takes more when it can', async (context) => {
  if (spawnSync('prlimit', ['--version']).status !== 0) skip(context, 'prlimit')
  const folder = temporaryFolder()
  const server = await serve(folder)
  const first = await connect(server.address)
  const pid = String(server.process.pid)
  const open = readdirSync(`/proc/${pid}/fd`).length
  const limit = (files: number) => execFileSync('prlimit', ['--pid', pid, `--nofile=${files}:`])
  limit(open + 3)
  const clients: RpcClient[] = []
  // What is over the limit is closed at once.
  await expect(async () => {
    for (let count = 0; count < 10; count++) clients.push(await connect(server.address))
  }).rejects.toThrow()
  const placed = await first.call('order.new', { orderId: 'o-1', currency: 'USD', lines: [line] })
  expect(placed.result).toMatchObject({ eventId: 1 })
  expect((await first.call('order.history', { orderId: 'o-1' })).result.events).toHaveLength(1)
  for (const { socket, closed } of clients) {
    socket.terminate()
    await closed
  }
  limit(500)
  const late = await connect(server.address)
  expect((await late.call('order.get', { orderId: 'o-1' })).result).toMatchObject({ version: 1 })
  server.process.kill('SIGTERM')
  expect(await server.ended).toMatchObject({ code: 0 })
  expect(await eventsIn(folder)).toHaveLength(1)
})

it('a clock that runs backwards changes times, and nothing else', async () => {
  const folder = temporaryFolder()
  // An hour for each look at it.
  const backwards = preloading(`
    let now = Date.UTC(2030, 0, 1)
    Date.now = () => (now -= 3_600_000)`)
  const args = ['serve', '--data', folder, '--port', '0', '--json']
  let next = 1
  for (let starts = 0; starts < 2; starts++) {
    const server = new Running(args, backwards)
    const { url, orders } = JSON.parse(await server.line())
    expect(orders).toBe(starts * 10)
    const { hostname: host, port } = new URL(url)
    const client = await connect({ host, port: Number(port) })
    await client.call('views.subscribe')
    for (let index = 0; index < 10; index++) {
      const orderId = `o-${starts}-${index}`
      const create = { orderId, commandId: 'c', currency: 'USD', lines: [line] }
      const { result } = await client.call('order.new', create)
      expect(result).toMatchObject({ eventId: next++, version: 1, replayed: false })
      expect((await client.call('order.new', create)).result).toMatchObject({ replayed: true })
      const pay = { orderId, paymentId: 'p', amount: 5000 }
      expect((await client.call('order.pay', pay)).result).toMatchObject({ eventId: next++ })
    }
    const shown = client.notifications('views.next').flatMap(({ params }) => params.views)
    expect(shown.at(-1)).toMatchObject({ eventId: next - 1, status: 'paid' })
    server.process.kill('SIGTERM')
    expect(await server.ended).toMatchObject({ code: 0 })
  }
  const times = (await eventsIn(folder)).map(({ recordedAt }) => recordedAt)
  expect(times[1]).toBeLessThan(times[0]!)
  const { code, stdout } = await ordinal('verify', '--data', folder)
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: `${folder} is sound: events 1 to 40, of 20 orders.`,
  })
})
