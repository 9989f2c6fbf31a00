/** The questions whose clients are a process of their own: what `tsc -p bench` made of them. */
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { Child } from '../../bench/child.ts'
import {
  broadcast,
  measureBroadcast,
  openEngineBroadcaster,
} from '../../bench/questions/broadcast.ts'
import { gateway, gatewaySubjects, measureGateway } from '../../bench/questions/gateway.ts'
import type { Done, Job } from '../../bench/sockets/commanding.ts'
import { FrameReader, textFrame } from '../../bench/sockets/frames.ts'
import { openEmptyServer } from '../../bench/subjects/ws-servers.ts'
import { WrongResultError } from '../../bench/workload.ts'
import { temporaryFolder } from '../support/folders.ts'

const base = () => ({ folder: temporaryFolder(), note: () => {}, rounds: 1, warmups: 0 })
const [single, empty, batched, inProcess] = gatewaySubjects

describe('the gateway question', () => {
  const plan = () => ({
    ...base(),
    leadInOrders: 16,
    orders: 50,
    connections: 2,
    inFlight: 16,
    callsPerBatch: 4,
  })

  it('takes every command over each way, and compares them', async () => {
    const answer = await measureGateway({ ...plan(), subjects: gatewaySubjects })
    expect(answer.rows.map(({ name }) => name)).toEqual([
      ...['gateway, single', 'empty ws server', 'gateway, batches', 'in process'],
    ])
    for (const { commandsPerSecond, latencyMs } of answer.rows) {
      expect(commandsPerSecond).toBeGreaterThan(0)
      expect(latencyMs.p50).toBeGreaterThan(0)
    }
    expect(gateway.findings(answer).map(({ goal }) => goal.value)).toEqual([0.7, 0.5])
    expect(gateway.print(answer)).toContain('over 2 sockets')
  })

  it.each([single, empty, batched])(
    'refuses to report where $name got one order too few',
    async (subject) => {
      const short: typeof subject = {
        name: 'short',
        does: subject.does,
        run: (orders, plan, clients) =>
          subject.run(orders, plan, (port, count, calls) => clients(port, count - 1, calls)),
      }
      const subjects = [short, empty, batched, inProcess]
      await expect(measureGateway({ ...plan(), subjects })).rejects.toThrow(WrongResultError)
    },
  )

  it('refuses to report where an answer is no receipt', async () => {
    const clients = new Child<Job, Done>('sockets/commanding')
    const server = await openEmptyServer((id) => `{"jsonrpc":"2.0","id":${id},"error":{}}`)
    const { port } = server
    const job = { port, connections: 1, framesInFlight: 1, callsPerFrame: 1, from: 0, orders: 1 }
    await expect(clients.ask(job)).rejects.toThrow('An answer is no receipt')
    clients.end()
    await server.close()
  })

  it('refuses to report where nobody listens', async () => {
    const unused = createServer().listen(0)
    const { port } = unused.address() as { port: number }
    await new Promise((resolve) => unused.close(resolve))
    const clients = new Child<Job, Done>('sockets/commanding')
    const job = { port, connections: 1, framesInFlight: 1, callsPerFrame: 1, from: 0, orders: 1 }
    await expect(clients.ask(job)).rejects.toThrow('ECONNREFUSED')
    clients.end()
  })
})

describe('the broadcast question', () => {
  const plan = () => ({ ...base(), watchers: 20, leadIn: 1, changes: 3 })

  it('sends each change to all watchers, both ways', async () => {
    const answer = await measureBroadcast(plan())
    expect(answer.rows.map(({ name }) => name)).toEqual(['engine', 'ws alone'])
    expect(answer.bytes).toBeGreaterThan(100)
    for (const { changesPerSecond } of answer.rows) expect(changesPerSecond).toBeGreaterThan(0)
    expect(broadcast.findings(answer)).toMatchObject([{ goal: { value: 0.8 } }])
    expect(broadcast.print(answer)).toContain('20 sockets')
  })

  it('refuses to report where watchers get another change', async () => {
    const other = async (folder: string) => {
      const inner = await openEngineBroadcaster(folder)
      return { ...inner, change: (number: number) => inner.change(number + 1) }
    }
    await expect(measureBroadcast(plan(), other)).rejects.toThrow('the quantities of its views')
  })

  it('refuses to report where a change was told twice', async () => {
    const twice = async (folder: string) => {
      const inner = await openEngineBroadcaster(folder)
      const change = async (number: number) => {
        await inner.change(number)
        await inner.change(number)
      }
      return { ...inner, change }
    }
    await expect(measureBroadcast(plan(), twice)).rejects.toThrow(WrongResultError)
  })

  it('refuses to report where the server ends a connection', async () => {
    const ending = async (folder: string) => {
      const inner = await openEngineBroadcaster(folder)
      return { ...inner, change: () => inner.close() }
    }
    await expect(measureBroadcast(plan(), ending)).rejects.toThrow('ended a connection')
  })
})

describe('frames', () => {
  const read = (bytes: Buffer, step: number) => {
    const got: string[] = []
    const reader = new FrameReader((opcode, payload) => got.push(`${opcode}:${payload}`))
    for (let at = 0; at < bytes.length; at += step) reader.read(bytes.subarray(at, at + step))
    return got
  }
  const header = (length: number) => {
    if (length < 126) return Buffer.of(0x81, length)
    const bytes = Buffer.alloc(length < 2 ** 16 ? 4 : 10)
    bytes[0] = 0x81
    bytes[1] = length < 2 ** 16 ? 126 : 127
    if (length < 2 ** 16) bytes.writeUInt16BE(length, 2)
    else bytes.writeBigUInt64BE(BigInt(length), 2)
    return bytes
  }

  it.each([
    [1, 300],
    [7, 300],
    [1000, 70_000],
    [1 << 20, 70_000],
  ])('are cut from chunks of %i bytes', (step, longest) => {
    const texts = ['', 'a', 'b'.repeat(125), 'c'.repeat(126), 'd'.repeat(longest)]
    const bytes = Buffer.concat(texts.flatMap((text) => [header(text.length), Buffer.from(text)]))
    expect(read(bytes, step)).toEqual(texts.map((text) => `1:${text}`))
  })

  it('are masked as a client must', () => {
    const frame = textFrame('{"a":1}')
    expect(frame[1]! & 0x80).toBe(0x80)
    const mask = frame.subarray(2, 6)
    const text = frame.subarray(6).map((byte, at) => byte ^ mask[at & 3]!)
    expect(Buffer.from(text).toString()).toBe('{"a":1}')
  })
})
