import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { pageOf, renderStory } from '../../src/cli/compare/render.ts'
import { type Story, tellStory } from '../../src/cli/compare/story.ts'
import { compareCommand } from '../../src/cli/compare.ts'
import { Engine } from '../../src/engine.ts'
import { systemRuntime } from '../../src/runtime.ts'
import { Running } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'

/** A clock that stands still, so that the texts are always the same. */
const runtime = { ...systemRuntime, now: () => Date.UTC(2026, 10, 23, 14, 2, 11, 80) }

let story: Story

beforeAll(async () => {
  story = await tellStory(runtime)
})

/** Has temporary folders made in a folder of the test's own. */
function watchTemporaryFolders(): string {
  const folder = temporaryFolder()
  vi.stubEnv('TMPDIR', folder)
  onTestFinished(() => void vi.unstubAllEnvs())
  return folder
}

/** Runs the command, and gives what it wrote to stdout. */
async function run(...args: string[]): Promise<string> {
  let text = ''
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk)
    return true
  })
  try {
    await compareCommand().parseAsync(args, { from: 'user' })
  } finally {
    write.mockRestore()
  }
  return text
}

it('numbers the steps of each system from 1 to 8', () => {
  const { chapters } = story
  const numbers = [1, 2, 3, 4, 5, 6, 7, 8]
  expect(chapters.flatMap(({ ordinary }) => ordinary.steps.map(({ step }) => step))).toEqual(
    numbers,
  )
  expect(
    chapters.flatMap(({ eventSourced }) => eventSourced.steps.map(({ step }) => step)),
  ).toEqual(numbers)
})

it('keeps one row that is overwritten, and reads it back after each step', () => {
  const chapters = story.chapters.map(({ ordinary }) => ordinary)
  expect(chapters.map(({ row }) => [row.lines[0]?.quantity, row.paid, row.status])).toEqual([
    [5, 0, 'created'],
    [6, 0, 'created'],
    [6, 6000, 'paid'],
    [6, 6000, 'paid'],
  ])
  expect(chapters.map(({ overwritten }) => overwritten)).toEqual([
    [],
    ['lines', 'total'],
    ['status', 'paid', 'paymentIds'],
    [],
  ])
})

it('keeps events 2001, 2002 and 2003, and reads all of them back after each step', () => {
  const chapters = story.chapters.map(({ eventSourced }) => eventSourced)
  const all = [
    { eventId: 2001, type: 'NewOrderEvent', version: 1, previousEventId: null, by: 'bob' },
    { eventId: 2002, type: 'ModifyOrderEvent', version: 2, previousEventId: 2001, by: 'bob' },
    { eventId: 2003, type: 'OrderPaymentEvent', version: 3, previousEventId: 2002, by: 'bob' },
  ]
  for (const [index, { events }] of chapters.entries()) {
    expect(events).toMatchObject(all.slice(0, index + 1))
  }
  expect(chapters.map(({ added }) => added)).toEqual([[2001], [2002], [2003], []])
})

it('shows what OrderView made of each event', () => {
  const { chapters } = story
  const last = chapters.at(-1)?.eventSourced
  expect(last?.applied).toMatchObject([
    { eventId: 2001, status: 'created', total: 5000, balance: 5000 },
    { eventId: 2002, status: 'created', total: 6000, balance: 6000 },
    { eventId: 2003, status: 'paid', total: 6000, balance: 0 },
  ])
  expect(last?.view).toEqual(last?.applied.at(-1))
})

it('answers each question from what is stored, or says that it cannot', () => {
  const { questions } = story
  const now = 'paid: 6 × widget, 60.00 USD of 60.00 USD paid'
  expect(questions).toEqual([
    {
      question: 'What is the order now?',
      ordinary: { answered: 'yes', text: now },
      eventSourced: { answered: 'yes', text: now, eventIds: [2001, 2002, 2003] },
    },
    {
      question: 'When did the quantity change, and from what?',
      ordinary: { answered: 'no', text: expect.stringMatching(/^It cannot say\. The row says 6;/) },
      eventSourced: {
        answered: 'yes',
        text: 'At 14:02:11.080: widget from 5 to 6.',
        eventIds: [2002],
      },
    },
    {
      question: 'What was the order before the payment?',
      ordinary: { answered: 'no', text: 'It cannot say. That row has been overwritten.' },
      eventSourced: {
        answered: 'yes',
        text: 'created: 6 × widget, 0.00 USD of 60.00 USD paid',
        eventIds: [2001, 2002],
      },
    },
    {
      question: 'What did Bob pay, and when?',
      ordinary: {
        answered: 'partly',
        text: expect.stringMatching(/^60\.00 USD in all\. It cannot say when:/),
      },
      eventSourced: {
        answered: 'yes',
        text: '60.00 USD at 14:02:11.080, by bob, as payment-1.',
        eventIds: [2003],
      },
    },
  ])
})

it('throws OrderView away, and gets it back from the log', () => {
  const { rebuilt } = story
  expect(rebuilt).toMatchObject({ events: 3, equal: true, before: { eventId: 2003, version: 3 } })
  expect(rebuilt.after).toEqual(rebuilt.before)
  expect(rebuilt.after).not.toBe(rebuilt.before)
})

