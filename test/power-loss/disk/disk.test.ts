/** That the model of the disk is no kinder than a disk may be, and no unkinder. */
import { describe, expect, it } from 'vitest'
import { Chance } from '../../soak/chance.ts'
import { ReachByChance } from '../images/reach.ts'
import type { Change, Operation } from '../recording/operations.ts'
import { Disk, type DiskReach } from './disk.ts'
import { DiskFile, sectorBytes } from './disk-file.ts'

const page = 4096
const bytesOf = (letter: string, length = sectorBytes) => Buffer.alloc(length, letter)
const nothing: DiskReach = {
  name: () => false,
  versions: () => 0,
  length: (least) => least,
  fill() {},
}
const everything: DiskReach = {
  ...nothing,
  name: () => true,
  versions: ({ writes }) => writes.length,
  length: (_, most) => most,
}
/** The letters of a file, one for each sector; a dot for zeros. */
const lettersOf = (bytes: Buffer) =>
  Array.from({ length: Math.ceil(bytes.length / sectorBytes) }, (_, sector) =>
    String.fromCharCode(bytes[sector * sectorBytes] || 46),
  ).join('')

describe('a file', () => {
  it('is on the disk as its last flush found it, or as any later write left it', () => {
    const file = new DiskFile()
    file.write(1, 0, bytesOf('a', 2 * sectorBytes))
    file.flush(() => true)
    file.write(2, 0, bytesOf('b', 2 * sectorBytes))
    file.write(3, sectorBytes, bytesOf('c', 2 * sectorBytes))
    const seen = new Set<string>()
    for (let seed = 0; seed < 500; seed++) {
      seen.add(lettersOf(file.image(new ReachByChance(new Chance(seed), file.pending))).slice(0, 3))
    }
    // Each sector by itself; the third is not there, holds what was written, or is nobody's.
    for (const first of 'ab') {
      for (const second of 'abc') expect([...seen].join()).toContain(first + second)
    }
    expect(seen).toContain('aa')
    expect(seen).toContain('bcc')
    expect(seen).toContain('aa.')
    expect(lettersOf(file.image(nothing))).toBe('aa')
    expect(lettersOf(file.image(everything))).toBe('bcc')
  })

  it('has a part of a sector whole, with what stood beside it before', () => {
    const file = new DiskFile()
    file.write(1, 0, bytesOf('a'))
    file.flush(() => true)
    file.write(2, 100, bytesOf('b', 10))
    const image = file.image(everything)
    expect(image.toString('latin1', 98, 112)).toBe('aabbbbbbbbbbaa')
  })

  it('keeps by a flush of its own what a write flushed, and nothing else', () => {
    const file = new DiskFile()
    file.write(1, page, bytesOf('a'))
    file.write(2, 0, bytesOf('b'))
    file.flushRange(2, 0, sectorBytes)
    expect(lettersOf(file.image(nothing))).toBe('b')
    expect(file.isDurable(0, 2)).toBe(true)
    expect(file.isDurable(page / sectorBytes, 1)).toBe(false)
    expect(file.oldestPending(new Set())).toBe(1)
  })

  it('tells whether any of it was ever flushed', () => {
    const file = new DiskFile()
    file.write(1, 0, bytesOf('a'))
    expect(file.wasFlushed).toBe(false)
    file.flush(() => true)
    expect(file.wasFlushed).toBe(true)
  })

  it('keeps what was written into zeros, whether or not they had all been written', () => {
    const file = new DiskFile()
    file.write(1, 0, bytesOf('a'))
    file.flush(() => true)
    file.lengthen(2, 4 * sectorBytes)
    file.write(3, 2 * sectorBytes, bytesOf('b'))
    expect(lettersOf(file.image(nothing))).toBe('a')
    file.flush((write) => write === 3)
    expect(lettersOf(file.image(nothing))).toBe('a.b')
    file.flush(() => true)
    expect(lettersOf(file.image(nothing))).toBe('a.b..')
  })

  it('is as long as zeros made it, wherever they came, and holds nothing else that is not known', () => {
    const ended = (letters: string) => {
      const file = new DiskFile()
      file.write(1, 0, bytesOf('a'))
      file.lengthen(2, 2 * sectorBytes)
      file.write(3, sectorBytes, bytesOf('b'))
      const sectors = [...letters].map((letter) => bytesOf(letter.replace('.', '\0')))
      file.settleKill([], Buffer.concat(sectors))
      file.flush(() => true)
      return lettersOf(file.image(nothing))
    }
    // The zeros were there first; after the other write; cut off by a kill.
    for (const seen of ['ab.', 'ab..', 'ab']) expect(ended(seen)).toBe(seen)
    for (const seen of ['ab.c', 'a..', 'a']) expect(() => ended(seen)).toThrow('not recorded')
  })

  it('is as long as it was, or longer by what was not flushed', () => {
    const file = new DiskFile()
    file.write(1, 0, bytesOf('a'))
    file.flush(() => true)
    file.write(2, page, bytesOf('b', page))
    const lengths = new Set<number>()
    for (let seed = 0; seed < 300; seed++) {
      lengths.add(file.image(new ReachByChance(new Chance(seed), file.pending)).length)
    }
    expect(Math.min(...lengths)).toBe(sectorBytes)
    expect(Math.max(...lengths)).toBe(2 * page)
    expect(lengths.size).toBeGreaterThan(5)
  })

  it('is, after a kill in a write, as the next process sees it', () => {
    const file = new DiskFile()
    file.write(1, 0, bytesOf('a', 2 * sectorBytes))
    file.flush(() => true)
    file.write(2, 0, bytesOf('b', 3 * sectorBytes))
    file.settleKill([2], Buffer.concat([bytesOf('b'), bytesOf('a')]))
    expect(lettersOf(file.cached)).toBe('ba')
    expect(lettersOf(file.image(nothing))).toBe('aa')
    expect(lettersOf(file.image(everything))).toBe('ba')
    expect(() => file.settleKill([], bytesOf('x'))).toThrow('what was not recorded')
  })
})

