/** Which checkpoint a start goes on from: that of the same log, and of the same life of an order. */
import { join } from 'node:path'
import { open } from 'lmdb'
import { expect, it, onTestFinished } from 'vitest'
import { type About, aboutKey, aboutRecord } from '../../src/checkpoint/stored/about.ts'
import { openCheckpoint } from '../../src/checkpoint/stored/open.ts'
import type { Domain } from '../../src/domain.ts'
import { openEngine } from '../../src/engine.ts'
import { orderMachine } from '../../src/order/machine.ts'
import { domain, logOf, shop, writing } from '../upkeep/logs.ts'

async function checkpointedFolder(): Promise<string> {
  const folder = await logOf(shop(60, 2001))
  await (await openEngine({ data: folder })).close()
  return folder
}

/** Why a start of this domain does not go on from the checkpoint of a folder; undefined where it does. */
async function whyRemoved(folder: string, of: Domain = domain): Promise<string | undefined> {
  const log = writing(folder)
  const { file, removed } = await openCheckpoint(folder, log, of)
  expect(file.eventId).toBe(removed === undefined ? 2060 : 2000)
  await file.close()
  await log.close()
  return removed
}

it.each<[string, Partial<Domain>, string | undefined]>([
  ['as it was', {}, undefined],
  ['of another version', { version: 'another' }, 'the life of an order is another one now'],
  [
    'with another view',
    { view: (snapshot, standing) => ({ ...domain.view(snapshot, standing), status: 'x' }) },
    'the life of an order is another one now',
  ],
  [
    'with another machine',
    { machine: orderMachine.provide({ guards: { coversTotal: () => true } as never }) },
    'the life of an order is another one now',
  ],
  ['of another owner', { owner: () => 'bob' }, 'the life of an order is another one now'],
  ['of another name', { name: 'parcel' }, 'it is of the domain order'],
])('of a domain %s', async (_, change, why) => {
  expect(await whyRemoved(await checkpointedFolder(), { ...domain, ...change })).toBe(why)
})

it.each<[string, Partial<About>, string]>([
  ['of another format', { format: 1 }, 'its format is 1'],
  ['of another log', { epoch: 'another' }, 'it is of another log'],
  ['that begins elsewhere', { firstEventId: 1 }, 'it begins with another event'],
  ['of an event to come', { eventId: 2061 }, 'it is of event 2061, which the log does not have'],
  [
    'of another event of that number',
    { newest: { orderId: 'order-19', version: 3, recordedAt: 1 } },
    'event 2060 of the log is another one',
  ],
  ['with other records than it says', { keys: 7 }, 'it does not have the records that it should'],
])('%s', async (_, change, why) => {
  const folder = await checkpointedFolder()
  const db = open<Buffer, number>({ path: join(folder, 'checkpoint.mdb'), encoding: 'binary' })
  const about = JSON.parse(db.get(aboutKey)!.toString('utf8', 4))
  await db.put(aboutKey, aboutRecord({ ...about, ...change }))
  await db.close()
  expect(await whyRemoved(folder)).toBe(why)
})

it('says in the log why it is not gone on from', async () => {
  const folder = await checkpointedFolder()
  const warnings: object[] = []
  const nothing = () => {}
  const logger = {
    ...{ debug: nothing, info: nothing, error: nothing },
    warn: (fields: object, message: string) => warnings.push({ ...fields, message }),
  }
  const engine = await openEngine({
    data: folder,
    domain: { ...domain, version: 'another' },
    logger,
  })
  onTestFinished(() => engine.close())
  expect(engine.counts().orders).toBe(20)
  expect(warnings).toEqual([
    {
      why: 'the life of an order is another one now',
      message: 'the checkpoint is of no use, and is made anew from the whole log',
    },
  ])
})
