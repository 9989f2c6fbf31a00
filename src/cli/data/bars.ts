import { defaults } from '../../config.ts'
import type { Progress, Stage } from '../../upkeep/progress.ts'
import { ReplayBar } from '../replay-bar.ts'

/** The bars of a command that does one thing after the other, on stderr where it is a terminal. */
export class Bars {
  #stage: Stage | undefined
  #bar: ReplayBar | undefined

  show(progress: Progress): void {
    if (progress.of !== this.#stage) {
      this.end()
      this.#stage = progress.of
      this.#bar = new ReplayBar(process.stderr, defaults.progressAfterMs, ...words[progress.of])
    }
    this.#bar?.show(progress)
  }

  end(): void {
    this.#bar?.end()
  }
}

/** What is being done, and what is counted. */
const words: Readonly<Record<Stage, readonly [string, string]>> = {
  pages: ['Looking at the file', 'pages'],
  bytes: ['Searching the file', 'MiB'],
  events: ['Reading the log', 'events'],
  copy: ['Reading the copy', 'events'],
  orders: ['Comparing the checkpoint', 'orders'],
}
