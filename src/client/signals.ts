import { tell } from './listeners.ts'

/** What is to be done when a signal is aborted, under the one listener that it is given. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>()

/**
 * Runs once the signal is aborted; returns what ends that, and leaves nothing on the signal. One
 * signal may be for very many calls: platforms warn of many listeners, and have to look for each.
 */
export function onAborted(signal: AbortSignal | undefined, run: () => void): () => void {
  if (!signal) return () => {}
  const runs = waiting.get(signal) ?? listenTo(signal)
  // A function of its own, so that the same may be given twice.
  const own = () => run()
  runs.add(own)
  return () => {
    if (runs.delete(own) && runs.size === 0) leave(signal)
  }
}

function listenTo(signal: AbortSignal): Set<() => void> {
  const runs = new Set<() => void>()
  waiting.set(signal, runs)
  signal.addEventListener('abort', onAbort)
  return runs
}

function onAbort(this: AbortSignal): void {
  const runs = waiting.get(this) ?? []
  leave(this)
  for (const run of runs) tell(run, undefined)
}

function leave(signal: AbortSignal): void {
  waiting.delete(signal)
  signal.removeEventListener('abort', onAbort)
}
