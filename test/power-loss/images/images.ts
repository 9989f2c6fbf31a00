/**
 * The second proof: whenever the power is cut, and whatever of the unflushed has reached the disk, the
 * log that is found there is sound, and holds every event that anybody was told of.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, join, relative } from 'node:path'
import { checkpointFile } from '../../../src/checkpoint/stored/open.ts'
import { eventsFile } from '../../../src/log/events-file.ts'
import { Chance } from '../../soak/chance.ts'
import type { Image } from '../disk/disk.ts'
import { walk } from '../disk/walk.ts'
import { filesOf, type Recording, type Step } from '../recording/recording.ts'
import { fromAnotherBoot, layOutScratch } from './after-reboot.ts'
import { Opener, type Opening } from './openers.ts'
import { type Manner, ReachByChance } from './reach.ts'

export interface ImagesOptions {
  readonly recording: Recording
  /** Where it was read from. */
  readonly folder: string
  /** A folder, best in memory, in which images are laid out; each is removed once it was opened. */
  readonly scratch: string
  /** `open-image.mjs`. */
  readonly opener: string
  readonly images: number
  readonly seed: number
  /** The share of images of moments before the log is there for the first time. */
  readonly makingShare?: number
  /** Makes this image alone, and leaves it there. */
  readonly only?: number
}

export interface Finding {
  readonly image: number
  /** How the image came about. */
  readonly cut: string
  readonly wrong: string
}

export interface ImagesCounts {
  readonly images: number
  readonly byManner: Readonly<Partial<Record<Manner, number>>>
  /** Images of a moment at which something was not flushed. */
  readonly unsettled: number
  /** Images of which some event had been told. */
  readonly acknowledging: number
  /** Events that images held beyond those that had been told. */
  readonly extraMost: number
  readonly findings: readonly Finding[]
}

const openersCount = availableParallelism()
/** Of the images of a log that is there, so many are of moments at which something is not flushed. */
const unsettledShare = 0.75

export async function openImages(options: ImagesOptions): Promise<ImagesCounts> {
  const { events } = filesOf(options.folder)
  const openers = Array.from({ length: openersCount }, () => new Opener(options.opener, events))
  const idle = [...openers]
  const running = new Set<Promise<void>>()
  const findings: Finding[] = []
  const counts = { images: 0, unsettled: 0, acknowledging: 0, extraMost: 0 }
  const byManner: Partial<Record<Manner, number>> = {}
  try {
    for (const made of imagesOf(options)) {
      while (idle.length === 0) await Promise.race(running)
      const { image, manner, opening } = made
      counts.images++
      counts.unsettled += made.isSettled ? 0 : 1
      counts.acknowledging += opening.acknowledged > 0 ? 1 : 0
      byManner[manner] = (byManner[manner] ?? 0) + 1
      const opener = idle.pop()!
      const opened = opener.open(opening).then((answer) => {
        idle.push(opener)
        running.delete(opened)
        if ('wrong' in answer) findings.push({ image, cut: made.cut, wrong: answer.wrong })
        else counts.extraMost = Math.max(counts.extraMost, answer.head - opening.acknowledged)
        if (options.only === undefined) rmSync(made.root, { recursive: true })
      })
      running.add(opened)
    }
    await Promise.all(running)
  } finally {
    for (const opener of openers) opener.close()
  }
  findings.sort((one, other) => one.image - other.image)
  return { ...counts, byManner, findings }
}

interface Made {
  readonly image: number
  readonly cut: string
  readonly manner: Manner
  readonly isSettled: boolean
  readonly root: string
  readonly opening: Opening
}

/** Lays out one image after the other, in the order of their moments. */
function* imagesOf(options: ImagesOptions): Generator<Made> {
  const { recording, scratch, seed } = options
  const due = imagesByStep(options)
  for (const moment of walk(recording)) {
    const { disk, step, index, acknowledged, isKnown } = moment
    for (const { image, chance } of due.get(index) ?? []) {
      const events = disk.file(join(recording.data, eventsFile))
      const hasCheckpoint = disk.file(join(recording.data, checkpointFile))?.wasFlushed ?? false
      const reach = new ReachByChance(chance, events?.pending ?? [])
      const root = join(scratch, `image-${seed}-${image}`)
      const within = (path: string) => join(root, relative(recording.root, path))
      layOut(root, disk.image(reach), within)
      const folder = within(recording.data)
      layOutScratch(folder, chance)
      const { epoch } = recording
      yield {
        ...{ image, manner: reach.manner, isSettled: disk.isSettled, root },
        cut: `${textOf(step)}, ${reach.manner}, ${acknowledged} acknowledged`,
        opening: {
          ...{ folder, epoch, acknowledged, isKnown, hasCheckpoint },
          isReadFirst: chance.below(3) > 0,
        },
      }
    }
  }
}

interface Due {
  readonly image: number
  readonly chance: Chance
}

/** After which step the power is cut for which images. */
function imagesByStep({ recording, images, seed, makingShare = 0.1, only }: ImagesOptions) {
  const unsettled: number[] = []
  const making: number[] = []
  for (const { disk, index, isKnown } of walk(recording)) {
    if (!disk.isSettled) unsettled.push(index)
    if (!disk.isSettled && !isKnown) making.push(index)
  }
  const due = new Map<number, Due[]>()
  for (let image = 0; image < images; image++) {
    if (only !== undefined && image !== only) continue
    const chance = new Chance(Math.imul(seed, 0x9e3779b1) + image)
    const step =
      chance.next() < makingShare
        ? chance.of(making)
        : chance.next() < unsettledShare
          ? chance.of(unsettled)
          : chance.below(recording.steps.length)
    const others = due.get(step)
    if (others) others.push({ image, chance })
    else due.set(step, [{ image, chance }])
  }
  return due
}

function layOut(root: string, image: Image, within: (path: string) => string): void {
  mkdirSync(root, { recursive: true })
  for (const { path, bytes } of image) {
    if (!bytes) mkdirSync(within(path))
    else writeFileSync(within(path), path.endsWith('.mdb') ? fromAnotherBoot(bytes) : bytes)
  }
}

function textOf(step: Step): string {
  if (step.kind === 'gone') return `process ${step.process} has gone`
  const { change, begins } = step.operation
  const what = 'path' in change ? `${change.kind} ${basename(change.path)}` : change.kind
  const where = change.kind === 'write' ? ` ${change.bytes.length} bytes at ${change.at}` : ''
  return `${step.kind} of ${what}${where} (line ${begins + 1} of trace ${step.process})`
}
