import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { regionsOf } from '../../log/regions.ts'
import { ordinal, serve } from '../../support/cli.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { hashOf, logOf, shop } from '../../upkeep/logs.ts'

const elsewhere = () => join(temporaryFolder(), 'rescued')

describe('ordinal salvage', () => {
  it('says that nothing is missing, and ends with 0', async () => {
    const data = await logOf(shop(60, 2001))
    const target = elsewhere()
    const { code, stdout, stderr } = await ordinal('salvage', target, '--data', data)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.split('\n')).toEqual([
      `${target} holds 60 events, 2001 to 2060, and is sound.`,
      'Nothing is missing, and no event has another eventId than before.',
    ])
  })

  it('says what is missing, ends with 1, and what it made is served', async () => {
    const data = await logOf(shop(60), { appends: Array<number>(60).fill(1) })
    const path = join(data, 'events.mdb')
    const file = readFileSync(path)
    // Event 7, the payment of order-1, wherever a copy of it is.
    const id = Buffer.alloc(16)
    id.writeDoubleLE(7)
    id.writeDoubleLE(2, 8)
    for (let at = file.indexOf(id); at !== -1; at = file.indexOf(id, at + 1)) file[at + 9]! ^= 1
    writeFileSync(path, file)
    const before = hashOf(data)
    const target = elsewhere()
    const { code, stdout, stderr } = await ordinal('salvage', target, '--data', data)
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    expect(stdout.split('\n')).toEqual([
      `${target} holds 58 events, 1 to 58, and is sound.`,
      '  lost, as nothing sound is left of them: 7 (1 event)',
      '  left out, as they follow what is lost: 12 (1 event)',
      '  orders that are as they were before that: order-1 (v1)',
      '  what can still be read of the lost: 7 OrderPaymentEvent of order-1',
      '  from event 8 on, eventIds are others: 7 and so on',
      `${join(target, 'salvage.json')} says all of it.`,
    ])
    expect(hashOf(data)).toBe(before)
    const verdict = await ordinal('verify', '--data', target)
    expect(verdict.stdout).toBe(`${target} is sound: events 1 to 58, of 20 orders.`)
    await serve(target)
  })

  it('says where the way to the newest event is lost, and ends with 1', async () => {
    const data = await logOf(shop(60), { appends: Array<number>(60).fill(1) })
    const path = join(data, 'events.mdb')
    const file = readFileSync(path)
    const [branch = 0] = regionsOf(file).get('branch of the log')!
    writeFileSync(path, file.fill(0, branch * 4096, (branch + 1) * 4096))
    const { code, stdout } = await ordinal('salvage', elsewhere(), '--data', data)
    expect(code).toBe(1)
    expect(stdout).toContain('holds 60 events, 1 to 60, and is sound.')
    expect(stdout).toContain(
      '  the way to the newest event is damaged: later ones may be lost, too',
    )
  })

  it('prints its report as JSON', async () => {
    const data = await logOf(shop(60))
    const target = elsewhere()
    const { stdout } = await ordinal('salvage', target, '--data', data, '--json')
    const report = JSON.parse(readFileSync(join(target, 'salvage.json'), 'utf8'))
    expect(JSON.parse(stdout)).toEqual({ target, ...report })
  })

  it('refuses a log that a server writes', async () => {
    const data = temporaryFolder()
    await serve(data)
    const { code, stderr } = await ordinal('salvage', elsewhere(), '--data', data)
    expect(code).toBe(1)
    expect(stderr).toContain(`${data} is being written by process`)
  })
})
