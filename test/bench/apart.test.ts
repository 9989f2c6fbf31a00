import { readdirSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { RunsApart } from '../../bench/subjects/processes.ts'
import { temporaryFolder } from '../support/folders.ts'
import { subjects } from './subjects.ts'

const run = { leadIn: { orders: 5, inFlight: 2 }, orders: 20, load: { inFlight: 4 } }

function apart(folder = temporaryFolder()): RunsApart {
  const runs = new RunsApart(folder)
  onTestFinished(() => runs.end())
  return runs
}

describe('a subject in a process of its own', () => {
  it.each(subjects)('runs $name, whose results are checked there', async (subject) => {
    const folder = temporaryFolder()
    const runs = apart(folder)
    for (const load of [run.load, { perSecond: 10_000 }]) {
      const { unitMs, latenciesMs } = await runs.run(subject, { ...run, load })
      expect(unitMs).toBeGreaterThan(0)
      expect(latenciesMs.length).toBe(60)
    }
    expect(readdirSync(folder)).toEqual([])
  })

  it('says what went wrong there', async () => {
    const unknown = { ...subjects[0]!, name: 'nobody' }
    await expect(apart().run(unknown, run)).rejects.toThrow('There is no subject nobody.')
    await expect(apart('/nowhere').run(subjects[0]!, run)).rejects.toThrow('/nowhere')
  })
})
