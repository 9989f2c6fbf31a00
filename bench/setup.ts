/** The exact set-up that figures were taken with: without it they mean nothing. */
import {
  closeSync,
  fdatasyncSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, release, totalmem, type } from 'node:os'
import { dirname, join } from 'node:path'
import * as lmdb from 'lmdb'
import { Bench } from 'tinybench'
import { defaults } from '../src/config.ts'
import { statisticsOf } from './measure.ts'

export interface Setup {
  readonly takenAt: string
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly system: string
  readonly node: string
  /** Flags of Node and V8, as they were given. */
  readonly flags: readonly string[]
  readonly lmdb: string
  readonly folder: string
  readonly fileSystem: string
  /** Time of one 4 KiB write with its fdatasync, in milliseconds. */
  readonly flushMs: { readonly p50: number; readonly p99: number }
  readonly durability: string
  readonly limits: { readonly batchEventsMax: number; readonly liveActorsMax: number }
}

/** Of this machine and this disk; `folder` is an empty one of the caller's on it. */
export function describeSetup(folder: string): Setup {
  const { batchEventsMax, liveActorsMax } = defaults
  const processors = cpus()
  return {
    takenAt: new Date().toISOString(),
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    flags: [...process.execArgv, ...(process.env['NODE_OPTIONS']?.split(' ') ?? [])],
    lmdb: `lmdb-js ${lmdbJsVersion()}, LMDB ${nativeVersion()}, overlappingSync: false`,
    folder: dirname(folder),
    fileSystem: fileSystemOf(folder),
    flushMs: measureFlush(folder),
    durability:
      'a command is answered after its commit was flushed to the disk, but where a subject is said ' +
      'not to be durable',
    limits: { batchEventsMax, liveActorsMax },
  }
}

export function printSetup(setup: Setup): string {
  const { limits, flushMs } = setup
  return [
    `machine     ${setup.cpu}, ${setup.cores} cores, ${setup.memoryGiB} GiB, ${setup.system}`,
    `runtime     Node ${setup.node}, flags: ${setup.flags.join(' ') || 'none'}`,
    `storage     ${setup.lmdb}`,
    `disk        ${setup.folder} (${setup.fileSystem}); 4 KiB write + fdatasync: ` +
      `p50 ${flushMs.p50.toFixed(3)} ms, p99 ${flushMs.p99.toFixed(3)} ms`,
    `durability  ${setup.durability}`,
    `limits      at most ${limits.batchEventsMax} events a commit, ` +
      `${limits.liveActorsMax} live actors (the engine's defaults)`,
    `taken at    ${setup.takenAt}`,
  ].join('\n')
}

const flushes = 300
const pageBytes = 4096

/** Overwrites the pages of a file one after the other, each with its fdatasync. */
function measureFlush(folder: string): Setup['flushMs'] {
  const path = join(folder, 'flush')
  const file = openSync(path, 'w')
  try {
    writeSync(file, Buffer.alloc(pageBytes * flushes, 1))
    fdatasyncSync(file)
    const page = Buffer.alloc(pageBytes, 2)
    let at = 0
    const flush = () => {
      writeSync(file, page, 0, pageBytes, pageBytes * at++)
      fdatasyncSync(file)
    }
    const bench = new Bench({ iterations: flushes, time: 0, warmup: false, throws: true })
    const [task] = bench.add('flush', flush, { async: false }).runSync()
    const { p50, p99 } = statisticsOf(task!).latency
    return { p50, p99 }
  } finally {
    closeSync(file)
    rmSync(path)
  }
}

/** As Linux numbers them; where a flush reaches no disk, it says so. */
const fileSystems = new Map([
  [0xef53, 'ext4'],
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
  [0x2fc12fc1, 'zfs'],
  [0x794c7630, 'overlayfs'],
  [0x01021994, 'tmpfs: IN MEMORY, nothing is flushed to a disk; choose another with --folder'],
])

function fileSystemOf(folder: string): string {
  const { type } = statfsSync(folder)
  return fileSystems.get(type) ?? `file system 0x${type.toString(16)}`
}

function lmdbJsVersion(): string {
  const entry = createRequire(import.meta.url).resolve('lmdb')
  return JSON.parse(readFileSync(join(dirname(entry), '..', 'package.json'), 'utf8')).version
}

function nativeVersion(): string {
  const { version } = lmdb as unknown as { version: Record<'major' | 'minor' | 'patch', number> }
  return `${version.major}.${version.minor}.${version.patch}`
}
