/** What happens to orders, and to what is on the disk, while a checkpoint is being made. */
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { nameOf, type Records } from '../../src/checkpoint/stored/layout.ts'
import { openCheckpoint } from '../../src/checkpoint/stored/open.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'
import { systemRuntime as runtime } from '../../src/runtime.ts'
import { faultOfCheckpoint } from '../../src/upkeep/checkpoint-check.ts'
import { temporaryFolder } from '../support/folders.ts'
import { order, sequencerOn, settle } from '../support/sequencer.ts'
import { domain } from '../upkeep/logs.ts'

const limits = { checkpointOrdersMax: 1_000_000, checkpointMs: 1_000_000, ordersKeptMax: 1 }

/** Whoever writes a log whose appends are durable at once, and goes on from the checkpoint of a folder. */
async function opened(folder: string, log: MemoryLog) {
  const { file, origin, removed } = await openCheckpoint(folder, log, domain)
  const made = await sequencerOn({ log, checkpoint: { file, origin, removed }, limits })
  const checkpoints = made.checkpoints!
  let isOpen = true
  /** As after a kill. */
  const leave = async () => {
    if (!isOpen) return
    isOpen = false
    await made.sequencer.close()
    await checkpoints.stop()
    await file.close()
  }
  onTestFinished(leave)
  return { ...made, checkpoints, file, removed, leave }
}

type Opened = Awaited<ReturnType<typeof opened>>

const customers = 7
const id = (index: number) => `o-${index}`

function place({ submit }: Opened, from: number, end: number) {
  const indexes = Array.from({ length: end - from }, (_, offset) => from + offset)
  return Promise.all(
    indexes.map((index) =>
      submit('order.new', order(id(index), { customerId: `c-${index % customers}` })),
    ),
  )
}

const pay = ({ submit }: Opened, indexes: readonly number[]) =>
  Promise.all(
    indexes.map((index) =>
      submit('order.pay', { orderId: id(index), paymentId: 'p', amount: 5000 }),
    ),
  )

const upTo = (count: number) => [...Array(count).keys()]

/** Everything about orders, those of each customer in the order in which they were placed. */
const shown = ({ view }: Pick<Opened, 'view'>) => ({
  counts: view.counts(),
  all: view.list({ limit: 1_000_000 }),
  byCustomer: upTo(customers).map((customer) =>
    view.list({ customerId: `c-${customer}`, limit: 1_000_000 }),
  ),
})

/** The same, from nothing but the log. */
const whole = async (log: MemoryLog) => shown((await sequencerOn({ log })) as never)

const faultOf = ({ file, log }: Opened) =>
  faultOfCheckpoint({ file, log, domain, runtime, onProgress: () => {} })

/** Lets so many of its transactions be written, and fails the next one. */
function failingAfter({ file }: Opened, count: number) {
  const write = file.write.bind(file)
  let calls = 0
  return vi.spyOn(file, 'write').mockImplementation(async (records, about) => {
    if (calls++ === count) throw new Error('the disk is gone')
    await write(records, about)
  })
}

describe('orders that change while a checkpoint is made', () => {
  it('are in it as they were when it was begun', async () => {
    const log = new MemoryLog()
    const made = await opened(temporaryFolder(), log)
    await place(made, 0, 200)
    const written = made.checkpoints.write()
    const paid = pay(made, upTo(200))
    await written
    expect(made.failures).toEqual([])
    // They have changed meanwhile, and not only afterwards.
    expect(made.view.eventId).toBe(400)
    expect(made.file.about).toMatchObject({ eventId: 200, orders: 200 })
    for (const place of upTo(200)) expect(made.file.view(place)).toMatchObject({ version: 1 })
    expect(await faultOf(made)).toBeUndefined()
    await paid
    expect(shown(made)).toEqual(await whole(log))
    expect(made.heads.changedCount).toBe(200)
    await made.checkpoints.write()
    for (const place of upTo(200)) expect(made.file.view(place)).toMatchObject({ version: 2 })
    expect(await faultOf(made)).toBeUndefined()
  })

  it('are in the next one where it fails, with those that have not changed', async () => {
    const at = temporaryFolder()
    const log = new MemoryLog()
    const made = await opened(at, log)
    await place(made, 0, 50)
    await made.checkpoints.write()
    await place(made, 50, 200)
    const failing = failingAfter(made, 0)
    const written = made.checkpoints.write()
    await place(made, 200, 260)
    await pay(made, [3, 60, 199, 200, 259])
    await written
    failing.mockRestore()
    expect(made.failures).toEqual([new Error('the disk is gone')])
    expect(made.file.about).toMatchObject({ orders: 50 })
    expect(shown(made)).toEqual(await whole(log))
    await made.checkpoints.write()
    expect(made.file.about).toMatchObject({ orders: 260, eventId: 265 })
    expect(await faultOf(made)).toBeUndefined()
    expect(shown(made)).toEqual(await whole(log))
    await made.leave()
    const next = await opened(at, log)
    expect([next.removed, next.heads.keptCount]).toEqual([undefined, 0])
    expect(shown(next)).toEqual(await whole(log))
  })
})

