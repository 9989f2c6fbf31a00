import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { regionsOf } from '../../log/regions.ts'
import { ordinal, Running, serve } from '../../support/cli.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { bob } from '../../support/orders.ts'
import { connect } from '../../support/rpc.ts'
import { hashOf, logOf, shop } from '../../upkeep/logs.ts'
import { onceItHasRead, preloading } from './preload.ts'

/** A log of 60 events, of which one has a flipped bit. */
async function damagedLog() {
  const folder = await logOf(shop(60), { appends: [10, 10] })
  const path = join(folder, 'events.mdb')
  const file = readFileSync(path)
  file[file.lastIndexOf('"pay-5000"') + 2]! ^= 1
  writeFileSync(path, file)
  return folder
}

describe('ordinal verify', () => {
  it('says that a log is sound, and ends with 0', async () => {
    const folder = await logOf(shop(60, 2001))
    const before = hashOf(folder)
    const { code, stdout, stderr } = await ordinal('verify', '--data', folder)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toBe(`${folder} is sound: events 2001 to 2060, of 20 orders.`)
    const json = await ordinal('verify', '--data', folder, '--json')
    expect(JSON.parse(json.stdout)).toEqual({
      ...{ sound: true, data: folder, firstEventId: 2001, soundUntil: 2060, orders: 20 },
      findings: [],
    })
    const empty = await logOf([])
    const { stdout: none } = await ordinal('verify', '--data', empty)
    expect(none).toBe(`${empty} is sound, and has no events yet.`)
    expect(hashOf(folder)).toBe(before)
  })

  it('reads beside a server, which goes on', async () => {
    const folder = temporaryFolder()
    const server = await serve(folder)
    const client = await connect(server.address)
    await client.call('order.new', bob.new)
    const { stdout } = await ordinal('verify', '--data', folder)
    expect(stdout).toBe(`${folder} is sound: events 1 to 1, of 1 order.`)
    expect(await client.call('order.pay', { ...bob.pay, amount: 10 })).toMatchObject({
      result: { eventId: 2 },
    })
  })

  it('names the first bad event, ends with 1, and changes nothing', async () => {
    const folder = await damagedLog()
    const before = hashOf(folder)
    const { code, stdout, stderr } = await ordinal('verify', '--data', folder)
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    expect(stdout.split('\n')).toEqual([
      `${folder} is not sound. The first bad event is 55.`,
      '  Event 55 of the log is damaged: its checksum does not match.',
      `Sound are events 1 to 54, of 20 orders. \`ordinal salvage DIR --data ${folder}\` copies all ` +
        'that is sound into a new log.',
    ])
    const json = await ordinal('verify', '--data', folder, '--json')
    expect(json.code).toBe(1)
    expect(JSON.parse(json.stdout)).toMatchObject({
      ...{ sound: false, soundUntil: 54 },
      findings: [{ eventId: 55 }],
    })
    expect(hashOf(folder)).toBe(before)
  })

  it('says that the log is sound where its checkpoint is not, and ends with 1', async () => {
    const folder = await logOf(shop(60))
    writeFileSync(join(folder, 'checkpoint.mdb'), 'text')
    const before = hashOf(folder)
    const { code, stdout, stderr } = await ordinal('verify', '--data', folder)
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    expect(stdout.split('\n')).toEqual([
      `${folder} is not sound, though all of its log is: events 1 to 60, of 20 orders.`,
      '  checkpoint.mdb is damaged: it does not begin like one. Remove it while no server runs: ' +
        'the next one makes it anew.',
    ])
    expect(hashOf(folder)).toBe(before)
  })

  it('says where there is no log, and ends with 1', async () => {
    const folder = temporaryFolder()
    const { code, stdout, stderr } = await ordinal('verify', '--data', folder)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe(`ordinal: ${folder} is not a data folder of Ordinal.\n`)
  })
})