describe('a disk', () => {
  const events = '/root/data/events.mdb'
  const operation = (change: Change): Operation => ({ change, begins: 0, ends: 0 })
  const whole = (disk: Disk, ...changes: Change[]) => {
    for (const one of changes.map(operation)) {
      disk.begin(one)
      disk.end(one)
    }
  }
  const write = (letter: string, at = 0, isSync = false): Change => {
    return { kind: 'write', path: events, at, bytes: bytesOf(letter), isSync }
  }
  const flush: Change = { kind: 'flush', path: events }
  const flushFolder = (path: string): Change => ({ kind: 'flush folder', path })
  const made: Change[] = [
    { kind: 'make folder', path: '/root/data' },
    { kind: 'make file', path: events },
  ]
  const pathsOf = (disk: Disk, reach: DiskReach) => disk.image(reach).map(({ path }) => path)
  const textOf = (disk: Disk, reach: DiskReach) =>
    disk.image(reach).map(({ bytes }) => bytes && lettersOf(bytes))

  /** A disk that has the file for certain, with nothing in it. */
  function diskWithFile() {
    const disk = new Disk('/root')
    whole(disk, ...made, flushFolder('/root'), flushFolder('/root/data'))
    return disk
  }

  it('has a file only where all names on the way to it were flushed', () => {
    const disk = new Disk('/root')
    whole(disk, ...made, write('a'), flush)
    expect(pathsOf(disk, nothing)).toEqual([])
    expect(pathsOf(disk, everything)).toEqual(['/root/data', events])
    whole(disk, flushFolder('/root/data'))
    expect(pathsOf(disk, nothing)).toEqual([])
    whole(disk, flushFolder('/root'))
    expect(textOf(disk, nothing)).toEqual([undefined, 'a'])
  })

  it('has a file by its old name, or by its new one', () => {
    const disk = diskWithFile()
    whole(disk, write('a'), flush, { kind: 'rename', path: events, to: '/root/data/new' })
    expect(pathsOf(disk, nothing)).toEqual(['/root/data', events])
    expect(pathsOf(disk, everything)).toEqual(['/root/data', '/root/data/new'])
    expect(disk.isSettled).toBe(false)
    whole(disk, flushFolder('/root/data'))
    expect(pathsOf(disk, nothing)).toEqual(['/root/data', '/root/data/new'])
    expect(disk.isSettled).toBe(true)
  })

  it('is sure of what had ended when a flush began, once that has ended', () => {
    const disk = diskWithFile()
    const flushing = operation(flush)
    const late = operation(write('b', sectorBytes))
    whole(disk, write('a'))
    disk.begin(late)
    disk.begin(flushing)
    expect(textOf(disk, nothing)).toEqual([undefined, ''])
    disk.end(late)
    disk.end(flushing)
    expect(textOf(disk, nothing)).toEqual([undefined, 'a'])
    expect(textOf(disk, everything)).toEqual([undefined, 'ab'])
  })

  it('is sure of a write that flushes itself once it has ended', () => {
    const disk = diskWithFile()
    const writing = operation(write('a', 0, true))
    disk.begin(writing)
    expect(textOf(disk, nothing)).toEqual([undefined, ''])
    expect(textOf(disk, everything)).toEqual([undefined, 'a'])
    disk.end(writing)
    expect(textOf(disk, nothing)).toEqual([undefined, 'a'])
  })

  it('is not sure of what a killed process left to the kernel, until the next one flushes it', () => {
    const disk = diskWithFile()
    const writing = operation(write('a', 0, true))
    disk.begin(writing)
    disk.endProcess(new Map([[events, bytesOf('a')]]))
    expect(textOf(disk, nothing)).toEqual([undefined, ''])
    whole(disk, flush)
    expect(textOf(disk, nothing)).toEqual([undefined, 'a'])
  })

  it('takes no two writes at once to one place, which it could not tell apart', () => {
    const disk = diskWithFile()
    disk.begin(operation(write('a')))
    expect(() => disk.begin(operation(write('b', 10)))).toThrow('Two writes at once')
    disk.begin(operation(write('c', page)))
  })
})
