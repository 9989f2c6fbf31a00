import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  type Command,
  drive,
  driveAtRate,
  inGroups,
  planOrders,
  WrongResultError,
} from '../../bench/workload.ts'

const orderIdOf = ({ params }: Command) => params.orderId!
const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('the closed loop', () => {
  it('ends at once where there is nothing to do', async () => {
    const never = () => new Promise(() => {})
    expect((await drive([], 4, never)).latenciesMs.length).toBe(0)
  })

  it('keeps so many in flight, and sends the commands of an order one after the other', async () => {
    const sent = new Map<string, string[]>()
    const open = new Set<string>()
    let most = 0
    const { latenciesMs } = await drive(planOrders(20), 4, async (command) => {
      const orderId = orderIdOf(command)
      expect(open.has(orderId)).toBe(false)
      open.add(orderId)
      most = Math.max(most, open.size)
      sent.set(orderId, [...(sent.get(orderId) ?? []), command.method])
      await turn()
      open.delete(orderId)
    })
    expect(most).toBe(4)
    expect(sent.size).toBe(20)
    for (const methods of sent.values()) {
      expect(methods).toEqual(['order.new', 'order.modify', 'order.pay'])
    }
    expect(latenciesMs).toHaveLength(60)
  })

  it('ends with the first refusal, and with what a subject throws', async () => {
    const refusing = async () => ({ refused: 'NO', message: 'not today' })
    await expect(drive(planOrders(2), 1, refusing)).rejects.toThrow(WrongResultError)
    await expect(driveAtRate(inGroups(planOrders(2)), 1000, refusing)).rejects.toThrow('not today')
    const throwing = () => {
      throw new Error('broken')
    }
    await expect(drive(planOrders(2), 1, throwing)).rejects.toThrow('broken')
    await expect(driveAtRate(inGroups(planOrders(2)), 1000, throwing)).rejects.toThrow('broken')
  })
})

describe('the open loop', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('counts a latency from when its command was to be sent, however late that was', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'setImmediate'] })
    let first = true
    // The first command keeps the program busy for 20 ms, in which 20 more come due.
    const running = driveAtRate(inGroups(planOrders(7)), 1000, async () => {
      if (first) vi.advanceTimersByTime(20)
      first = false
    })
    await vi.advanceTimersByTimeAsync(1)
    const { latenciesMs } = await running
    expect([...latenciesMs]).toEqual(Array.from({ length: 21 }, (_, index) => 20 - index))
  })

  it('sends the commands of each order in their order', async () => {
    const sent = new Map<string, string[]>()
    await driveAtRate(inGroups(planOrders(1500)), 1_000_000, async (command) => {
      sent.set(orderIdOf(command), [...(sent.get(orderIdOf(command)) ?? []), command.method])
    })
    expect(sent.size).toBe(1500)
    for (const methods of sent.values()) {
      expect(methods).toEqual(['order.new', 'order.modify', 'order.pay'])
    }
  })
})
