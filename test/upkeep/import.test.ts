import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RecordedEvent } from '../../src/domain.ts'
import { LogLockedError } from '../../src/errors.ts'
import { systemRuntime as runtime } from '../../src/runtime.ts'
import { cloudEventOf } from '../../src/upkeep/cloud-event.ts'
import { exportEvents } from '../../src/upkeep/export.ts'
import { importEvents } from '../../src/upkeep/import.ts'
import { verifyLog } from '../../src/upkeep/verify.ts'
import { temporaryFolder } from '../support/folders.ts'
import { domain, eventsIn, hashOf, logOf, markIn, shop, writing } from './logs.ts'

const elsewhere = () => join(temporaryFolder(), 'log')
const lineOf = (event: RecordedEvent) => JSON.stringify(cloudEventOf(event, 'order', 'epoch'))
const linesOf = (events: readonly RecordedEvent[]) => events.map(lineOf)

/** Imports lines, given in parts of so many bytes. */
function importLines(folder: string, lines: readonly string[], partBytes = 64 * 1024) {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))
  async function* text() {
    for (let at = 0; at < bytes.length; at += partBytes) yield bytes.subarray(at, at + partBytes)
  }
  return importEvents({ text: text(), folder, domain, runtime, onProgress: () => {} })
}

async function expectSound(folder: string): Promise<void> {
  const options = { folder, domain, findingsMax: 1, runtime, onProgress: () => {} }
  expect(await verifyLog(options)).toMatchObject({ findings: [] })
}

describe('exported lines', () => {
  it('make the same log again, with an epoch of its own', async () => {
    const events = shop(2500, 2001)
    const source = await logOf(events, { appends: [1, 700, 3] })
    let text = ''
    const options = { folder: source, from: undefined, after: undefined, onProgress: () => {} }
    for await (const part of exportEvents(options)) text += part.text
    const target = elsewhere()
    const lines = text.trimEnd().split('\n')
    expect(lines).toHaveLength(2500)
    const imported = { appended: 2500, skipped: 0, head: 4500 }
    expect(await importLines(target, lines, 999)).toEqual(imported)
    expect(await eventsIn(target)).toEqual(events)
    expect(markIn(target)).toMatchObject({ firstEventId: 2001, domain: 'order' })
    expect(markIn(target).epoch).not.toBe(markIn(source).epoch)
    await expectSound(target)
  })

  it('are appended to a log that has those before them, in any parts', async () => {
    const events = shop(60)
    const target = elsewhere()
    await importLines(target, linesOf(events.slice(0, 7)))
    await importLines(target, linesOf(events.slice(7, 31)))
    const rest = await importLines(target, linesOf(events.slice(31)))
    expect(rest).toEqual({ appended: 29, skipped: 0, head: 60 })
    expect(await eventsIn(target)).toEqual(events)
    await expectSound(target)
  })

  it('are compared and skipped where they are there already', async () => {
    const events = shop(60)
    const target = await logOf(events.slice(0, 40))
    const { epoch } = markIn(target)
    for (const from of [0, 13, 39, 40]) {
      const done = await importLines(target, linesOf(events.slice(from, 50)))
      const skipped = (from === 0 ? 40 : 50) - from
      expect(done).toEqual({ appended: from === 0 ? 10 : 0, skipped, head: 50 })
    }
    expect(await eventsIn(target)).toEqual(events.slice(0, 50))
    expect(markIn(target).epoch).toBe(epoch)
  })

  it('may have empty lines, and none', async () => {
    const [first = '', second = ''] = linesOf(shop(2))
    const target = elsewhere()
    expect(await importLines(target, ['', first, '\r', `${second}\r`, ''])).toMatchObject({
      head: 2,
    })
    const nothing = elsewhere()
    expect(await importLines(nothing, [])).toEqual({ appended: 0, skipped: 0, head: null })
    expect(existsSync(nothing)).toBe(false)
  })
})

