import fc from 'fast-check'
import * as lmdb from 'lmdb'
import { describe, expect, it, onTestFinished } from 'vitest'
import { eventsPath } from '../../../src/log/events-file.ts'
import { eventIdOfKey } from '../../../src/log/pages/page.ts'
import { PageFile } from '../../../src/log/pages/page-file.ts'
import { type NamedEntry, type PageFault, walkPages } from '../../../src/log/pages/walk.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { appendTo } from '../events.ts'
import { openedLog } from '../stored.ts'

/** It is there, and its types do not say so. */
const { keyValueToBuffer } = lmdb as unknown as { keyValueToBuffer: (key: unknown) => Uint8Array }

function walk(folder: string, firstEventId = 1) {
  const file = new PageFile(eventsPath(folder))
  onTestFinished(() => file.close())
  const meta = file.meta()
  if (typeof meta !== 'object') throw new Error(meta)
  const faults: PageFault[] = []
  const entries: NamedEntry[] = []
  const isSound = walkPages({
    ...{ file, meta, firstEventId },
    onFault: (fault) => faults.push(fault),
    onEntry: (entry) => entries.push(entry),
  })
  return { faults, entries, isSound }
}

describe('the pages of a sound log', () => {
  it('have no faults, and name its entries', async () => {
    const folder = temporaryFolder()
    const log = openedLog(folder, { firstEventId: 2001 })
    for (const count of [1, 1, 300, 1, 20]) await appendTo(log, count)
    const { faults, entries, isSound } = walk(folder, 2001)
    expect({ faults, isSound }).toEqual({ faults: [], isSound: true })
    expect(entries.map(({ first, last }) => [first, last])).toEqual([
      [2001, 2001],
      [2002, 2002],
      [2003, 2302],
      [2303, 2303],
      [2304, 2323],
    ])
  })

  it('have none where there is no event yet', () => {
    const folder = temporaryFolder()
    openedLog(folder)
    expect(walk(folder)).toEqual({ faults: [], entries: [], isSound: true })
  })

  it('have none whatever was appended, over how many openings, with a reader that holds on', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            counts: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 40 }),
            isHeld: fc.boolean(),
            bytes: fc.constantFrom(1, 100, 3000),
          }),
          { minLength: 1, maxLength: 4 },
        ),
        async (openings) => {
          const folder = temporaryFolder()
          for (const { counts, isHeld, bytes } of openings) {
            const log = openedLog(folder)
            const reader = lmdb.open({ path: eventsPath(folder) })
            const held = isHeld ? reader.useReadTransaction() : undefined
            for (const count of counts) {
              await appendTo(log, count, { data: { text: 'x'.repeat(bytes) } })
            }
            expect(walk(folder).faults).toEqual([])
            held?.done()
            await reader.close()
            await log.close()
            expect(walk(folder).faults).toEqual([])
          }
        },
      ),
      { numRuns: 15 },
    )
  })
})

it('says which event comes next where the log begins elsewhere', async () => {
  const folder = temporaryFolder()
  await appendTo(openedLog(folder), 3)
  const { faults, isSound } = walk(folder, 2)
  expect(isSound).toBe(true)
  expect(faults).toEqual([
    { of: 'log', eventId: 2, what: 'the entry in its place begins with event 1' },
  ])
})

describe('a key', () => {
  const read = (key: Buffer) => {
    const page = Buffer.concat([Buffer.alloc(3, 0xff), key, Buffer.alloc(16, 0xff)])
    return eventIdOfKey(page, 3, 3 + key.length)
  }

  it('is the eventId that lmdb-js wrote', () => {
    const eventId = fc.oneof(
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      fc.nat(53).map((power) => Math.min(2 ** power, Number.MAX_SAFE_INTEGER)),
    )
    fc.assert(fc.property(eventId, (id) => read(Buffer.from(keyValueToBuffer(id))) === id))
  })

  it.each(['a text', [1, 2], true, -5])('is none where it is of %j', (key) => {
    const found = read(Buffer.from(keyValueToBuffer(key)))
    expect(found === undefined || found !== key).toBe(true)
  })
})
