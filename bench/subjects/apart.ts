/** A program: runs one subject, and knows no other. */
import { serve } from '../child.ts'
import { collectGarbage, type Sample } from '../measure.ts'
import { type Run, runsHere } from './runs.ts'
import type { Subject } from './subject.ts'

export interface Job {
  readonly subject: string
  readonly folder: string
  readonly run: Run
}

/** By their names; each loads nothing of the others. */
const subjects: Readonly<Record<string, () => Promise<Subject>>> = {
  engine: async () => (await import('./engine.ts')).engineSubject,
  'by hand': async () => (await import('./by-hand/lmdb.ts')).byHandSubject,
  crud: async () => (await import('./crud.ts')).crudSubject,
  'bare puts': async () => (await import('./bare-puts.ts')).barePutsSubject,
  file: async () => (await import('./by-hand/file.ts')).fileSubject,
  xstate: async () => (await import('./xstate.ts')).xstateSubject,
}

serve<Job, Sample>(async ({ subject: name, folder, run }, say) => {
  const load = subjects[name]
  if (!load) throw new Error(`There is no subject ${name}.`)
  const subject = await load()
  collectGarbage()
  say(await runsHere(folder).run(subject, run))
})
