/** `verify` holds a checkpoint against the fold of the log. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CheckpointFile } from '../../src/checkpoint/stored/checkpoint-file.ts'
import { keyOf } from '../../src/checkpoint/stored/layout.ts'
import { viewRecordOf } from '../../src/checkpoint/stored/view-record.ts'
import { recordOf } from '../../src/checkpoint/stored/words.ts'
import { openEngine } from '../../src/engine.ts'
import { systemRuntime as runtime } from '../../src/runtime.ts'
import { verifyLog } from '../../src/upkeep/verify.ts'
import { temporaryFolder } from '../support/folders.ts'
import { order } from '../support/sequencer.ts'
import { domain, hashOf } from './logs.ts'

const orders = 70

/** A folder whose engine has closed, and so has left a checkpoint; some orders have changed since. */
async function shopWithCheckpoint(): Promise<string> {
  const data = join(temporaryFolder(), 'log')
  const engine = await openEngine({ data, firstEventId: 101 })
  for (let index = 0; index < orders; index++) {
    await engine.submit('order.new', order(`o-${index}`, { customerId: `c-${index % 7}` }))
    if (index % 2 === 0) await engine.submit('order.cancel', { orderId: `o-${index}` })
  }
  await engine.close()
  const later = await openEngine({ data, checkpoint: false })
  await later.submit('order.pay', { orderId: 'o-1', paymentId: 'p', amount: 5000 })
  await later.submit('order.new', order('o-later'))
  await later.close()
  return data
}

const findingsIn = async (folder: string) => {
  const before = hashOf(folder)
  const onProgress = () => {}
  const verdict = await verifyLog({ folder, domain, findingsMax: 20, runtime, onProgress })
  expect(hashOf(folder)).toBe(before)
  expect(verdict).toMatchObject({ firstEventId: 101, soundUntil: 207, orders: orders + 1 })
  return verdict.findings
}

function opened(folder: string): CheckpointFile {
  const path = join(folder, 'checkpoint.mdb')
  const file = new CheckpointFile({ path, firstEventId: 101, readOnly: false, salt: '' })
  file.begin()
  return file
}

/** Writes something else to the checkpoint, as a fault of the program would. */
async function tamper(folder: string, change: (file: CheckpointFile) => [number, Buffer]) {
  const file = opened(folder)
  await file.write(new Map([change(file)]), file.about!)
  await file.close()
}

const finding = (what: string) => [
  { eventId: null, of: 'checkpoint', what: expect.stringContaining(what) },
]

describe('a checkpoint that is verified', () => {
  it('is sound, also where the log has gone on since', async () => {
    expect(await findingsIn(await shopWithCheckpoint())).toEqual([])
  })

  it('is not where a view is another than its events lead to', async () => {
    const folder = await shopWithCheckpoint()
    await tamper(folder, (file) => {
      const key = keyOf('views', 0)
      const other = { ...file.view(3), total: 1 } as never
      const before = Buffer.from(file.record('views', 0)!)
      return [key, viewRecordOf(key, new Map([[3, other]]), before)]
    })
    const what = 'order o-3 is not what its events lead to. Remove it'
    expect(await findingsIn(folder)).toEqual(finding(what))
  })

  it('is not where a view is an older one', async () => {
    const folder = await shopWithCheckpoint()
    await tamper(folder, (file) => {
      const key = keyOf('views', 0)
      const older = { ...file.view(4), eventId: 101 } as never
      const before = Buffer.from(file.record('views', 0)!)
      return [key, viewRecordOf(key, new Map([[4, older]]), before)]
    })
    expect(await findingsIn(folder)).toEqual(
      finding('order o-4 is of event 101, and its newest is'),
    )
  })

  it.each([
    ['its id', 'ids', 1],
    ['its status', 'statuses', 0],
    ['its customer', 'owners', undefined],
  ] as const)('is not where an order is not found by %s', async (what, kind, number) => {
    const folder = await shopWithCheckpoint()
    await tamper(folder, (file) => {
      const numbers = number === undefined ? [...Array(64).keys()] : [number]
      const found = numbers.find((each) => file.record(kind, each) !== undefined)!
      const key = keyOf(kind, found)
      return [key, recordOf(key, file.wordsAt(key)!.fill(0))]
    })
    expect(await findingsIn(folder)).toEqual(finding(`is not found by ${what}`))
  })

  it('is not where an event is of another order', async () => {
    const folder = await shopWithCheckpoint()
    await tamper(folder, (file) => {
      const key = keyOf('places', 0)
      const words = file.wordsAt(key)!
      words[5] = 1
      return [key, recordOf(key, words)]
    })
    expect(await findingsIn(folder)).toEqual(finding('event 106 of order'))
  })

  it('is not where a bit of it is flipped, which is named', async () => {
    const folder = await shopWithCheckpoint()
    const path = join(folder, 'checkpoint.mdb')
    const bytes = readFileSync(path)
    const at = bytes.lastIndexOf('"orderId":"o-40"')
    bytes[at + 12]! ^= 1
    writeFileSync(path, bytes)
    expect(await findingsIn(folder)).toEqual(finding('checkpoint.mdb is damaged: record views 1.'))
  })

  it('is nobody’s concern where a start would not go on from it', async () => {
    const folder = await shopWithCheckpoint()
    const file = opened(folder)
    await file.write(new Map(), { ...file.about!, fingerprint: 'another', orders: 3 })
    await file.close()
    expect(await findingsIn(folder)).toEqual([])
  })
})
