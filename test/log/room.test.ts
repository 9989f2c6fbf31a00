import type fs from 'node:fs'
import type { StatsFs } from 'node:fs'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { hasRoom, Room } from '../../src/log/room.ts'

vi.mock('node:fs', async (original) => ({
  ...(await original<typeof fs>()),
  statfsSync: vi.fn(),
}))
const { statfsSync } = await import('node:fs')

const mebibyte = 1024 * 1024
const gibibyte = 1024 * mebibyte

let now: number
let room: Room
beforeEach(() => {
  now = 0
  vi.mocked(statfsSync).mockReset()
  room = new Room('/folder', { elapsed: () => now })
})

function free(bytes: number): void {
  vi.mocked(statfsSync).mockReturnValue({ bavail: bytes, bsize: 1 } as StatsFs)
}

describe('the room on a file system', () => {
  it('is what is free but for a reserve', () => {
    free(mebibyte + 10)
    expect(hasRoom('/folder', 10)).toBe(true)
    expect(hasRoom('/folder', 11)).toBe(false)
    expect(room.has(10)).toBe(true)
    expect(room.has(11)).toBe(false)
  })

  it('is asked for each time where there is little', () => {
    free(gibibyte - 1)
    expect(room.has(1)).toBe(true)
    free(0)
    expect(room.has(1)).toBe(false)
  })

  it('is trusted for some milliseconds where there is plenty', () => {
    free(2 * gibibyte)
    for (let count = 0; count < 10; count++) expect(room.has(100)).toBe(true)
    expect(statfsSync).toHaveBeenCalledTimes(1)
    free(0)
    now = 19
    expect(room.has(100)).toBe(true)
    now = 20
    expect(room.has(100)).toBe(false)
  })

  it('is ample from a gibibyte on', () => {
    expect(room.isAmple).toBe(false)
    free(gibibyte - 1)
    room.has(0)
    expect(room.isAmple).toBe(false)
    free(gibibyte)
    room.has(0)
    now = 1000
    expect(room.isAmple).toBe(true)
    free(gibibyte - 1)
    room.has(0)
    expect(room.isAmple).toBe(false)
    expect(statfsSync).toHaveBeenCalledTimes(3)
  })

  it('is there where the system does not say', () => {
    vi.mocked(statfsSync).mockImplementation(() => {
      throw new Error('ENOSYS')
    })
    expect(hasRoom('/folder', gibibyte)).toBe(true)
    expect(room.has(gibibyte)).toBe(true)
    expect(room.isAmple).toBe(true)
  })
})