it('removes its folders when the story is told', async () => {
  const folder = watchTemporaryFolders()
  const seen: number[] = []
  const watching = {
    ...runtime,
    now: () => {
      seen.push(readdirSync(folder).length)
      return runtime.now()
    },
  }
  await tellStory(watching)
  expect(new Set(seen)).toEqual(new Set([1]))
  expect(readdirSync(folder)).toEqual([])
})

it('removes its folders when the story breaks off', async () => {
  const folder = watchTemporaryFolders()
  vi.spyOn(Engine.prototype, 'history').mockRejectedValue(new Error('The log broke.'))
  onTestFinished(() => void vi.restoreAllMocks())
  await expect(tellStory(runtime)).rejects.toThrow('The log broke.')
  expect(readdirSync(folder)).toEqual([])
})

it.each([
  [40, 64],
  [80, 80],
  [120, 120],
  [300, 120],
])('fits a terminal of %i columns into %i', (width, limit) => {
  const lines = renderStory(story, { width, colour: false }).split('\n')
  const widest = Math.max(...lines.map((line) => line.length))
  expect(widest).toBeLessThanOrEqual(limit)
  expect(widest).toBeGreaterThan(limit - 4)
})

it('puts both systems next to each other', () => {
  const text = renderStory(story, { width: 80, colour: false })
  expect(text).toContain(
    '│ THE ORDINARY SYSTEM                  │ THE EVENT-SOURCED SYSTEM             │',
  )
  expect(text).toContain(
    [
      '│ Steps 3 and 4: Bob changes his mind                                         │',
      '├──────────────────────────────────────┬──────────────────────────────────────┤',
      '│ 3 Bob changes the quantity from 5 to │ 3 Bob changes the quantity from 5 to │',
      '│   6.                                 │   6.                                 │',
      '│ 4 The row gets its new state; the    │ 4 A ModifyOrderEvent, 2002, is       │',
      '│   old one is gone.                   │   added; the first stays.            │',
      '├──────────────────────────────────────┼──────────────────────────────────────┤',
      '│ The table has one row:               │ The log has 2 events:                │',
      '│   orderId    bob-1                   │   2001 NewOrderEvent                 │',
      '│   customerId bob                     │        customerId bob                │',
      '│   currency   USD                     │        5 × widget at 10.00 USD       │',
      '│ ~ lines      6 × widget at 10.00 USD │        at 14:02:11.080 by bob        │',
      '│   status     created                 │ + 2002 ModifyOrderEvent              │',
      '│ ~ total      60.00 USD               │        widget: quantity 6            │',
      '│   paid       0.00 USD                │        at 14:02:11.080 by bob        │',
    ].join('\n'),
  )
  expect(text).toContain('It is the same as before, field')
})

it('says so where OrderView comes back as another', () => {
  const other: Story = { ...story, rebuilt: { ...story.rebuilt, equal: false } }
  const text = renderStory(other, { width: 120, colour: false })
  expect(text).toContain('It is NOT the same as before')
  expect(text).not.toContain('field by')
})

it('says in colour what it says without', () => {
  const plain = renderStory(story, { width: 80, colour: false })
  const coloured = renderStory(story, { width: 80, colour: true })
  expect(plain).toBe(stripVTControlCharacters(plain))
  expect(coloured).not.toBe(plain)
  expect(stripVTControlCharacters(coloured)).toBe(plain)
})

it('uses colours on a terminal only, and not where NO_COLOR is set', () => {
  expect(pageOf({ isTTY: true, columns: 132 }, {})).toEqual({ width: 132, colour: true })
  expect(pageOf({ isTTY: true, columns: 132 }, { NO_COLOR: '1' })).toMatchObject({ colour: false })
  expect(pageOf({}, {})).toEqual({ width: 80, colour: false })
  expect(pageOf({ isTTY: true, columns: 0 }, {})).toEqual({ width: 80, colour: true })
})

it('prints the tables', async () => {
  expect(await run()).toMatch(/^Order bob-1, kept in two ways\n.*┘\n$/s)
})

it('prints one JSON document with --json', async () => {
  const printed = JSON.parse(await run('--json'))
  expect(Object.keys(printed)).toEqual(['orderId', 'chapters', 'questions', 'rebuilt'])
  expect(printed.chapters[1].ordinary.overwritten).toEqual(['lines', 'total', 'updatedAt'])
  expect(printed.rebuilt.equal).toBe(true)
})

it('has a help with an example and the keys of the document', () => {
  let help = ''
  const command = compareCommand().configureOutput({
    writeOut: (text) => {
      help += text
    },
  })
  command.outputHelp()
  expect(help).toContain('$ ordinal compare --json')
  for (const key of ['orderId', 'chapters', 'questions', 'rebuilt']) expect(help).toContain(key)
})

it('says on one line that there is no room for its folders', async () => {
  const TMPDIR = join(temporaryFolder(), 'nowhere')
  const { code, stderr } = await new Running(['compare'], { TMPDIR }).ended
  expect(code).toBe(1)
  expect(stderr).toMatch(/^ordinal: ENOENT: no such file or directory, mkdtemp '[^\n]*\n$/)
})
