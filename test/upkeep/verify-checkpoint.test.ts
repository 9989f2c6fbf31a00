/** What `verify` says of a checkpoint that does not have what the log gives. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { open } from 'lmdb'
import { describe, expect, it } from 'vitest'
import { aboutKey, aboutRecord } from '../../src/checkpoint/stored/about.ts'
import { bitsKey, idsKey, keyOf, ownersKey } from '../../src/checkpoint/stored/layout.ts'
import { TextHash } from '../../src/checkpoint/stored/text-hash.ts'
import { viewIn, viewRecordOf } from '../../src/checkpoint/stored/view-record.ts'
import { recordOf, wordsOf } from '../../src/checkpoint/stored/words.ts'
import { openEngine } from '../../src/engine.ts'
import { systemRuntime as runtime } from '../../src/runtime.ts'
import { verifyLog } from '../../src/upkeep/verify.ts'
import { domain, hashOf as hashOfFolder, logOf, shop } from './logs.ts'

async function checkpointed(): Promise<string> {
  const folder = await logOf(shop(60, 2001))
  await (await openEngine({ data: folder })).close()
  return folder
}

const verify = (folder: string) =>
  verifyLog({ folder, domain, findingsMax: 20, runtime, onProgress: () => {} })

type Records = ReturnType<typeof open<Buffer, number>>

async function change(folder: string, how: (db: Records) => Promise<unknown>): Promise<void> {
  const db = open<Buffer, number>({ path: join(folder, 'checkpoint.mdb'), encoding: 'binary' })
  await how(db)
  await db.close()
}

/** Replaces some words of a record, which then has its checksum. */
async function putWords(db: Records, key: number, set: (words: Uint32Array) => void) {
  const words = wordsOf(Buffer.from(db.get(key)!))
  set(words)
  await db.put(key, recordOf(key, words))
}

const aboutIn = (db: Records) => JSON.parse(db.get(aboutKey)!.toString('utf8', 4))

it('a checkpoint that has what the log gives is sound', async () => {
  const folder = await checkpointed()
  const before = hashOfFolder(folder)
  expect(await verify(folder)).toEqual({
    ...{ firstEventId: 2001, soundUntil: 2060, orders: 20, findings: [] },
  })
  expect(hashOfFolder(folder)).toBe(before)
})

it.each<[string, (db: Records) => Promise<unknown>, string]>([
  [
    'a view',
    (db) => {
      const key = keyOf('views', 0)
      const record = Buffer.from(db.get(key)!)
      const view = { ...viewIn(record, 3), currency: 'EUR' } as never
      return db.put(key, viewRecordOf(key, new Map([[3, view]]), record))
    },
    'order order-3 is not what its events lead to',
  ],
  [
    'an id',
    (db) => putWords(db, idsKey(0, 0), (words) => words.fill(7, 10, 12)),
    'order order-5 is not found by its id',
  ],
  [
    'a customer',
    (db) => {
      const key = ownersKey(0, TextHash.salted(aboutIn(db).salt).of('bob'))
      return putWords(db, key, (words) => words.fill(0, 6, 8))
    },
    'order order-3 is not found by its customer, bob',
  ],
  [
    'a place',
    (db) => putWords(db, keyOf('places', 0), (words) => words.fill(9, 4, 5)),
    'event 2005 of order order-4 has place 9',
  ],
  [
    'a status that it has',
    (db) =>
      putWords(db, bitsKey('statuses', aboutIn(db).statuses.indexOf('shipped'), 0), (words) =>
        words.fill(0, 0, 1),
      ),
    'order order-0 is not found by its status, shipped',
  ],
  [
    'a status that it has not',
    async (db) => {
      const about = aboutIn(db)
      const key = bitsKey('statuses', about.statuses.length, 0)
      await db.put(key, recordOf(key, new Uint32Array([1])))
      await db.put(aboutKey, aboutRecord({ ...about, statuses: [...about.statuses, 'lost'] }))
    },
    '21 orders are found by a status, of 20',
  ],
  [
    'a state',
    (db) => {
      const about = aboutIn(db)
      const states = about.states.map(([state, count]: [object, number]) => [state, count + 1])
      return db.put(aboutKey, aboutRecord({ ...about, states }))
    },
    '21 orders are said to be in a state that 20 are in',
  ],
  [
    'a state that is left out',
    (db) => db.put(aboutKey, aboutRecord({ ...aboutIn(db), states: [] })),
    '20 orders in {"open":{"payment":"paid","fulfilment":"shipped"}} are not counted',
  ],
])('names what is another than the log gives: %s', async (_, how, what) => {
  const folder = await checkpointed()
  await change(folder, how)
  const { findings, soundUntil } = await verify(folder)
  expect(soundUntil).toBe(2060)
  expect(findings).toEqual([
    {
      eventId: null,
      what: `checkpoint.mdb is damaged: ${what}. Remove it while no server runs: the next one makes it anew.`,
      of: 'checkpoint',
    },
  ])
})

describe('a checkpoint that cannot be read', () => {
  it.each([
    ['empty', (file: Buffer) => file.subarray(0, 0), 'it is empty'],
    ['cut short', (file: Buffer) => file.subarray(0, file.length - 1), 'bytes of'],
    ['a text', () => Buffer.from('text'.repeat(10_000)), 'it does not begin like one'],
    [
      'with a flipped bit',
      (file: Buffer) => {
        const copy = Buffer.from(file)
        for (let at = copy.indexOf('"order-3"'); at >= 0; at = copy.indexOf('"order-3"', at + 1)) {
          copy[at + 2]! ^= 1
        }
        return copy
      },
      'record',
    ],
  ])('is a finding: %s', async (_, damage, why) => {
    const folder = await checkpointed()
    const path = join(folder, 'checkpoint.mdb')
    writeFileSync(path, damage(readFileSync(path)))
    const { findings } = await verify(folder)
    expect(findings).toEqual([
      { eventId: null, what: expect.stringContaining(why), of: 'checkpoint' },
    ])
    // What it advises helps.
    rmSync(path)
    expect((await verify(folder)).findings).toEqual([])
  })
})