describe('the first line that is bad ends it, and is named', () => {
  const events = shop(60)
  const line = (index: number, change: object) =>
    JSON.stringify({ ...JSON.parse(lineOf(events[index]!)), ...change })

  it.each<[string, string, string]>([
    ['no JSON', '{"specversion"', 'it is not JSON in UTF-8'],
    ['not UTF-8', 'latin1', 'it is not JSON in UTF-8'],
    ['no CloudEvent', '[1,2]', 'must be object'],
    [
      'of another domain',
      line(50, { dataschema: 'ordinal:parcel/ParcelSent/1' }),
      'it is an event of parcel, and the log one of order',
    ],
    ['after a gap', lineOf(events[51]!), 'it is event 52, and 51 is the next'],
    ['there twice', lineOf(events[49]!), 'it is event 50, and 51 is the next'],
    [
      'of another version',
      line(50, { orderversion: 7 }),
      "event 51 cannot be: it has version 7, and its order's next is 2",
    ],
    ['after another event', line(50, { previousid: '3' }), 'event 51 cannot be: it follows 3, and'],
    [
      'not in its form',
      line(50, { data: { amount: 5000 } }),
      'it is no OrderPaymentEvent: data/paymentId is missing',
    ],
    [
      'nothing that its order takes',
      line(50, { data: { paymentId: 'p', amount: 99_999 } }),
      'and does not take OrderPaymentEvent',
    ],
    ['very long', `{"a":"${'x'.repeat(2 ** 20)}"}`, 'it is longer than 1048576 bytes'],
  ])('%s', async (_, bad, why) => {
    const target = elsewhere()
    const lines = [...linesOf(events.slice(0, 50)), bad, lineOf(events[51]!)]
    const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''))
    if (bad === 'latin1') bytes[bytes.indexOf('latin1')] = 0xe9
    async function* text() {
      yield bytes
    }
    const importing = importEvents({
      text: text(),
      folder: target,
      domain,
      runtime,
      onProgress: () => {},
    })
    await expect(importing).rejects.toMatchObject({ name: 'ImportLineError', line: 51 })
    await expect(importing).rejects.toThrow(`Line 51 cannot be imported: `)
    await expect(importing).rejects.toThrow(why)
    await expect(importing).rejects.toThrow('What is before it was: the log ends with event 50.')
    expect(await eventsIn(target)).toEqual(events.slice(0, 50))
    await expectSound(target)
  })

  it('and nothing is made where it is the first', async () => {
    for (const bad of ['{', line(10, {}), line(0, { orderversion: 2 })]) {
      const target = elsewhere()
      await expect(importLines(target, [bad])).rejects.toThrow('Line 1 cannot be imported: ')
      expect(existsSync(target)).toBe(false)
    }
  })

  it('where the log has another event in its place', async () => {
    const target = await logOf(events.slice(0, 40))
    const before = hashOf(target)
    const changed = [...linesOf(events.slice(0, 20)), line(20, { by: 'somebody else' })]
    const importing = importLines(target, changed)
    await expect(importing).rejects.toThrow(
      `Line 21 cannot be imported: ${target} has another event 21`,
    )
    expect(hashOf(target)).toBe(before)
  })

  it('where the log begins after it, or ends before it', async () => {
    const target = await logOf(shop(30, 2001))
    const before = hashOf(target)
    const others = shop(60, 1981)
    const early = `Line 1 cannot be imported: it is event 1981, and ${target} has 2001 to 2030`
    await expect(importLines(target, linesOf(others))).rejects.toThrow(early)
    const late = importLines(target, linesOf(shop(60, 2001).slice(31)))
    await expect(late).rejects.toThrow(
      `it is event 2032, and ${target} has 2001 to 2030; 2031 is the next`,
    )
    expect(hashOf(target)).toBe(before)
  })
})

describe('nothing is imported', () => {
  it('beside a process that writes the log', async () => {
    const target = await logOf(shop(30))
    writing(target)
    await expect(importLines(target, linesOf(shop(31)))).rejects.toThrow(LogLockedError)
  })

  it('to a folder of others', async () => {
    const target = temporaryFolder()
    mkdirSync(join(target, 'photos'))
    const importing = importLines(target, linesOf(shop(3)))
    await expect(importing).rejects.toThrow('it holds photos, and no ordinal.json')
  })

  it('to the log of another domain', async () => {
    const target = await logOf(shop(3))
    writeFileSync(
      join(target, 'ordinal.json'),
      JSON.stringify({ ...markIn(target), domain: 'parcel' }),
    )
    const importing = importLines(target, linesOf(shop(4)))
    await expect(importing).rejects.toThrow('holds the log of parcel, not of order')
  })
})
