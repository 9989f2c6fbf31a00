import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PositionAheadError } from '../../src/errors.ts'
import { exportEvents } from '../../src/upkeep/export.ts'
import { ExportFile } from '../../src/upkeep/export-file.ts'
import { temporaryFolder } from '../support/folders.ts'
import { logOf, markIn, shop, writing } from './logs.ts'

type Options = Partial<Parameters<typeof exportEvents>[0]>

async function exported(folder: string, options: Options = {}) {
  const parts = []
  const all = { folder, from: undefined, after: undefined, onProgress: () => {}, ...options }
  for await (const part of exportEvents(all)) parts.push(part)
  const text = parts.map((part) => part.text).join('')
  return {
    parts,
    ids: text.split('\n').flatMap((line) => (line ? [JSON.parse(line).id] : [])),
    text,
  }
}

const range = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => String(first + index))

describe('an export', () => {
  it('has all events, or those from one on', async () => {
    const folder = await logOf(shop(2500, 2001))
    expect((await exported(folder)).ids).toEqual(range(2001, 4500))
    expect((await exported(folder, { from: 3333 })).ids).toEqual(range(3333, 4500))
    expect((await exported(folder, { from: 1 })).ids).toEqual(range(2001, 4500))
    expect((await exported(folder, { from: 4501 })).ids).toEqual([])
    const { parts, text } = await exported(folder, { from: 4499 })
    expect(parts).toMatchObject([{ first: 4499, last: 4500 }])
    expect(JSON.parse(text.split('\n')[0]!).source).toBe(`ordinal:order/${markIn(folder).epoch}`)
  })

  it('says where there is no such event yet', async () => {
    const folder = await logOf(shop(3))
    await expect(exported(folder, { from: 5 })).rejects.toThrow(PositionAheadError)
  })

  it('goes beside the process that writes, up to the newest event at its start', async () => {
    const folder = await logOf(shop(30))
    const log = writing(folder)
    await log.append(shop(40).slice(30), 30)
    expect((await exported(folder)).ids).toEqual(range(1, 40))
  })

  it('does not go on what is of another log', async () => {
    const folder = await logOf(shop(30))
    const [after] = shop(10).slice(-1)
    expect((await exported(folder, { from: 11, after })).ids).toEqual(range(11, 30))
    const other = { ...after!, by: 'somebody else' }
    const exporting = exported(folder, { from: 11, after: other })
    await expect(exporting).rejects.toThrow(`${folder} is not the log that event 10 is of`)
  })
})

describe('a file of events', () => {
  const path = () => join(temporaryFolder(), 'events.ndjson')

  it('goes on where it ends, and writes a line anew that was cut off', async () => {
    const folder = await logOf(shop(60))
    const whole = (await exported(folder)).text
    for (const cut of [0, 1, 30, 400, whole.length - 3, whole.length]) {
      const file = path()
      writeFileSync(file, whole)
      truncateSync(file, cut)
      const opened = new ExportFile(file, 'order')
      const after = opened.last
      const from = (after?.eventId ?? 0) + 1
      expect(from - 1).toBe(whole.slice(0, cut).split('\n').length - 1)
      expect(readFileSync(file, 'utf8')).toBe(whole.slice(0, cut))
      for (const part of (await exported(folder, { from, after })).parts) opened.write(part.text)
      opened.close()
      expect(readFileSync(file, 'utf8')).toBe(whole)
    }
  })

  it('is made where there is none', () => {
    const file = path()
    const opened = new ExportFile(file, 'order')
    expect(opened.last).toBeUndefined()
    opened.write('a\n')
    opened.write('b\n')
    opened.close()
    expect(readFileSync(file, 'utf8')).toBe('a\nb\n')
  })

  it.each([
    ['a text', 'Dear Bob,\n'],
    ['a text without an end', 'Dear Bob,'],
    ['a list', '[1,2]\n'],
    ['bytes', '\0\0\n\0'],
    ['one long line', 'x'.repeat(3 * 2 ** 20)],
  ])('is not what holds %s, and that is left as it is', (_, text) => {
    const file = path()
    writeFileSync(file, text)
    expect(() => new ExportFile(file, 'order')).toThrow(
      `${file} is there, and is no export of events`,
    )
    expect(readFileSync(file, 'utf8')).toBe(text)
  })

  it('is not what holds events of another domain', async () => {
    const file = path()
    writeFileSync(file, (await exported(await logOf(shop(3)))).text)
    expect(() => new ExportFile(file, 'parcel')).toThrow('it is an event of order')
  })

  it('cannot be a folder, or below what is not there', () => {
    const folder = temporaryFolder()
    expect(() => new ExportFile(folder, 'order')).toThrow(`${folder} cannot be written`)
    const below = join(folder, 'a', 'events.ndjson')
    expect(() => new ExportFile(below, 'order')).toThrow(`${below} cannot be written`)
  })
})
