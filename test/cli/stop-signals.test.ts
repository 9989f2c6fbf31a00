import { EventEmitter } from 'node:events'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { onStopSignal } from '../../src/cli/stop-signals.ts'
import { repeatedSignalMs } from '../../src/config.ts'

let now: number
let target: EventEmitter & { pid: number; kill: ReturnType<typeof vi.fn<() => true>> }
const stop = vi.fn()
beforeEach(() => {
  now = 5
  stop.mockClear()
  target = Object.assign(new EventEmitter(), { pid: 7, kill: vi.fn(() => true as const) })
  onStopSignal(stop, { elapsed: () => now }, target as unknown as NodeJS.Process)
})

describe.each(['SIGINT', 'SIGTERM'] as const)('%s', (signal) => {
  it('stops the program, and does so once where it comes twice, as by npm', () => {
    target.emit(signal)
    now += repeatedSignalMs - 1
    target.emit(signal)
    target.emit('SIGTERM')
    expect(stop).toHaveBeenCalledTimes(1)
    expect(target.kill).not.toHaveBeenCalled()
  })

  it('ends it at once where it is sent again', () => {
    target.emit('SIGTERM')
    now += repeatedSignalMs
    target.emit(signal)
    expect(stop).toHaveBeenCalledTimes(1)
    expect(target.kill).toHaveBeenCalledExactlyOnceWith(7, signal)
    expect(target.listenerCount(signal)).toBe(0)
  })
})
