import { repeatedSignalMs } from '../config.ts'
import type { Runtime } from '../runtime.ts'

const signals = ['SIGTERM', 'SIGINT'] as const

/**
 * Calls `stop` at the first signal to stop. What comes right after it is the same one: npm passes on to its
 * child what the terminal has sent to both of them. A later one ends the process at once, by that signal.
 */
export function onStopSignal(
  stop: () => void,
  { elapsed }: Pick<Runtime, 'elapsed'>,
  target: Pick<NodeJS.Process, 'on' | 'removeAllListeners' | 'kill' | 'pid'> = process,
): void {
  let stoppedAt: number | undefined
  for (const signal of signals) {
    target.on(signal, () => {
      if (stoppedAt === undefined) {
        stoppedAt = elapsed()
        stop()
      } else if (elapsed() - stoppedAt >= repeatedSignalMs) {
        target.removeAllListeners(signal)
        target.kill(target.pid, signal)
      }
    })
  }
}
