import { copyFileSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join, relative } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { LogLockedError, LogLostError } from '../../../src/errors.ts'
import type { EventLog } from '../../../src/log/event-log.ts'
import { openLogForReading } from '../../../src/log/lmdb-log.ts'
import { LmdbTree } from '../../../src/log/lmdb-tree.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { ownPids, runChild, startChild } from '../children.ts'
import { appendTo } from '../events.ts'
import { openedLog } from '../stored.ts'

const holder = (pid: number) => `process ${pid} on ${hostname()}, since `

it('refuses a second writer in the same process, and names the holder', async () => {
  const folder = temporaryFolder()
  const log = openedLog(folder)
  const second = () => openedLog(folder)
  expect(second).toThrow(LogLockedError)
  expect(second).toThrow(`${folder} is being written by ${holder(process.pid)}`)
  await appendTo(log)
  await log.close()
  expect(openedLog(folder).head).toBe(1)
})

it('lets readers in beside the writer', async () => {
  const folder = temporaryFolder()
  const log = openedLog(folder)
  await appendTo(log)
  const reader = openLogForReading(folder)
  expect(reader.head).toBe(1)
  await reader.close()
  expect(() => openedLog(folder)).toThrow(LogLockedError)
})

it('refuses a writer while another process holds the log, and gets it when that ends', async () => {
  const folder = temporaryFolder()
  const other = startChild(['hold', folder])
  const { pid } = await other.line(0)
  expect(() => openedLog(folder)).toThrow(LogLockedError)
  expect(() => openedLog(folder)).toThrow(holder(pid))
  expect(await other.finish()).toMatchObject({ code: 0 })
  await appendTo(openedLog(folder))
})

it('gets the log of a process that was killed, whatever its lock file says', async () => {
  const folder = temporaryFolder()
  const other = startChild(['hold', folder])
  const { pid } = await other.line(0)
  expect(() => openedLog(folder)).toThrow(holder(pid))
  await other.kill('SIGKILL')
  const log = openedLog(folder)
  await appendTo(log)
  expect(() => openedLog(folder)).toThrow(holder(process.pid))
})

it('is refused in another pid namespace, and names the holder', async (context) => {
  const folder = temporaryFolder()
  const log = openedLog(folder)
  const { said, errors } = await runChild(['open', folder], ownPids(context))
  expect(said, errors).toEqual([
    {
      name: 'LogLockedError',
      code: 'LOG_LOCKED',
      message: expect.stringContaining(holder(process.pid)),
    },
  ])
  await log.close()
  expect((await runChild(['open', folder], ownPids(context))).said).toMatchObject([{ head: 0 }])
})

it('holds against everybody from another pid namespace, until it is killed', async (context) => {
  const folder = temporaryFolder()
  const other = startChild(['hold', folder], ownPids(context))
  expect(await other.line(0)).toEqual({ pid: 1, head: 0 })
  expect(() => openedLog(folder)).toThrow(LogLockedError)
  expect(() => openedLog(folder)).toThrow(holder(1))
  await other.kill('SIGKILL')
  await appendTo(openedLog(folder))
})

/** Sets back when a folder has last changed, so that it counts as quiet, and has the log see that. */
function quieten(folder: string, log: EventLog): void {
  const longAgo = new Date(Date.now() - 60_000)
  utimesSync(folder, longAgo, longAgo)
  log.check()
}

describe('a log that is open', () => {
  const harms: [string, string, (folder: string) => void][] = [
    ['its folder was removed', 'writer.lock', (folder) => rmSync(folder, { recursive: true })],
    ['its folder was moved', 'writer.lock', (folder) => renameSync(folder, `${folder}-moved`)],
    [
      'its folder was replaced by another log',
      'writer.lock',
      (folder) => {
        renameSync(folder, `${folder}-moved`)
        openedLog(folder)
      },
    ],
    ['its lock was removed', 'writer.lock', (folder) => rmSync(join(folder, 'writer.lock'))],
    ['its events were removed', 'events.mdb', (folder) => rmSync(join(folder, 'events.mdb'))],
    [
      'its events were replaced by a copy',
      'events.mdb',
      (folder) => {
        copyFileSync(join(folder, 'events.mdb'), join(folder, 'copy'))
        renameSync(join(folder, 'copy'), join(folder, 'events.mdb'))
      },
    ],
    [
      'a file stands in place of its folder',
      'writer.lock',
      (folder) => {
        rmSync(folder, { recursive: true })
        writeFileSync(folder, '')
      },
    ],
  ]
  const whenQuiet = harms.map(
    ([what, ...rest]) => [`${what}, after a quiet time`, ...rest] as const,
  )
  it.each([...harms, ...whenQuiet])('takes no appends once %s', async (what, file, harm) => {
    const folder = join(temporaryFolder(), 'data')
    const log = openedLog(folder)
    await appendTo(log)
    if (what.endsWith('quiet time')) quieten(folder, log)
    else log.check()
    harm(folder)
    await expect(appendTo(log)).rejects.toThrow(LogLostError)
    expect(() => log.check()).toThrow(`${join(folder, file)} was removed or replaced`)
    await expect(appendTo(log)).rejects.toThrow(LogLostError)
    expect(log.head).toBe(1)
  })

  it('is looked at again where its folder changes, and goes on where it is the same', async () => {
    const folder = join(temporaryFolder(), 'data')
    const log = openedLog(folder)
    quieten(folder, log)
    for (const name of ['notes', 'more-notes']) {
      writeFileSync(join(folder, name), '')
      await appendTo(log)
    }
    rmSync(join(folder, 'events.mdb'))
    await expect(appendTo(log)).rejects.toThrow(LogLostError)
    expect(log.head).toBe(2)
  })

  it('is not durable where it was removed while an append was under way', async () => {
    const folder = join(temporaryFolder(), 'data')
    const log = openedLog(folder)
    const append = appendTo(log)
    rmSync(folder, { recursive: true })
    await expect(append).rejects.toThrow(LogLostError)
    expect(log.head).toBe(0)
  })

  it('is not durable where it was removed just after it was flushed', async () => {
    const folder = join(temporaryFolder(), 'data')
    const log = openedLog(folder)
    const { putAfter } = LmdbTree.prototype
    const put = vi.spyOn(LmdbTree.prototype, 'putAfter').mockImplementation(async function (
      this: LmdbTree,
      ...args
    ) {
      const follows = await putAfter.apply(this, args)
      rmSync(folder, { recursive: true })
      return follows
    })
    onTestFinished(() => put.mockRestore())
    await expect(appendTo(log)).rejects.toThrow(LogLostError)
  })

  it('is still there beside readers, and where the program works in another folder', async () => {
    const parent = temporaryFolder()
    const before = process.cwd()
    const log = openedLog(relative(before, join(parent, 'data')))
    onTestFinished(() => process.chdir(before))
    mkdirSync(join(parent, 'elsewhere'))
    process.chdir(join(parent, 'elsewhere'))
    await openLogForReading(join(parent, 'data')).close()
    await appendTo(log)
    log.check()
    expect(log.head).toBe(1)
  })
})
