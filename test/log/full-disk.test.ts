import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { openLogForReading, openLogForWriting } from '../../src/log/lmdb-log.ts'
import { systemRuntime as runtime } from '../../src/runtime.ts'
import { temporaryFolder } from '../support/folders.ts'
import { ownMounts, runChild } from './children.ts'
import { allOf, appendTo, idsOf, range } from './events.ts'

/** Runs a command with a file system of a few MiB at `place`, gone when it ends. */
const onSmallDisk = (place: string) => [
  'sh',
  '-c',
  'mount -t tmpfs -o size=4m tmpfs "$0" && exec "$@"',
  place,
]
const isFull = expect.objectContaining({
  name: 'StorageFullError',
  message: expect.stringContaining('There is no room left'),
})

it.for<[string, string[]]>([
  ['small entries, two in one transaction', ['2000']],
  ['small entries, each in its transaction', ['2000', 'apart']],
  ['big entries, two in one transaction', ['150000']],
  ['big entries, each in its transaction', ['150000', 'apart']],
])(
  'survives a full disk, and appends on when there is room again: %s',
  async ([_, how], context) => {
    const place = temporaryFolder()
    const within = [...ownMounts(context), ...onSmallDisk(place)]
    const { code, said, errors } = await runChild(
      ['fill-disk', join(place, 'data'), ...how],
      within,
    )
    expect({ code, said: said.length }, errors).toEqual({ code: 0, said: 4 })
    const [full, appended, fullAgain, reopened] = said
    for (const end of [full, fullAgain]) {
      // The second of two says that its head is stale where only the first found no room.
      expect(end!['failures'][0]['name']).toMatch(/^(StorageFull|StaleHead)Error$/)
      expect(end!['failures']).toContainEqual(isFull)
      const landed = end!['durable'] + (end!['landed'] === 1 ? 3 : 0)
      expect(end).toMatchObject({ head: landed, read: landed, isSound: true })
    }
    expect(appended).toEqual({ head: full!['head'] + 1 })
    expect(fullAgain!['head']).toBeGreaterThan(appended!['head'])
    expect(reopened).toEqual({ head: fullAgain!['head'], read: fullAgain!['head'], isSound: true })
  },
)

it('opens a log on a disk that is full to the last byte', async (context) => {
  const place = temporaryFolder()
  const within = [...ownMounts(context), ...onSmallDisk(place)]
  const { code, said, errors } = await runChild(['open-on-full-disk', join(place, 'data')], within)
  expect(code, errors).toBe(0)
  expect(said).toEqual([{ head: 1, read: 1, isSound: true }, isFull, { head: 2 }])
})

it('breaks where a commit fails and the disk is not full: nobody knows what was written', async () => {
  const folder = temporaryFolder()
  // No file may grow over 2 MiB or so.
  const within = ['sh', '-c', 'ulimit -f 4096 && exec "$@"', 'sh']
  const { code, said, errors } = await runChild(['fill-file', folder], within)
  expect(code, errors).toBe(0)
  const isUnknown = expect.objectContaining({ name: 'AppendUnknownError' })
  const [failed, appended, read, closed] = said
  expect(failed!['failures']).toContainEqual(isUnknown)
  expect(appended).toEqual(isUnknown)
  expect(read).toMatchObject({ head: failed!['head'], isSound: true })
  expect(closed).toEqual({ closed: true })

  const log = openLogForWriting({ folder, domain: 'test', runtime })
  onTestFinished(() => log.close())
  expect(log.head).toBeGreaterThanOrEqual(failed!['head'])
  await appendTo(log)
  const reader = openLogForReading(folder)
  onTestFinished(() => reader.close())
  expect(idsOf(await allOf(reader.read(1)))).toEqual(range(1, log.head))
})
