/** The story as text for a terminal: both systems next to each other. */
import { styleText } from 'node:util'
import Table from 'cli-table3'
import type { OrderEvent } from '../../order/index.ts'
import type { Answer, Question } from './answers.ts'
import type { Chapter, Rebuilt, Step, Story } from './story.ts'
import { attributesOf, clock, columnsOf } from './words.ts'

export interface Page {
  /** Columns of the terminal; the text takes from 64 to 120 of them. */
  readonly width: number
  readonly colour: boolean
}

const widthMin = 64
const widthMax = 120
/** Where the stream is no terminal, or one that does not know its size. */
const pipeWidth = 80
/** What two columns need besides their texts: three borders, and a space on each side of a text. */
const frameWidth = 7

interface Pen {
  /** Width of the text in each of the two columns. */
  readonly width: number
  paint(style: Parameters<typeof styleText>[0], lines: Lines): Lines
}

/** Lines that fit their column. */
type Lines = readonly string[]
/** Both columns of a table, or a title over both. */
type Row = readonly [Lines, Lines] | readonly [Lines]

/** The page that a stream is: in colour only on a terminal, and where NO_COLOR is not set. */
export function pageOf(
  { isTTY, columns }: { readonly isTTY?: boolean; readonly columns?: number },
  { NO_COLOR }: NodeJS.ProcessEnv,
): Page {
  return { width: columns || pipeWidth, colour: isTTY === true && !NO_COLOR }
}

export function renderStory(story: Story, { width, colour }: Page): string {
  const pageWidth = Math.min(Math.max(width, widthMin), widthMax)
  // Colours are chosen by the page alone, and not once more by what stdout is.
  const unchecked = { validateStream: false }
  const pen: Pen = {
    width: Math.floor((pageWidth - frameWidth) / 2),
    paint: (style, lines) =>
      colour ? lines.map((line) => styleText(style, line, unchecked)) : lines,
  }
  const heading = (text: string) => pen.paint('bold', [text])
  return [
    ...heading(`Order ${story.orderId}, kept in two ways`),
    ...hang('', introduction, pageWidth),
    '',
    ...pen.paint('green', ['+ added: what was there stays']),
    ...pen.paint('yellow', ['~ overwritten: what was there is gone']),
    '',
    table(
      story.chapters.flatMap((chapter) => chapterRows(chapter, pen)),
      pen,
    ),
    '',
    ...heading('What each can answer at the end'),
    table(
      story.questions.flatMap((question) => questionRows(question, pen)),
      pen,
    ),
    '',
    ...heading('When the latest state is lost'),
    table([lossRow(story.rebuilt, pen)], pen),
  ].join('\n')
}

const introduction =
  'Both systems really run, each in a folder of its own, and what is shown as stored has been ' +
  'read back from there. Times are UTC.'

function table(rows: readonly Row[], { width, paint }: Pen): string {
  const made = new Table({
    head: [...paint('bold', ['THE ORDINARY SYSTEM', 'THE EVENT-SOURCED SYSTEM'])],
    colWidths: [width + 2, width + 2],
    // The tables would bring colours of their own.
    style: { head: [], border: [] },
  })
  for (const [left, right] of rows) {
    const content = left.join('\n')
    made.push(right ? [content, right.join('\n')] : [{ content, colSpan: 2 }])
  }
  return made.toString()
}

function chapterRows({ title, ordinary, eventSourced }: Chapter, pen: Pen): readonly Row[] {
  const numbers = ordinary.steps.map(({ step }) => step).join(' and ')
  return [
    [pen.paint('bold', [`Steps ${numbers}: ${title}`])],
    [stepLines(ordinary.steps, pen), stepLines(eventSourced.steps, pen)],
    [rowLines(ordinary, pen), eventLines(eventSourced, pen)],
  ]
}

function stepLines(steps: readonly Step[], { width }: Pen): Lines {
  return steps.flatMap(({ step, text, details }) => [
    ...hang(`${step} `, text, width),
    ...details.flatMap((detail) => hang('    ', detail, width)),
  ])
}

function rowLines({ row, overwritten }: Chapter['ordinary'], { width, paint }: Pen): Lines {
  const columns = columnsOf(row)
  const nameWidth = Math.max(...columns.map(([name]) => name.length))
  const lines = columns.flatMap(([name, value]) => {
    const isLost = overwritten.includes(name)
    const text = hang(`${isLost ? '~' : ' '} ${name.padEnd(nameWidth)} `, value, width)
    return isLost ? paint('yellow', text) : text
  })
  return [...paint('dim', ['The table has one row:']), ...lines]
}

function eventLines({ events, added, view }: Chapter['eventSourced'], pen: Pen): Lines {
  const { width, paint } = pen
  const lines = events.flatMap((event) => {
    const isNew = added.includes(event.eventId)
    const lead = `${isNew ? '+' : ' '} ${event.eventId} `
    const attributes = [
      ...attributesOf(event as OrderEvent, view.currency),
      `at ${clock(event.recordedAt)} by ${event.by}`,
    ]
    const text = [
      `${lead}${event.type}`,
      ...attributes.flatMap((attribute) => hang(' '.repeat(lead.length), attribute, width)),
    ]
    return isNew ? paint('green', text) : text
  })
  const count = events.length === 1 ? 'one event' : `${events.length} events`
  return [...paint('dim', [`The log has ${count}:`]), ...lines]
}

function questionRows({ question, ordinary, eventSourced }: Question, pen: Pen): readonly Row[] {
  const { eventIds } = eventSourced
  const source = `From event${eventIds.length > 1 ? 's' : ''} ${eventIds.join(', ')}.`
  return [
    [pen.paint('bold', [question])],
    [
      answerLines(ordinary, pen),
      [...answerLines(eventSourced, pen), ...pen.paint('dim', hang('', source, pen.width))],
    ],
  ]
}

function answerLines({ answered, text }: Answer, { width, paint }: Pen): Lines {
  return paint(answered === 'yes' ? 'green' : 'yellow', hang('', text, width))
}

function lossRow({ events, before, equal }: Rebuilt, { width, paint }: Pen): Row {
  const lost = 'Nothing brings it back: the row was all there was.'
  const rebuilt =
    `OrderView was thrown away just now, and rebuilt from the ${events} events of the log. It is ` +
    `${equal ? 'the same as before, field by field' : 'NOT the same as before'}: order ` +
    `${before.orderId}, version ${before.version}, as of event ${before.eventId}.`
  return [
    paint('yellow', hang('', lost, width)),
    paint(equal ? 'green' : 'red', hang('', rebuilt, width)),
  ]
}

/** Where a line may end: not inside `6 × widget`, nor inside `60.00 USD`. */
const breaks = /(?<!×) (?!×|[A-Z]{3}\b)/

/** The text after its lead, wrapped between words, with the lines below hanging under its start. */
function hang(lead: string, text: string, width: number): Lines {
  const lines: string[] = []
  let line = lead
  for (const word of text.split(breaks)) {
    const isFirst = line.length === lead.length
    if (!isFirst && line.length + 1 + word.length > width) {
      lines.push(line)
      line = ' '.repeat(lead.length)
    }
    line += line.length === lead.length ? word : ` ${word}`
  }
  return [...lines, line]
}
