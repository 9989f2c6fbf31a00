/** How much of the disk does an event take, next to its encoded bytes? */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { openEngine } from '../../src/engine.ts'
import { encodeEntry } from '../../src/log/codec.ts'
import { eventsFile } from '../../src/log/events-file.ts'
import type { Finding } from '../goals.ts'
import { medianOf } from '../measure.ts'
import type { Question } from '../question.ts'
import { ratio, table } from '../report.ts'
import { checkEngine } from '../subjects/engine.ts'
import { inFolder } from '../subjects/subject.ts'
import { commandsPerOrder, drive, planOrders } from '../workload.ts'

export interface Load {
  readonly inFlight: number
  readonly orders: number
}

export interface Plan {
  readonly folder: string
  readonly rounds: number
  readonly loads: readonly Load[]
  readonly note: (text: string) => void
}

export interface SizeAnswer {
  readonly rounds: number
  readonly rows: readonly {
    readonly inFlight: number
    readonly events: number
    readonly fileBytes: number
    readonly encodedBytes: number
    /** Bytes of the file by encoded bytes: the median of the rounds. */
    readonly fileToEncoded: number
    readonly range: readonly [number, number]
  }[]
}

const judgedInFlight = 1024
const full = {
  rounds: 5,
  loads: [
    { inFlight: 1, orders: 1_000 },
    { inFlight: 64, orders: 20_000 },
    { inFlight: 1024, orders: 100_000 },
  ],
}
const quick = {
  rounds: 1,
  loads: [
    { inFlight: 1, orders: 30 },
    { inFlight: 64, orders: 500 },
    { inFlight: 1024, orders: 2_000 },
  ],
}

export const size: Question<SizeAnswer> = {
  name: 'size',
  asks: 'How much of the disk does an event take, next to its encoded bytes?',
  run: ({ quick: isQuick, folder, note }) =>
    measureSize({ ...(isQuick ? quick : full), folder, note }),
  print: printSize,
  findings({ rows }): readonly Finding[] {
    const row = rows.find(({ inFlight }) => inFlight === judgedInFlight)
    if (!row) return []
    const what = `bytes of the file an event, to its encoded bytes, ${judgedInFlight} in flight`
    const { fileToEncoded: figure, range } = row
    return [{ goal: { what, bound: 'most', value: 1.3, isExact: true }, figure, range }]
  },
}

/** @throws {WrongResultError} if the orders are not as they must be */
export async function measureSize({ folder, rounds, loads, note }: Plan): Promise<SizeAnswer> {
  const rows: SizeAnswer['rows'][number][] = []
  for (const { inFlight, orders } of loads) {
    const measured: { readonly file: number; readonly encoded: number }[] = []
    for (let round = 0; round < rounds; round++) {
      note(`size: ${inFlight} in flight`)
      measured.push(await bytesOf(folder, orders, inFlight))
    }
    const ratios = measured.map(({ file, encoded }) => file / encoded)
    const events = orders * commandsPerOrder
    rows.push({
      inFlight,
      events,
      fileBytes: medianOf(measured.map(({ file }) => file)) / events,
      encodedBytes: medianOf(measured.map(({ encoded }) => encoded)) / events,
      fileToEncoded: medianOf(ratios),
      range: [Math.min(...ratios), Math.max(...ratios)],
    })
  }
  return { rounds, rows }
}

function bytesOf(parent: string, orders: number, inFlight: number) {
  return inFolder(parent, async (data) => {
    const engine = await openEngine({ data })
    const plans = planOrders(orders)
    try {
      await drive(plans, inFlight, ({ method, params }) => engine.submit(method, params))
      await checkEngine(engine, plans)
      let encoded = 0
      // Many at once, whatever the commits were, so that what an entry adds counts for the file.
      for await (const batch of engine.events()) encoded += encodeEntry(batch).length
      return { file: statSync(join(data, eventsFile)).size, encoded }
    } finally {
      await engine.close()
    }
  })
}

function printSize({ rows, rounds }: SizeAnswer): string {
  return [
    size.asks,
    table(
      ['in flight', 'events', 'file bytes an event', 'encoded bytes', 'file to encoded'],
      rows.map(({ inFlight, events, fileBytes, encodedBytes, fileToEncoded }) => [
        String(inFlight),
        events.toLocaleString('en-US'),
        fileBytes.toFixed(1),
        encodedBytes.toFixed(1),
        ratio(fileToEncoded),
      ]),
      1,
    ),
    `Medians of ${rounds} rounds. The file is ${eventsFile}, with LMDB's own pages, those that it will ` +
      'use again, and the zeros by which it is made longer ahead of them, which count for much where ' +
      'there are few events. Encoded bytes are those of the events with their checksums and the table of ' +
      'an entry, encoded a thousand at once. Results checked.',
  ].join('\n')
}
