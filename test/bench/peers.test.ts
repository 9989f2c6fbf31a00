/** What of the peers needs none of their packages and servers. */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compare, printComparison } from '../../bench/peers/compare.ts'
import { parseOptions, peerNames, UsageError } from '../../bench/peers/options.ts'
import {
  findProgram,
  foldersBelow,
  MissingProgramError,
  startServer,
} from '../../bench/peers/servers/server.ts'
import { type Append, Orders, type Unnumbered } from '../../bench/peers/subjects/orders.ts'
import type { Event } from '../../bench/subjects/by-hand/rules.ts'
import type { Subject } from '../../bench/subjects/subject.ts'
import { drive, planOrders, WrongResultError } from '../../bench/workload.ts'
import { temporaryFolder } from '../support/folders.ts'
import { lossy } from './subjects.ts'

const folderOfPeers = join(import.meta.dirname, '../../bench/peers')
const readPeersFile = (name: string) => readFileSync(join(folderOfPeers, name), 'utf8')

/** A store that keeps what `keep` makes of each event, and says so in the next turn. */
function memoryStore(keep: (event: Event) => readonly Event[] = (event) => [event]) {
  const events: Event[] = []
  let last = 0
  const append: Append = (event: Unnumbered, kept) => {
    const eventId = ++last
    events.push(...keep({ ...event, eventId } as Event))
    setImmediate(kept, eventId)
  }
  return { events, append }
}

/** Orders on such a store. */
function memorySubject(name: string): Subject {
  return {
    name,
    does: `keeps what ${name} keeps`,
    isDurable: false,
    async open() {
      const { events, append } = memoryStore()
      const orders = new Orders(append)
      return {
        submit: orders.submit,
        check: async (plans) => orders.check(plans, events),
        close: async () => {},
      }
    },
  }
}

describe('orders in front of a store that numbers', () => {
  const plans = planOrders(20)

  it('answer with the numbers of the store, which then has all that was decided', async () => {
    const { events, append } = memoryStore()
    const orders = new Orders(append)
    const receipts: unknown[] = []
    await drive(plans, 7, async (command) => receipts.push(await orders.submit(command)))
    orders.check(plans, events)
    expect(receipts).toEqual(
      events.map(({ orderId, version, eventId, recordedAt }) => ({
        ...{ orderId, version, eventId, recordedAt },
      })),
    )
  })

  it.each<[string, (event: Event) => readonly Event[], RegExp]>([
    ['loses an event', (event) => (event.eventId === 9 ? [] : [event]), /number of an event is 10/],
    ['loses the last', (event) => (event.eventId === 60 ? [] : [event]), /number of events is 59/],
    ['keeps one twice', (event) => [event, event], /number of an event is 1,/],
    [
      'keeps another amount',
      (event) => [{ ...event, data: { ...event.data, amount: 1 } } as Event],
      /in the store is .*"paid":1/,
    ],
    [
      'gives an event to another order',
      (event) => [event.eventId === 60 ? { ...event, orderId: plans[0]!.orderId } : event],
      /the version of order-00000000 is 3, and must be 4/,
    ],
  ])('are refused where it %s', async (_, keep, message) => {
    const { events, append } = memoryStore(keep)
    const orders = new Orders(append)
    await drive(plans, 7, orders.submit)
    const check = () => orders.check(plans, events)
    expect(check).toThrow(WrongResultError)
    expect(check).toThrow(message)
  })

  it('refuse and reject as the rules and the forms say', async () => {
    const orders = new Orders(memoryStore().append)
    const pay = (amount: number) =>
      orders.submit({ method: 'order.pay', params: { orderId: 'a', paymentId: 'p', amount } })
    expect(await pay(1)).toMatchObject({ refused: 'ORDER_NOT_FOUND' })
    await expect(pay(-1)).rejects.toThrow(/amount/)
    const broken = new Orders((_event, _kept, failed) => failed(new Error('disk')))
    await expect(broken.submit(plans[0]!.commands[0]!)).rejects.toThrow('disk')
  })
})

