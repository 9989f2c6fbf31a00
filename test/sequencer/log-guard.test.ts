import { rmSync } from 'node:fs'
import { expect, it } from 'vitest'
import { defaults } from '../../src/config.ts'
import { LogLostError, openEngine } from '../../src/index.ts'
import { HandTimers } from '../gateway/fakes.ts'
import { temporaryFolder } from '../support/folders.ts'
import { bob } from '../support/orders.ts'

const { logCheckMs } = defaults

async function open() {
  const data = temporaryFolder()
  const timers = new HandTimers()
  const faults: Error[] = []
  const onFault = (fault: Error) => void faults.push(fault)
  const engine = await openEngine({ data, runtime: timers.runtime, onFault })
  return { engine, data, timers, faults }
}

it('stops an idle engine whose folder was removed, and says so once', async () => {
  const { engine, data, timers, faults } = await open()
  await engine.submit('order.new', bob.new)
  timers.fire(logCheckMs)
  rmSync(data, { recursive: true })
  expect(faults).toEqual([])
  timers.fire(logCheckMs)
  expect(faults).toEqual([expect.any(LogLostError)])
  expect(await engine.submit('order.modify', bob.modify)).toMatchObject({ refused: 'STOPPING' })
  expect(timers.count(logCheckMs)).toBe(0)
  expect(engine.get('bob-1')).toMatchObject({ version: 1 })
  await engine.close()
})

it('gives no receipt where the folder was removed before the next look', async () => {
  const { engine, data, faults } = await open()
  rmSync(data, { recursive: true })
  await expect(engine.submit('order.new', bob.new)).rejects.toMatchObject({
    code: 'OUTCOME_UNKNOWN',
    cause: expect.any(LogLostError),
  })
  expect(faults).toEqual([expect.any(LogLostError)])
  expect(engine.get('bob-1')).toBeUndefined()
  await engine.close()
})

it('looks again and again while all is well, and no more once the engine closes', async () => {
  const { engine, timers, faults } = await open()
  for (let looks = 0; looks < 3; looks++) {
    expect(timers.count(logCheckMs)).toBe(1)
    timers.fire(logCheckMs)
  }
  await engine.close()
  expect(timers.count(logCheckMs)).toBe(0)
  expect(faults).toEqual([])
})
