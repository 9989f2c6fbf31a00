/** Walks through a recording, with the disk under it and what has been said so far. */

import type { Recording, Step, Told } from '../recording/recording.ts'
import { Disk } from './disk.ts'

export interface Moment {
  readonly disk: Disk
  /** What has just been. */
  readonly step: Step
  readonly index: number
  /** What leaves the process with this step. */
  readonly told: Told | undefined
  /** The greatest eventId that anybody has been told by now. */
  readonly acknowledged: number
  /** True once anybody has been told which log this is. */
  readonly isKnown: boolean
}

/** The moments after each step; the disk is the same one all the way. */
export function* walk({ root, steps, told: all }: Recording): Generator<Moment> {
  const disk = new Disk(root)
  let acknowledged = 0
  let isKnown = false
  for (const [index, step] of steps.entries()) {
    if (step.kind === 'gone') disk.endProcess(step.left)
    else if (step.operation.change.kind !== 'tell') disk[step.kind](step.operation)
    const told = step.kind === 'begin' ? all.get(step.operation) : undefined
    if (told) {
      acknowledged = Math.max(acknowledged, told.ends)
      isKnown ||= told.messages.some((text) => text.includes('"epoch":'))
    }
    yield { disk, step, index, told, acknowledged, isKnown }
  }
}
