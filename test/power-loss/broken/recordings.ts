/** Recordings as they would be of a log that does less than ours: a check that is worth something finds it. */
import type { Change, Operation } from '../recording/operations.ts'
import type { Recording, Step } from '../recording/recording.ts'

type Begun = Exclude<Step, { readonly kind: 'gone' }>

/** The same without the flushes that are chosen: neither calls that flush, nor writes that flush themselves. */
export function withoutFlushes(
  recording: Recording,
  isDropped: (change: Change, step: Begun) => boolean,
): Recording {
  const others = new Map<Operation, Operation | undefined>()
  for (const step of recording.steps) {
    if (step.kind !== 'begin' || !isDropped(step.operation.change, step)) continue
    const { change } = step.operation
    if (change.kind.startsWith('flush')) others.set(step.operation, undefined)
    if (change.kind === 'write' && change.isSync) {
      others.set(step.operation, { ...step.operation, change: { ...change, isSync: false } })
    }
  }
  const steps = recording.steps.flatMap((step): Step[] => {
    if (step.kind === 'gone' || !others.has(step.operation)) return [step]
    const operation = others.get(step.operation)
    return operation ? [{ ...step, operation }] : []
  })
  return { ...recording, steps }
}

/** The same, but the first process was killed when it had written its last commit, and not flushed it. */
export function killedInCommit(recording: Recording): Recording {
  const last = recording.steps.findLast(
    (step) =>
      step.kind === 'begin' &&
      step.process === 1 &&
      step.operation.change.kind === 'write' &&
      step.operation.change.isSync,
  )
  if (last?.kind !== 'begin') throw new Error('The first process has no commit.')
  const { begins } = last.operation
  const isLater = ({ process, operation }: Begun) => process === 1 && operation.begins >= begins
  const quiet = withoutFlushes(recording, (_, step) => isLater(step))
  const steps = quiet.steps.filter(
    (step) => step.kind === 'gone' || step.operation.change.kind !== 'tell' || !isLater(step),
  )
  return { ...quiet, steps }
}
