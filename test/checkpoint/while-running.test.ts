/** A checkpoint that is damaged or removed while it is in use. */
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openEngine } from '../../src/engine.ts'
import { CheckpointDamagedError } from '../../src/errors.ts'
import { temporaryFolder } from '../support/folders.ts'
import { connect } from '../support/rpc.ts'
import { order } from '../support/sequencer.ts'

/** An engine all of whose orders have left memory, and what it says that people should know. */
async function resting(count: number) {
  const data = join(temporaryFolder(), 'data')
  const lines: Record<string, any>[] = []
  const nothing = () => {}
  const take = (fields: object, message: string) => lines.push({ ...fields, message })
  const open = () =>
    openEngine({
      data,
      listen: { host: '127.0.0.1', port: 0 },
      limits: { checkpointOrdersMax: 1, ordersKeptMax: 1, liveActorsMax: 3 },
      logger: { debug: nothing, info: nothing, warn: take, error: take },
    })
  const made = await open()
  for (let index = 0; index < count; index++) {
    await made.submit('order.new', order(`o-${index}`, { customerId: `c-${index}` }))
  }
  await made.close()
  const engine = await open()
  onTestFinished(() => engine.close())
  return { data, path: join(data, 'checkpoint.mdb'), engine, open, lines }
}

/** Flips a bit in the view of an order, wherever the file has it. */
function damageViewOf(path: string, orderId: string): void {
  const bytes = readFileSync(path)
  const file = openSync(path, 'r+')
  for (let at = -1; ; ) {
    at = bytes.indexOf(`"${orderId}"`, at + 1)
    if (at < 0) break
    writeSync(file, Buffer.from([bytes[at + 1]! ^ 1]), 0, 1, at + 1)
  }
  closeSync(file)
}

describe('a record that is damaged while the checkpoint is in use', () => {
  it('is never served, is said, and is right after the next start', async () => {
    const { path, engine, open, lines } = await resting(40)
    damageViewOf(path, 'o-3')
    const client = await connect(engine.address)
    const { error } = await client.call('order.get', { orderId: 'o-3' })
    expect(error).toMatchObject({ code: -32603 })
    expect(JSON.stringify(error)).not.toContain(path)
    expect(() => engine.get('o-3')).toThrow(CheckpointDamagedError)
    expect(lines).toMatchObject([
      {
        error: 'CheckpointDamagedError',
        why: expect.stringMatching(/checkpoint\.mdb is damaged: .* The next start makes it anew/),
        message: 'a call failed',
      },
    ])
    // All else goes on, in records of their own.
    expect((await client.call('order.get', { orderId: 'o-35' })).result).toMatchObject({
      version: 1,
    })
    expect(await engine.submit('order.new', order('new'))).toMatchObject({ eventId: 41 })
    await engine.close()
    lines.length = 0
    const next = await open()
    onTestFinished(() => next.close())
    expect(next.get('o-3')).toMatchObject({ orderId: 'o-3', customerId: 'c-3' })
    expect(next.get('new')).toMatchObject({ eventId: 41 })
    expect(next.counts().orders).toBe(41)
  })

  it('and that a command needs stops the writer, which is said', async () => {
    const { path, engine, open, lines } = await resting(40)
    damageViewOf(path, 'o-3')
    const pay = { orderId: 'o-3', paymentId: 'p', amount: 1 }
    expect(await engine.submit('order.pay', pay)).toMatchObject({ refused: 'STOPPING' })
    expect(lines).toContainEqual(
      expect.objectContaining({ error: 'CheckpointDamagedError', message: 'the writer stopped' }),
    )
    await engine.close()
    const next = await open()
    onTestFinished(() => next.close())
    expect(await next.submit('order.pay', pay)).toMatchObject({ eventId: 41, version: 2 })
  })
})

it('a checkpoint that is removed while it is in use serves on, and is made anew by the next start', async () => {
  const { path, engine, open, lines } = await resting(40)
  rmSync(path)
  rmSync(`${path}-lock`)
  expect(engine.get('o-3')).toMatchObject({ customerId: 'c-3' })
  expect(await engine.submit('order.new', order('new'))).toMatchObject({ eventId: 41 })
  expect(engine.list({ limit: 100 }).orders).toHaveLength(41)
  await engine.close()
  expect(existsSync(path)).toBe(false)
  const next = await open()
  onTestFinished(() => next.close())
  expect(next.list({ limit: 100 }).orders).toHaveLength(41)
  expect(lines).toEqual([])
})
