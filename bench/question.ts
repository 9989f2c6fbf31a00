/** What every question of the suite offers; `main.ts` lists them. */
import type { Finding } from './goals.ts'
import type { Plot } from './plot/plot.ts'

export interface RunOptions {
  /** An existing folder on the disk to measure. What is made in it is removed by whoever made it. */
  readonly folder: string
  /** Fewer rounds and orders: shows that the question works, and judges nothing. */
  readonly quick: boolean
  /** Hears what is being measured now, in a few words. */
  readonly note: (text: string) => void
}

/** One question: measured by `run`, which gives plain data, and shown to people by `print`. */
export interface Question<Answer = any> {
  readonly name: string
  /** The question in one sentence. */
  readonly asks: string
  /** @throws {WrongResultError} if what was measured did not do its work */
  run(options: RunOptions): Promise<Answer>
  print(answer: Answer): string
  /** What the answer comes to, each with the goal that it is held to. */
  findings(answer: Answer): readonly Finding[]
  /** What of the answer is better seen than read. */
  plots?(answer: Answer): readonly Plot[]
}
