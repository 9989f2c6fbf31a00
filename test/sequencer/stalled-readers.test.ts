import { expect, it } from 'vitest'
import type { LogReader } from '../../src/log/event-log.ts'
import { systemRuntime } from '../../src/runtime.ts'
import { type StalledReader, StalledReaders } from '../../src/sequencer/stalled-readers.ts'

const reader = (pid: number, commit: number): LogReader => ({ pid, thread: 'a', commit })

function watched() {
  let elapsed = 0
  const told: StalledReader[] = []
  const runtime = { ...systemRuntime, elapsed: () => elapsed }
  const readers = new StalledReaders(1000, runtime, (stalled) => told.push(stalled))
  const look = (at: number, ...reading: LogReader[]) => {
    elapsed = at
    readers.look(reading)
  }
  return { look, told }
}

it('tells of a reader that stays at one commit, once', () => {
  const { look, told } = watched()
  for (const at of [0, 500, 999]) look(at, reader(7, 10))
  expect(told).toEqual([])
  for (const at of [1200, 5000]) look(at, reader(7, 10))
  expect(told).toEqual([{ pid: 7, ms: 1200 }])
})

it('says nothing of one that goes on, however long it reads', () => {
  const { look, told } = watched()
  for (let at = 0; at < 10_000; at += 500) look(at, reader(7, at))
  expect(told).toEqual([])
})

it('counts anew where a reader had gone, and tells of each', () => {
  const { look, told } = watched()
  look(0, reader(7, 10))
  look(900)
  look(1000, reader(7, 10), reader(8, 3))
  look(1900, reader(7, 10), reader(8, 3))
  expect(told).toEqual([])
  look(2000, reader(7, 10), reader(8, 3))
  expect(told).toEqual([
    { pid: 7, ms: 1000 },
    { pid: 8, ms: 1000 },
  ])
})