describe('a process that dies of what it reads', () => {
  const verify = (folder: string, environment: NodeJS.ProcessEnv, ...args: string[]) =>
    new Running(['verify', '--data', folder, ...args], environment).ended

  it.each(['SIGSEGV', 'SIGBUS', 'SIGABRT'])('is a finding: %s', async (signal) => {
    const folder = await logOf(shop(60))
    const environment = onceItHasRead(`process.kill(process.pid, '${signal}')`)
    const { code, signal: own, stdout, stderr } = await verify(folder, environment)
    expect({ code, own, stderr }).toEqual({ code: 1, own: null, stderr: '' })
    const [title, finding] = stdout.split('\n')
    expect(title).toBe(`${folder} is not sound.`)
    expect(finding).toBe(
      `  The process that read it died of ${signal} after 60 of 60 events: ` +
        'the file is damaged in a way that LMDB does not stand.',
    )
    const json = await verify(folder, environment, '--json')
    expect(json.code).toBe(1)
    expect(JSON.parse(json.stdout)).toEqual({
      ...{ sound: false, data: folder },
      findings: [{ eventId: null, what: expect.stringContaining(`died of ${signal}`) }],
    })
  })

  it('is none where it was killed, or had too little memory, or failed', async () => {
    const folder = await logOf(shop(60))
    const killed = await verify(folder, onceItHasRead("process.kill(process.pid, 'SIGKILL')"))
    expect({ code: killed.code, stdout: killed.stdout }).toEqual({ code: 1, stdout: '' })
    expect(killed.stderr).toBe(
      'ordinal: The process that read it ended with SIGKILL after 60 of 60 events.\n',
    )
    const full =
      "process.stderr.write('FATAL ERROR: JavaScript heap out of memory'); process.abort()"
    const { code, stdout, stderr } = await verify(folder, onceItHasRead(full))
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('There is too little memory to hold the state of all orders')
    const failing = preloading("if (process.send) throw new Error('no such luck')")
    const failed = await verify(folder, failing)
    expect(failed).toMatchObject({ code: 1, stdout: '' })
    expect(failed.stderr).toContain('The process that read it ended with 1')
    expect(failed.stderr).toContain('no such luck')
  })
})

describe('every command that opens a damaged log', () => {
  it.each([['serve', '--port', '0'], ['events'], ['history', 'order-1'], ['export']])(
    'says what is wrong, and ends with 1: %s',
    async (...args) => {
      const folder = await logOf(shop(60), { appends: Array<number>(60).fill(1) })
      const path = join(folder, 'events.mdb')
      const file = readFileSync(path)
      // Where the free space of a leaf ends.
      const [, leaf = 0] = regionsOf(file).get('leaf of the log')!
      file[leaf * 4096 + 22]! ^= 4
      writeFileSync(path, file)
      const before = hashOf(folder)
      const { code, signal, stderr } = await ordinal(...args, '--data', folder)
      expect({ code, signal }).toEqual({ code: 1, signal: null })
      expect(stderr).toMatch(/Event \d+ of the log is damaged: page \d+ has nodes that do not fill/)
      expect(stderr).toContain('`ordinal salvage` saves what is sound.')
      expect(stderr).not.toContain('    at ')
      expect(hashOf(folder)).toBe(before)
    },
  )

  it('says why where it is no log', async () => {
    const folder = await logOf(shop(6))
    writeFileSync(join(folder, 'events.mdb'), 'SQLite format 3\0'.repeat(1000))
    appendFileSync(join(folder, 'events.mdb'), 'more')
    for (const args of [
      ['serve', '--port', '0'],
      ['events'],
      ['verify'],
      ['backup', `${folder}-2`],
    ]) {
      const { code, stdout, stderr } = await ordinal(...args, '--data', folder)
      expect(code).toBe(1)
      expect(stdout + stderr).toContain('is not a log: it does not begin like one')
    }
  })
})
