import { readdirSync } from 'node:fs'
import { expect, it, onTestFinished } from 'vitest'
import { Demo } from '../../src/cli/demo/demo.ts'
import {
  demoOpenOrdersMax,
  demoPendingMax,
  demoRateDefault,
  demoRateMax,
} from '../../src/config.ts'
import { type Engine, MemoryLog, type Outcome, openEngine } from '../../src/index.ts'
import { type Runtime, systemRuntime } from '../../src/runtime.ts'
import { ordinal, Running } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'
import { bob } from '../support/orders.ts'
import { connect } from '../support/rpc.ts'

/** Time that passes when the test says so, and chance that is the same each time. */
class Hand {
  now = 0
  #next: { readonly at: number; readonly run: () => void } | undefined
  #seed = 7

  readonly runtime: Runtime = {
    ...systemRuntime,
    elapsed: () => this.now,
    random: () => {
      this.#seed = (this.#seed * 48271) % 2147483647
      return this.#seed / 2147483647
    },
    after: (ms, run) => {
      const next = { at: this.now + ms, run }
      this.#next = next
      return () => {
        if (this.#next === next) this.#next = undefined
      }
    },
  }

  get isWaiting(): boolean {
    return this.#next !== undefined
  }

  /** Lets the time pass up to the next thing that is due, and that happen. */
  step(): void {
    const next = this.#next
    if (!next) throw new Error('Nothing is due.')
    this.#next = undefined
    this.now = Math.max(this.now, next.at)
    next.run()
  }
}

async function answered(demo: Demo): Promise<void> {
  while (demo.pending > 0) await new Promise((turn) => setImmediate(turn))
}

async function open(log = new MemoryLog()): Promise<Engine> {
  const engine = await openEngine({ log })
  onTestFinished(() => engine.close())
  return engine
}

/** The engine, with its answers kept. */
function heard(engine: Engine) {
  const answers: Outcome[] = []
  return {
    answers,
    get: engine.get.bind(engine),
    list: engine.list.bind(engine),
    async submit(...args: Parameters<Engine['submit']>) {
      const answer = await engine.submit(...args)
      answers.push(answer)
      return answer
    },
  }
}

it('tells all that can happen to orders, and leads each to its end', async () => {
  const hand = new Hand()
  const engine = await open()
  const seen = new Set<string>()
  let partlyPaid = 0
  engine.subscribe((views) => {
    for (const { status, paid, total } of views) {
      seen.add(status)
      if (paid > 0 && paid < total) partlyPaid++
    }
  })
  const watched = heard(engine)
  const demo = new Demo({ engine: watched as never, runtime: hand.runtime, rate: 20 })
  let mostOpen = 0
  while (watched.answers.length < 5000) {
    hand.step()
    await answered(demo)
    mostOpen = Math.max(mostOpen, demo.open)
  }
  demo.stop()
  expect([...seen].sort()).toEqual(
    ['created', 'partiallyPaid', 'paid', 'shipped', 'completed', 'cancelled', 'refunded'].sort(),
  )
  expect(partlyPaid).toBeGreaterThan(50)
  const refused = watched.answers.flatMap((answer) => ('refused' in answer ? [answer.refused] : []))
  expect(new Set(refused)).toEqual(new Set(['NOT_ALLOWED', 'OVERPAYMENT']))
  expect(refused.length / watched.answers.length).toBeGreaterThan(0.01)
  expect(refused.length / watched.answers.length).toBeLessThan(0.15)
  // However long it goes on, what is open is bounded, and the others have come to an end.
  expect(mostOpen).toBe(demoOpenOrdersMax)
  const { orders } = engine.list({ limit: 1000 })
  expect(engine.counts().orders).toBeGreaterThan(600)
  const ended = orders.filter(({ status, balance }) =>
    status === 'cancelled' ? balance === 0 : ['completed', 'refunded'].includes(status),
  )
  expect(engine.counts().orders - ended.length).toBeLessThanOrEqual(demoOpenOrdersMax + 1)
  // Each event says who made it up.
  for await (const events of engine.events()) {
    for (const { by, orderId } of events) {
      expect(by).toBe('demo')
      expect(orderId).toMatch(/^demo-/)
    }
  }
})

it('goes on with the orders that an earlier one left open, and with no others', async () => {
  const log = new MemoryLog()
  const engine = await open(log)
  await engine.submit('order.new', bob.new)
  const hand = new Hand()
  const first = new Demo({ engine, runtime: hand.runtime, rate: 20 })
  while (first.open < 50) {
    hand.step()
    await answered(first)
  }
  first.stop()
  expect(hand.isWaiting).toBe(false)
  const second = new Demo({ engine, runtime: hand.runtime, rate: 20 })
  expect(second.open).toBeGreaterThan(30)
  expect(second.open).toBeLessThanOrEqual(50)
  for (let count = 0; count < 500; count++) {
    hand.step()
    await answered(second)
  }
  second.stop()
  expect(engine.get('bob-1')).toMatchObject({ version: 1, status: 'created' })
})

/** An engine that answers nothing. */
const mute = {
  submitted: 0,
  submit() {
    this.submitted++
    return new Promise<never>(() => {})
  },
  get: () => undefined,
  list: () => ({ orders: [] }),
}

it('has no more commands waiting than it may, however slow the engine is', () => {
  const hand = new Hand()
  const engine = { ...mute }
  const demo = new Demo({ engine, runtime: hand.runtime, rate: demoRateMax })
  for (let count = 0; count < 1000; count++) hand.step()
  expect(demo.pending).toBe(demoPendingMax)
  expect(engine.submitted).toBe(demoPendingMax)
})

it('keeps to its rate, and does not make up for what it has missed', async () => {
  const hand = new Hand()
  const watched = heard(await open())
  const demo = new Demo({ engine: watched as never, runtime: hand.runtime, rate: 50 })
  while (hand.now < 20_000) {
    hand.step()
    await answered(demo)
  }
  const before = watched.answers.length
  expect(before).toBeGreaterThan(850)
  expect(before).toBeLessThan(1150)
  hand.now += 3_600_000
  hand.step()
  await answered(demo)
  expect(watched.answers.length - before).toBeLessThan(10)
})

it('ends, and says why, where the engine is gone', async () => {
  const hand = new Hand()
  const said: unknown[] = []
  const engine = {
    ...mute,
    submit: () => Promise.reject(new Error('gone')),
  }
  const options = { engine, runtime: hand.runtime, rate: 5, onEnded: (e: unknown) => said.push(e) }
  const demo = new Demo(options)
  while (said.length === 0) {
    if (hand.isWaiting) hand.step()
    await answered(demo)
  }
  expect(said).toEqual([new Error('gone')])
  expect(hand.isWaiting).toBe(false)
})

it('runs in a server that says so, and ends with it', async () => {
  const folder = temporaryFolder()
  const args = ['serve', '--data', folder, '--port', '0', '--demo-rate', '1000']
  const server = new Running([...args])
  const line = await server.line()
  expect(line).toContain('It is a demo: its orders are made up.')
  const [, host, port] = /ws:\/\/([\d.]+):(\d+)\/ws/.exec(line)!
  const client = await connect({ host: host!, port: Number(port) })
  const hasEnded = async () => {
    const { result } = await client.call('order.list', { status: 'completed', limit: 1 })
    return result.orders.length > 0
  }
  await expect.poll(hasEnded).toBe(true)
  server.process.kill('SIGTERM')
  expect(await client.closed).toMatchObject({ code: 4200 })
  const { code, stderr } = await server.ended
  expect(code).toBe(0)
  expect(stderr).toMatch(/"level":"warn".*"rate":1000.*this is a demo: made-up orders/)
  expect(stderr).not.toContain('"level":"error"')
  const { stdout } = await ordinal('events', '--data', folder, '--json', '--limit', '1')
  expect(JSON.parse(stdout)).toMatchObject({ type: 'NewOrderEvent', by: 'demo' })
})

it('keeps what it makes up in a folder of its own, unless another is named', async () => {
  const folder = temporaryFolder()
  const within = ['env', '-C', folder]
  const server = new Running(['serve', '--demo', '--port', '0', '--json'], undefined, { within })
  expect(JSON.parse(await server.line())).toMatchObject({
    data: './ordinal-demo',
    demoRate: demoRateDefault,
  })
  expect(readdirSync(folder)).toEqual(['ordinal-demo'])
  server.process.kill('SIGTERM')
  expect(await server.ended).toMatchObject({ code: 0 })
})

it('is asked for a rate that it can keep', async () => {
  for (const rate of ['0', '1001', 'many']) {
    const { code, stderr } = await ordinal('serve', '--demo', '--demo-rate', rate)
    expect(code).toBe(1)
    expect(stderr).toContain(`a whole number from 1 to ${demoRateMax}`)
  }
})
