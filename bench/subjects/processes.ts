/**
 * Each subject in a process of its own. V8 makes code for what it has seen: what several subjects use, such
 * as XState, lmdb-js and the promises of the loop, it would make for all of them at once, and slower for each.
 */
import { Child } from '../child.ts'
import type { Sample } from '../measure.ts'
import type { Job } from './apart.ts'
import type { Run, Runs } from './runs.ts'
import type { Subject } from './subject.ts'

export class RunsApart implements Runs {
  readonly #folder: string
  readonly #children = new Map<string, Child<Job, Sample>>()

  constructor(folder: string) {
    this.#folder = folder
  }

  run({ name }: Subject, run: Run): Promise<Sample> {
    let child = this.#children.get(name)
    if (!child) {
      child = new Child('subjects/apart')
      this.#children.set(name, child)
    }
    return child.ask({ subject: name, folder: this.#folder, run })
  }

  end(): void {
    for (const child of this.#children.values()) child.end()
    this.#children.clear()
  }
}
