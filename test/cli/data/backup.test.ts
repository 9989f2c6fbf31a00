import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ordinal, Running, serve } from '../../support/cli.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { bob } from '../../support/orders.ts'
import { connect } from '../../support/rpc.ts'
import { eventsIn, hashOf, logOf, markIn, shop } from '../../upkeep/logs.ts'
import { preloading } from './preload.ts'

describe('ordinal backup', () => {
  it('copies the log of a server while its clients go on, and each copy is sound', async () => {
    const place = temporaryFolder()
    const data = join(place, 'data')
    const server = await serve(data)
    const clients = await Promise.all([1, 2, 3].map(() => connect(server.address)))
    let isOver = false
    let placed = 0
    const busy = clients.map(async (client, number) => {
      for (let order = 0; !isOver; order++) {
        const orderId = `${number}-${order}`
        await client.call('order.new', { ...bob.new, orderId })
        await client.call('order.pay', { ...bob.pay, orderId, amount: 5000 })
        placed++
      }
    })
    const heads: number[] = []
    for (const name of ['one', 'two', 'three']) {
      const target = join(place, name)
      const { code, stdout, stderr } = await ordinal('backup', target, '--data', data, '--json')
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      const copy = JSON.parse(stdout)
      expect(copy).toMatchObject({ data, target, firstEventId: 1, epoch: markIn(data).epoch })
      heads.push(copy.head)
      const verdict = await ordinal('verify', '--data', target, '--json')
      expect(JSON.parse(verdict.stdout)).toMatchObject({
        ...{ sound: true, soundUntil: copy.head, orders: copy.orders },
      })
    }
    isOver = true
    await Promise.all(busy)
    expect(heads).toEqual([...heads].sort((a, b) => a - b))
    expect(new Set(heads).size).toBe(3)
    const all = await eventsIn(data)
    expect(all).toHaveLength(2 * placed)
    for (const [index, name] of ['one', 'two', 'three'].entries()) {
      expect(await eventsIn(join(place, name))).toEqual(all.slice(0, heads[index]))
    }
    const verdict = await ordinal('verify', '--data', data)
    expect(verdict.stdout).toBe(`${data} is sound: events 1 to ${2 * placed}, of ${placed} orders.`)
  })

  it('says in words what it copied', async () => {
    const data = await logOf(shop(60, 2001))
    const target = join(temporaryFolder(), 'copy')
    const { stdout } = await ordinal('backup', target, '--data', data)
    expect(stdout).toBe(`${target} is a copy of ${data}: events 2001 to 2060, of 20 orders.`)
    const empty = await logOf([])
    const other = join(temporaryFolder(), 'copy')
    const none = await ordinal('backup', other, '--data', empty)
    expect(none.stdout).toBe(`${other} is a copy of ${empty}, which has no events yet.`)
  })

  it('makes a log that is served, in which clients notice that it is another', async () => {
    const place = temporaryFolder()
    const [data, target] = [join(place, 'data'), join(place, 'copy')]
    const server = await serve(data)
    const client = await connect(server.address)
    await client.call('order.new', bob.new)
    await ordinal('backup', target, '--data', data)
    await client.call('order.pay', { ...bob.pay, amount: 5000 })
    const { epoch } = markIn(data)
    const restored = await serve(target)
    const other = await connect(restored.address)
    const { result } = await other.call('session.hello', {})
    expect(result).toMatchObject({ eventId: 1, epoch: markIn(target).epoch })
    expect(markIn(target).epoch).not.toBe(epoch)
    const from = { epoch, eventId: 2 }
    const resumed = await other.call('views.subscribe', { from })
    expect(resumed).toMatchObject({ result: { recovered: false } })
  })

  it('refuses a target that is not empty, and leaves it as it is', async () => {
    const data = await logOf(shop(6))
    const target = await logOf(shop(3))
    const before = hashOf(target)
    const { code, stdout, stderr } = await ordinal('backup', target, '--data', data)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe(
      `ordinal: ${target} holds events.mdb, events.mdb-lock, ordinal.json. ` +
        'Name a folder that is empty or does not exist yet.\n',
    )
    expect(hashOf(target)).toBe(before)
  })

  it('leaves no log where it is killed', async () => {
    const data = await logOf(shop(60))
    const target = join(temporaryFolder(), 'copy')
    // It dies when all is written, and the mark is about to be.
    const environment = preloading(`
      import fs from 'node:fs'
      import { syncBuiltinESMExports } from 'node:module'
      fs.renameSync = () => process.kill(process.pid, 'SIGKILL')
      syncBuiltinESMExports()`)
    const killed = await new Running(['backup', target, '--data', data], environment).ended
    expect(killed.signal).toBe('SIGKILL')
    expect(readdirSync(target)).toContain('events.mdb')
    expect(existsSync(join(target, 'ordinal.json'))).toBe(false)
    for (const args of [['verify'], ['events'], ['serve', '--port', '0']]) {
      const { code, stderr } = await ordinal(...args, '--data', target)
      expect(code).toBe(1)
      expect(stderr).toMatch(/is not a data folder of Ordinal|its ordinal\.json is missing/)
    }
    const again = await ordinal('backup', target, '--data', data)
    expect(again.stderr).toContain(`${target} holds a copy that was not finished`)
  })
})
