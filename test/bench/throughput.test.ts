import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { describeSetup, printSetup } from '../../bench/setup.ts'
import { barePutsSubject } from '../../bench/subjects/bare-puts.ts'
import { crudSubject } from '../../bench/subjects/crud.ts'
import { engineSubject } from '../../bench/subjects/engine.ts'
import type { Subject } from '../../bench/subjects/subject.ts'
import { measureThroughput, throughput } from '../../bench/throughput.ts'
import { type Command, WrongResultError } from '../../bench/workload.ts'
import { temporaryFolder } from '../support/folders.ts'

const subjects = [engineSubject, crudSubject, barePutsSubject]
const loads = [
  { inFlight: 1, orders: 2 },
  { inFlight: 4, orders: 10 },
]

const measure = (measured: readonly Subject[], folder = temporaryFolder()) =>
  measureThroughput({ subjects: measured, loads, rounds: 2, warmups: 1, folder, note: () => {} })

type Submit = (command: Command) => Promise<void>

/** The subject with one command of one order done in another way. */
function tampered(
  subject: Subject,
  method: string,
  instead: (submit: Submit, command: Command) => unknown,
) {
  return {
    ...subject,
    async open(folder: string) {
      const running = await subject.open(folder)
      const submit: Submit = async (command) => {
        const isTheOne = command.method === method && command.params.orderId === 'order-00000001'
        if (isTheOne) await instead(running.submit, command)
        else await running.submit(command)
      }
      return { ...running, submit }
    },
  }
}

describe('the throughput question', () => {
  it('yields a cell for each subject under each load, and leaves no file behind', async () => {
    const folder = temporaryFolder()
    const answer = await measure(subjects, folder)
    const places = answer.cells.map(({ subject, inFlight }) => `${subject} at ${inFlight}`)
    expect(places).toEqual([
      'engine at 1',
      'crud at 1',
      'bare puts at 1',
      'engine at 4',
      'crud at 4',
      'bare puts at 4',
    ])
    for (const {
      commandsPerSecond,
      spreadPerSecond,
      latencyMs,
      timesThatOf,
      subject,
    } of answer.cells) {
      const { p50, p99, p999 } = latencyMs
      const figures = [commandsPerSecond, p50, p99, p999, ...Object.values(timesThatOf)]
      for (const figure of figures) expect(figure).toSatisfy((x) => Number.isFinite(x) && x > 0)
      expect(spreadPerSecond).toBeGreaterThanOrEqual(0)
      expect(p50 <= p99 && p99 <= p999).toBe(true)
      expect(Object.keys(timesThatOf)).toEqual(['engine', 'crud', 'bare puts'])
      expect(timesThatOf[subject]).toBe(1)
    }
    expect(readdirSync(folder)).toEqual([])

    const printed = throughput.print(answer)
    for (const { name, does } of subjects) {
      expect(printed).toContain(`│ ${name} `)
      expect(printed).toContain(does)
    }
    expect(JSON.parse(JSON.stringify(answer))).toEqual(answer)
  })

  it.each(subjects)(
    'refuses to report where $name lost a command that it answered',
    async (subject) => {
      const folder = temporaryFolder()
      const lossy = tampered(subject, 'order.pay', () => {})
      await expect(measure([lossy], folder)).rejects.toThrow(WrongResultError)
      expect(readdirSync(folder)).toEqual([])
    },
  )

  it.each([engineSubject, crudSubject])(
    'refuses to report where an order of $name ends in another state',
    async (subject) => {
      const stingy = tampered(subject, 'order.pay', (submit, command) =>
        submit({ ...command, params: { ...command.params, amount: 5999 } } as Command),
      )
      await expect(measure([stingy])).rejects.toThrow(/^order-00000001 is .*"paid":5999/)
    },
  )

  it.each([engineSubject, crudSubject])(
    'refuses to report where $name refused a command',
    async (subject) => {
      const twice = tampered(subject, 'order.new', async (submit, command) => {
        await submit(command)
        await submit(command)
      })
      await expect(measure([twice])).rejects.toThrow(WrongResultError)
    },
  )

  it('refuses to report where bare puts wrote more than was asked', async () => {
    const twice = tampered(barePutsSubject, 'order.pay', async (submit, command) => {
      await submit(command)
      await submit(command)
    })
    await expect(measure([twice])).rejects.toThrow('the number of entries is 7, and must be 6.')
  })
})

describe('the set-up', () => {
  it('names the machine, the versions and the time of a flush, and leaves no file behind', () => {
    const folder = temporaryFolder()
    const setup = describeSetup(folder)
    expect(setup.node).toBe(process.version)
    expect(setup.lmdb).toMatch(/^lmdb-js \d+\.\d+\.\d+, LMDB \d+\.\d+\.\d+/)
    expect(setup.flushMs.p50).toBeGreaterThan(0)
    expect(setup.flushMs.p99).toBeGreaterThanOrEqual(setup.flushMs.p50)
    expect(printSetup(setup)).toContain(`${setup.cpu}, ${setup.cores} cores`)
    expect(readdirSync(folder)).toEqual([])
  })
})
