/** A checkpoint that is read beside the process that takes it further. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { openCheckpointForReading } from '../../src/checkpoint/stored/open.ts'
import { openLogForReading } from '../../src/log/lmdb-log.ts'
import { PageFile } from '../../src/log/pages/page-file.ts'
import { temporaryFolder } from '../support/folders.ts'
import { domain, shop } from '../upkeep/logs.ts'

const script = join(import.meta.dirname, 'child/damage-child.mjs')
const events = shop(2400)

/** Another process appends events, and writes a checkpoint after each 200 of them. */
function takeFurther(folder: string, from: number, end: number): void {
  const make: object[] = []
  for (let done = from; done < end; done += 200) make.push(events.slice(done, done + 200))
  const input = JSON.stringify({ make })
  const { status, stderr } = spawnSync(process.execPath, [script, folder], {
    input,
    encoding: 'utf8',
  })
  expect(status, stderr).toBe(0)
}

it('is not taken for damaged where its pages are written anew while they are looked at', async () => {
  const folder = join(temporaryFolder(), 'log')
  takeFurther(folder, 0, 800)
  const log = openLogForReading(folder)
  onTestFinished(() => log.close())
  const { meta } = PageFile.prototype
  let done = 800
  vi.spyOn(PageFile.prototype, 'meta').mockImplementation(function (this: PageFile, onlyGrows) {
    const found = meta.call(this, onlyGrows)
    if (onlyGrows === false) {
      takeFurther(folder, done, done + 800)
      done += 800
    }
    return found
  })
  onTestFinished(() => void vi.restoreAllMocks())
  // It is of the code as it was built, so that it is not gone on from here; it is sound all the same.
  expect(await openCheckpointForReading(folder, log, domain)).toBeUndefined()
  expect(done).toBe(2400)
})
