import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { CorruptLogError } from '../../src/errors.ts'
import type { EventLog } from '../../src/log/event-log.ts'
import { openLogForReading } from '../../src/log/lmdb-log.ts'
import { allOf, eventAt, following, idsOf } from './events.ts'
import { folderWith, openedLog, storedTree, storeEntry } from './stored.ts'

/** The log under test: events 1 and 2, then 3 to 5, then 6, in an entry each. */
let folder: string
beforeEach(async () => {
  folder = await folderWith([2, 3, 1], { by: 'bob' })
})

function readLog() {
  const log = openLogForReading(folder)
  onTestFinished(() => log.close())
  return log
}

/** What a read of the whole log served before it ended, and the eventId that its fault names. */
async function readUntilFault(log: EventLog) {
  const served: number[] = []
  try {
    for await (const batch of log.read(1)) served.push(...idsOf(batch))
  } catch (error) {
    expect(error).toBeInstanceOf(CorruptLogError)
    return { served, fault: (error as CorruptLogError).eventId }
  }
  return { served, fault: undefined }
}

const damagedAt = (eventId: number) =>
  expect.objectContaining({ name: 'CorruptLogError', eventId, message: expect.any(String) })

/** Lets the next read see what was written past the log. */
const nextTurn = () => new Promise((resolve) => setTimeout(resolve, 0))

it('serves no event of which a byte was changed in LMDB, and names the event', async () => {
  const db = storedTree(folder)
  const sound = Buffer.from(db.get(3)!)
  const headEnd = 8 + 4 * 3 + 4
  const log = readLog()
  for (let at = 0; at < sound.length; at++) {
    const bytes = Buffer.from(sound)
    bytes[at]! ^= 1 << (at % 8)
    db.putSync(3, bytes, 5)
    await nextTurn()
    const index = [0, 1, 2].findIndex((record) => at < sound.readUInt32LE(8 + 4 * record))
    const fault = at < headEnd ? 3 : 3 + index
    for (const eventId of [3, 4, 5]) {
      const isTouched = at < headEnd || eventId === fault
      const got = eventAt(log, eventId)
      if (isTouched) await expect(got, `byte ${at}`).rejects.toEqual(damagedAt(fault))
      else expect(await got, `byte ${at}`).toMatchObject({ eventId, by: 'bob' })
    }
    const read = await readUntilFault(log)
    expect(read.fault, `byte ${at}`).toBe(fault)
    expect(read.served, `byte ${at}`).not.toContain(fault)
  }
  db.putSync(3, sound, 5)
  await nextTurn()
  expect(await readUntilFault(log)).toEqual({ served: [1, 2, 3, 4, 5, 6], fault: undefined })
})

it('finds a bit flipped in the version that LMDB keeps with the newest entry', async () => {
  const db = storedTree(folder)
  const newest = Buffer.from(db.get(6)!)
  for (let bit = 0; bit < 64; bit++) {
    const version = Buffer.alloc(8)
    version.writeDoubleLE(6)
    version[bit >> 3]! ^= 1 << (bit & 7)
    db.putSync(6, newest, version.readDoubleLE())
    expect(() => readLog(), `bit ${bit}`).toThrow(damagedAt(6))
    expect(() => openedLog(folder), `bit ${bit}`).toThrow(damagedAt(6))
  }
  db.putSync(6, newest, 6)
  expect(openedLog(folder).head).toBe(6)
})

it('does not open where the head of the newest entry is damaged, and holds no lock then', () => {
  const db = storedTree(folder)
  const newest = Buffer.from(db.get(6)!)
  db.putSync(6, Buffer.alloc(newest.length), 6)
  expect(() => openedLog(folder)).toThrow(damagedAt(6))
  db.putSync(6, newest, 6)
  expect(openedLog(folder).head).toBe(6)
})

describe('an entry that is missing', () => {
  it.each([
    [1, []],
    [3, [1, 2]],
  ])('is found on reading: entry %i', async (key, served) => {
    const db = storedTree(folder)
    const log = readLog()
    db.removeSync(key)
    await nextTurn()
    expect(log.head).toBe(6)
    const read = await readUntilFault(log)
    expect(read.fault).toBe(key)
    expect(served).toEqual(expect.arrayContaining(read.served))
    await expect(allOf(log.read(key))).rejects.toEqual(damagedAt(key))
    await expect(eventAt(log, key)).rejects.toEqual(damagedAt(key))
    expect(idsOf(await allOf(log.read(6)))).toEqual([6])
  })

  it('is named by the first event that is read of it', async () => {
    const db = storedTree(folder)
    const log = readLog()
    db.removeSync(3)
    await nextTurn()
    await expect(allOf(log.read(4))).rejects.toEqual(damagedAt(4))
  })

  it('is found before anything is read, where it was missing when the log is opened', () => {
    storedTree(folder).removeSync(3)
    for (const open of [readLog, () => openedLog(folder)]) {
      expect(open).toThrow('its newer meta page has 2 entries, and its older one 3')
    }
  })
})

describe('an entry of sound checksums', () => {
  it('is found where it is that of other events', async () => {
    const db = storedTree(folder)
    const log = readLog()
    await storeEntry(db, following(7, 3), 3)
    await nextTurn()
    await expect(eventAt(log, 4)).rejects.toEqual(damagedAt(4))
    expect(await readUntilFault(log)).toMatchObject({ fault: 3 })
  })

  it('is found where it has fewer events than it had', async () => {
    const db = storedTree(folder)
    const log = readLog()
    await storeEntry(db, following(2, 2))
    await nextTurn()
    expect(await readUntilFault(log)).toMatchObject({ fault: 5 })
    await expect(eventAt(log, 5)).rejects.toEqual(damagedAt(5))
  })
})
