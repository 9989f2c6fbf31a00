import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { openCheckpoint } from '../../src/checkpoint/stored/open.ts'
import { openEngine } from '../../src/engine.ts'
import { ClosedError } from '../../src/errors.ts'
import { openLogForWriting } from '../../src/log/lmdb-log.ts'
import { systemRuntime as runtime } from '../../src/runtime.ts'
import { temporaryFolder } from '../support/folders.ts'
import { order, sequencerOn } from '../support/sequencer.ts'
import { domain } from '../upkeep/logs.ts'

async function opened(folder: string) {
  const log = openLogForWriting({ folder, domain: domain.name, runtime })
  const checkpoint = await openCheckpoint(folder, log, domain)
  const { file } = checkpoint
  const { eventId } = file
  const limits = { checkpointOrdersMax: 100_000, checkpointMs: 1_000_000 }
  const made = await sequencerOn({ log, checkpoint, limits })
  return { ...made, file, eventId, checkpoints: made.checkpoints! }
}

it('a close writes what has changed, and waits for it', async () => {
  const folder = join(temporaryFolder(), 'log')
  const { submit, checkpoints, log } = await opened(folder)
  await submit('order.new', order('o-1'))
  await checkpoints.close()
  await log.close()
  const next = await opened(folder)
  expect(next.eventId).toBe(1)
  await next.checkpoints.close()
  await next.log.close()
})

it('a close that finds a checkpoint under way waits for that, and writes no other: a start reads the rest', async () => {
  const folder = join(temporaryFolder(), 'log')
  const { submit, checkpoints, log, file } = await opened(folder)
  await submit('order.new', order('o-1'))
  const write = file.write.bind(file)
  let goOn: () => void = () => {}
  const held = new Promise<void>((resolve) => {
    goOn = resolve
  })
  vi.spyOn(file, 'write').mockImplementation(async (...args) => {
    await held
    return write(...args)
  })
  const written = checkpoints.write()
  await submit('order.new', order('o-2'))
  const closed = checkpoints.close()
  goOn()
  await Promise.all([written, closed])
  await log.close()
  const next = await opened(folder)
  expect(next.eventId).toBe(1)
  expect(next.view.size).toBe(2)
  await next.checkpoints.close()
  await next.log.close()
})

it('an engine that is closed shows what it has in memory, and says of all else that it is closed', async () => {
  const data = join(temporaryFolder(), 'data')
  const open = () => openEngine({ data, limits: { checkpointOrdersMax: 1, ordersKeptMax: 1 } })
  const first = await open()
  for (let index = 0; index < 40; index++) await first.submit('order.new', order(`o-${index}`))
  await first.close()
  const engine = await open()
  expect(engine.get('o-3')).toMatchObject({ version: 1 })
  await engine.close()
  expect(() => engine.get('o-7')).toThrow(ClosedError)
  expect(() => engine.list()).toThrow('The engine is closed')
  expect(engine.counts().orders).toBe(40)
})
