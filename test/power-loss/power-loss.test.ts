import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { killedInCommit, withoutFlushes } from './broken/recordings.ts'
import { bootOf, fromAnotherBoot, metaPages } from './images/after-reboot.ts'
import { type ImagesCounts, openImages } from './images/images.ts'
import { manners } from './images/reach.ts'
import { scratchFolder } from './images/scratch.ts'
import type { Change } from './recording/operations.ts'
import { record } from './recording/record.ts'
import { filesOf, type Recording, readRecording } from './recording/recording.ts'
import { checkSaid } from './said.ts'

const here = import.meta.dirname
const seed = 1
const timeoutMs = 120_000
let folder: string
/** A recording in which something was found stays there. */
let isKept = false
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ordinal-power-loss-'))
})
afterAll(() => {
  if (!isKept) rmSync(folder, { recursive: true, force: true })
})

async function recorded(options: { processes: number; commands: number; nodeArgs?: string[] }) {
  const own = mkdtempSync(join(folder, 'recording-'))
  const program = join(here, '../../dist/cli/main.js')
  await record({ folder: own, program, seed, ...options })
  return { folder: own, recording: readRecording(own) }
}

/** Makes images, and opens them. */
async function open(
  recorded: { folder: string; recording: Recording; makingShare?: number },
  images: number,
) {
  const scratch = scratchFolder()
  const opener = join(here, 'images/open-image.mjs')
  try {
    return await openImages({ ...recorded, scratch, opener, images, seed })
  } finally {
    rmSync(scratch, { recursive: true })
  }
}

/** Expects that nothing was found; otherwise says how to look at it again. */
function expectNothing({ images, findings }: ImagesCounts, recording: string, how = '') {
  isKept ||= findings.length > 0
  const again = `--recording ${recording} --seed ${seed} --images ${images}${how}`
  expect(findings, `Again with: npm run power-loss -- ${again}`).toEqual([])
}

const isOfEvents = (change: Change) => 'path' in change && change.path.endsWith('/events.mdb')

describe('the log as it is', () => {
  let good: Awaited<ReturnType<typeof recorded>>
  beforeAll(async () => {
    good = await recorded({ processes: 3, commands: 150 })
  }, timeoutMs)

  it('tells nobody of an event before the flush that holds it', () => {
    const { wrong, messages, receipts } = checkSaid(good.recording)
    expect(wrong).toEqual([])
    expect(receipts).toBeGreaterThan(100)
    expect(messages).toBeGreaterThan(receipts)
    const events = good.recording.events.with(99, good.recording.events[98]!)
    const otherwise = checkSaid({ ...good.recording, events })
    expect(otherwise.wrong[0]).toContain('"eventId":100')
  })

  it('is of a log whose file was made longer ahead of its pages', () => {
    const changes = good.recording.steps.flatMap((step) =>
      step.kind === 'begin' ? [step.operation.change] : [],
    )
    expect(changes.filter(isOfEvents).map(({ kind }) => kind)).toContain('lengthen')
  })

  it(
    'keeps all that it told of, wherever the power is cut',
    async () => {
      const counts = await open(good, 200)
      expectNothing(counts, good.folder)
      expect(counts.images).toBe(200)
      expect(counts.unsettled).toBeGreaterThan(100)
      expect(counts.acknowledging).toBeGreaterThan(100)
      expect(Object.keys(counts.byManner).sort()).toEqual([...manners].sort())
    },
    timeoutMs,
  )

  it(
    'is made, or can be made again, where the power is cut at its first start',
    async () => {
      const counts = await open({ ...good, makingShare: 1 }, 1000)
      expectNothing(counts, good.folder, ' --first-start')
      expect(counts.unsettled).toBe(1000)
    },
    timeoutMs,
  )

  it('is found by another boot than the one that wrote it', () => {
    const bytes = readFileSync(join(filesOf(good.folder).left(1), 'events.mdb'))
    const thisBoot = BigInt(
      Number.parseInt(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'), 16),
    )
    const named = () => metaPages.map((page) => bootOf(bytes, page))
    expect(named()).toContain(thisBoot)
    fromAnotherBoot(bytes)
    expect(named()).not.toContain(thisBoot)
  })

  it('tells nobody of what a process left unflushed that was killed', () => {
    const killed = killedInCommit(good.recording)
    expect(checkSaid(killed).wrong).toEqual([])
    // As it would be if the next one did not flush what it finds.
    const careless = withoutFlushes(killed, (_, { process }) => process === 2)
    expect(checkSaid(careless).wrong[0]).toContain('trace of process 2')
  })

  it.each<[string, (change: Change) => boolean, boolean, string]>([
    ['of the pages', (change) => isOfEvents(change) && change.kind === 'flush', true, 'cut short'],
    [
      'of the meta page',
      (change) => isOfEvents(change) && change.kind === 'write',
      true,
      'was acknowledged',
    ],
    ['of the names', ({ kind }) => kind === 'flush folder', false, 'is not a data folder'],
    [
      'of the mark',
      (change) => change.kind === 'flush' && !isOfEvents(change),
      false,
      'is not a mark of Ordinal',
    ],
  ])(
    'would be found out without a flush %s',
    async (_, isDropped, isEarly, wrong) => {
      const recording = withoutFlushes(good.recording, isDropped)
      // What was said is not too early for names, of which it says nothing.
      expect(checkSaid(recording).wrong.length > 0).toBe(isEarly)
      const { findings } = await open({ ...good, recording }, 100)
      expect(findings.length).toBeGreaterThan(0)
      expect(findings.map((finding) => finding.wrong).join()).toContain(wrong)
    },
    timeoutMs,
  )
})

it(
  'finds what overlappingSync would lose',
  async () => {
    const nodeArgs = ['--import', join(here, 'broken/overlapping-sync.mjs')]
    const broken = await recorded({ processes: 1, commands: 150, nodeArgs })
    const { findings } = await open(broken, 150)
    expect(findings.length).toBeGreaterThan(0)
  },
  timeoutMs,
)
