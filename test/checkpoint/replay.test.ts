/** What becomes of checkpoints while a start reads the log: orders are then behind their heads. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openCheckpoint, openCheckpointForReading } from '../../src/checkpoint/stored/open.ts'
import { configure } from '../../src/config.ts'
import { openEngine } from '../../src/engine.ts'
import { ReplayError } from '../../src/errors.ts'
import type { EventLog } from '../../src/log/event-log.ts'
import { type LmdbLog, openLogForReading } from '../../src/log/lmdb-log.ts'
import { type Runtime, systemRuntime } from '../../src/runtime.ts'
import { faultOfCheckpoint } from '../../src/upkeep/checkpoint-check.ts'
import { KeptView } from '../../src/view/kept-view.ts'
import { paid, recorded } from '../support/orders.ts'
import { settle } from '../support/sequencer.ts'
import { domain, extend, logOf, shop, writing } from '../upkeep/logs.ts'

/** Whose timers end at once. */
const hasty: Runtime = {
  ...systemRuntime,
  after(_, run) {
    const timer = setImmediate(run)
    return () => clearImmediate(timer)
  },
}

/** Reads a log in small batches, with much time between them. */
const leisurely = (log: LmdbLog): EventLog => ({
  ...{ epoch: log.epoch, firstEventId: log.firstEventId, appendsMax: 2, head: log.head },
  append: log.append.bind(log),
  readBack: log.readBack.bind(log),
  check: log.check.bind(log),
  close: log.close.bind(log),
  async *read(from) {
    for await (const batch of log.read(from)) {
      for (let done = 0; done < batch.length; done += 50) {
        yield batch.slice(done, done + 50)
        await settle(30)
      }
    }
  },
})

/** What is wrong with the checkpoint of a folder, which has to be there. */
async function faultIn(folder: string): Promise<string | undefined> {
  const log = openLogForReading(folder)
  onTestFinished(() => log.close())
  const file = await openCheckpointForReading(folder, log, domain)
  expect(file?.eventId).toBe(log.head)
  const runtime = systemRuntime
  const fault = await faultOfCheckpoint({
    ...{ file: file!, log, domain, runtime },
    onProgress: () => {},
  })
  await file!.close()
  return fault
}

describe('while the log is replayed', () => {
  it.each([
    ['few orders change meanwhile', 10],
    ['many do', 100],
  ])(
    'a checkpoint has orders as they are at its event, where %s',
    async (_, checkpointOrdersMax) => {
      // The first events are in a checkpoint, so that orders are gone on with.
      const events = shop(4000)
      const folder = await logOf(events.slice(0, 2000))
      await (await openEngine({ data: folder })).close()
      await extend(folder, events.slice(2000))
      const log = writing(folder)
      const checkpoint = await openCheckpoint(folder, log, domain)
      expect(checkpoint.file.eventId).toBe(2000)
      const wrong: unknown[] = []
      const kept = new KeptView({
        ...{ domain: domain as never, log: leisurely(log), checkpoint, runtime: hasty },
        config: configure({ checkpointOrdersMax, ordersKeptMax: 10 }),
        observer: {
          noCheckpoint: (error) => wrong.push(error),
          checkpointRemoved: (why) => wrong.push(why),
          checkpointFailed: (error) => wrong.push(error),
        },
      })
      await kept.rebuild(() => {})
      await kept.close()
      expect(wrong).toEqual([])
      await log.close()
      expect(await faultIn(folder)).toBeUndefined()
    },
  )
})

describe('a start that fails at an event', () => {
  const bad = recorded({
    ...paid(5000, 'again'),
    ...{ orderId: 'order-3', eventId: 3001, version: 4, previousEventId: 14 },
  })

  it.each([true, false])(
    'says which, and gives everything back; with a checkpoint: %s',
    async (isThere) => {
      const events = shop(3000)
      const folder = await logOf(events.slice(0, 1500))
      if (isThere) await (await openEngine({ data: folder })).close()
      await extend(folder, [...events.slice(1500), bad])
      const path = join(folder, 'checkpoint.mdb')
      const before = isThere ? readFileSync(path) : undefined
      // The second time as the first: nothing is held, and nothing was written of what was read.
      for (let times = 0; times < 2; times++) {
        const opening = openEngine({ data: folder })
        await expect(opening).rejects.toThrow(ReplayError)
        await expect(opening).rejects.toThrow('Event 3001 (OrderPaymentEvent)')
        if (before) expect(readFileSync(path).equals(before)).toBe(true)
      }
    },
  )
})