describe('records of orders that the checkpoint does not have yet', () => {
  it('are written some at a time, before it is of them', async () => {
    const made = await opened(temporaryFolder(), new MemoryLog())
    await place(made, 0, 6500)
    const write = vi.spyOn(made.file, 'write')
    await made.checkpoints.write()
    const views = ([records]: readonly [Records, object]) =>
      [...records.keys()].filter((key) => nameOf(key).startsWith('views')).length
    // 204 records of 32 orders each.
    expect(write.mock.calls.map(views)).toEqual([64, 64, 64, 12])
    const orders = write.mock.calls.map(([, about]) => [about.orders, about.eventId])
    expect(orders).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
      [6500, 6500],
    ])
    expect(await faultOf(made)).toBeUndefined()
  })

  it.each([
    ['the first checkpoint', 0],
    ['a later one', 3000],
  ])('leave what there was to go on from, where the rest of %s never follows', async (_, had) => {
    const at = temporaryFolder()
    const log = new MemoryLog()
    const made = await opened(at, log)
    if (had > 0) {
      await place(made, 0, had)
      await made.checkpoints.write()
    }
    await place(made, had, had + 5000)
    await pay(made, [0, had, had + 4999])
    failingAfter(made, 2)
    await made.checkpoints.write()
    expect(made.failures).toHaveLength(1)
    expect(shown(made)).toEqual(await whole(log))
    expect(await faultOf(made)).toBeUndefined()
    await made.leave()
    const next = await opened(at, log)
    expect([next.removed, next.file.about!.orders, next.file.eventId]).toEqual([
      undefined,
      had,
      had,
    ])
    expect(await faultOf(next)).toBeUndefined()
    expect(shown(next)).toEqual(await whole(log))
    await next.checkpoints.write()
    expect(next.file.about).toMatchObject({ orders: had + 5000, eventId: log.head })
    expect(await faultOf(next)).toBeUndefined()
    await next.leave()
    const last = await opened(at, log)
    expect([last.removed, last.heads.keptCount]).toEqual([undefined, 0])
    expect(shown(last)).toEqual(await whole(log))
  })

  it('and that cannot be written fail it once, and the next one has all of them', async () => {
    const log = new MemoryLog()
    const made = await opened(temporaryFolder(), log)
    await place(made, 0, 6500)
    for (const count of [0, 1, 2]) {
      const failing = failingAfter(made, count)
      await made.checkpoints.write()
      failing.mockRestore()
      expect(made.failures.splice(0)).toEqual([new Error('the disk is gone')])
      expect(made.heads.changedCount).toBe(6500)
    }
    await made.checkpoints.write()
    expect([made.failures, made.heads.keptCount]).toEqual([[], 1])
    expect(await faultOf(made)).toBeUndefined()
    expect(shown(made)).toEqual(await whole(log))
  })

  it('are waited for where something else fails, so that the next one begins alone', async () => {
    const made = await opened(temporaryFolder(), new MemoryLog())
    await place(made, 0, 4000)
    const { writeAhead } = made.file
    let goOn = () => {}
    const waits = new Promise<void>((resolve) => {
      goOn = resolve
    })
    const ahead = vi.spyOn(made.file, 'writeAhead').mockImplementation(async (...args) => {
      await waits
      await writeAhead.apply(made.file, args)
    })
    const owner = vi.spyOn(made.view.cuts, 'ownerOf').mockImplementation(() => {
      throw new Error('nobody owns it')
    })
    const written = made.checkpoints.write()
    await vi.waitFor(() => expect(owner).toHaveBeenCalled())
    await settle()
    expect([ahead.mock.calls.length, made.failures]).toEqual([1, []])
    goOn()
    await written
    expect(made.failures.splice(0)).toEqual([new Error('nobody owns it')])
    owner.mockRestore()
    await made.checkpoints.write()
    expect([made.failures, await faultOf(made)]).toEqual([[], undefined])
  })
})