describe('the comparison', () => {
  const first = { subject: memorySubject('first'), isSlow: false }
  const slow = { subject: memorySubject('slow'), isSlow: true }
  const loads = [
    { inFlight: 1, orders: 4, ordersIfSlow: 2 },
    { inFlight: 8, orders: 30, ordersIfSlow: 10 },
  ]
  const measure = (contestants: readonly { subject: Subject; isSlow: boolean }[]) =>
    compare({
      ...{ rounds: 2, warmups: 1, loads, contestants },
      folder: temporaryFolder(),
      note: () => {},
    })

  it('yields a cell for each under each load, with fewer orders where it is slow', async () => {
    const comparison = await measure([first, slow])
    const places = comparison.cells.map(({ subject, inFlight, orders }) => [
      ...[subject, inFlight, orders],
    ])
    expect(places).toEqual([
      ['first', 1, 4],
      ['slow', 1, 2],
      ['first', 8, 30],
      ['slow', 8, 10],
    ])
    for (const { subject, firstIsTimes, commandsPerSecond } of comparison.cells) {
      expect(commandsPerSecond).toBeGreaterThan(0)
      if (subject === 'first') expect(firstIsTimes).toEqual({ figure: 1, range: [1, 1] })
    }
    const printed = printComparison(comparison)
    expect(printed).toContain('slow (NOT FLUSHED): keeps what slow keeps.')
    expect(JSON.parse(JSON.stringify(comparison))).toEqual(comparison)
  })

  it('reports nothing where a peer lost a command, and names the peer', async () => {
    const losing = { subject: lossy(slow.subject), isSlow: true }
    const measured = measure([first, losing])
    await expect(measured).rejects.toThrow(WrongResultError)
    await expect(measured).rejects.toThrow(/^slow: /)
  })
})

describe('what the program is asked for', () => {
  it('is all peers, or those that are named', () => {
    expect(parseOptions([])).toMatchObject({ peers: peerNames, quick: false, json: false })
    const options = parseOptions(['--quick', '--json', '--only', 'nats,sqlite'])
    expect(options).toMatchObject({ peers: ['sqlite', 'nats'], quick: true, json: true })
    expect(parseOptions(['--help'])).toBeUndefined()
  })

  it.each<[string, readonly string[], RegExp]>([
    ['a peer that is none', ['--only', 'sqlite,redis'], /emmett-sqlite,.*nats; "redis" is none/],
    ['no peer', ['--only', ''], /"" is none of them/],
    ['an option that is none', ['--fast'], /--fast.*--help lists the options/],
    ['a folder that is none', ['--folder', '/no/such'], /existing folder, and \/no\/such is none/],
  ])('is not %s', (_, args, message) => {
    expect(() => parseOptions(args)).toThrow(UsageError)
    expect(() => parseOptions(args)).toThrow(message)
  })

  it.each(['README.md', '../README.md'])('is told in %s, each peer by its name', (path) => {
    const document = readPeersFile(path)
    for (const name of peerNames) expect(document).toContain(`\`${name}\``)
  })

  it('is installed from whichever registry npm is set to', () => {
    expect(readPeersFile('package-lock.json')).not.toContain('"resolved"')
  })
})

describe('a server of a peer', () => {
  const ready = /ready at (\d+)/
  const node = (code: string) =>
    startServer(process.execPath, ['-e', code], { ready, killSignal: 'SIGKILL' })

  it('is looked for where its package puts it, and missed by the name of the package', () => {
    expect(findProgram('node', 'nodejs')).toMatch(/\/node$/)
    const folder = join(process.execPath, '..')
    expect(findProgram('node', 'nodejs', [folder])).toMatch(/\/node$/)
    const find = () => findProgram('no-such-server', 'its-package', ['/its/folder'])
    expect(find).toThrow(MissingProgramError)
    expect(find).toThrow(/nor in \/its\/folder.*apt-get install its-package.*--only/)
  })

  it('is taken in its newest version', () => {
    expect(foldersBelow('/no/such', 'bin')).toEqual([])
    const parent = temporaryFolder()
    for (const version of ['9', '15', '13']) mkdirSync(join(parent, version))
    const newestFirst = ['15', '13', '9'].map((version) => join(parent, version, 'bin'))
    expect(foldersBelow(parent, 'bin')).toEqual(newestFirst)
  })

  it('has started once it says so, and has stopped once it has ended', async () => {
    const code = "setInterval(() => {}, 1000); console.error('ready at ' + process.pid)"
    const server = await node(code)
    const pid = Number(server.ready[1])
    expect(process.kill(pid, 0)).toBe(true)
    await server.stop('SIGTERM')
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })

  it('that does not start is told of with what it printed', async () => {
    await expect(node("console.error('no room'); process.exit(3)")).rejects.toThrow(
      /ended \(3\) before it was ready. It printed:\nno room/,
    )
    const none = startServer('/no/such', [], { ready, killSignal: 'SIGKILL' })
    await expect(none).rejects.toThrow(/ENOENT/)
  })
})
