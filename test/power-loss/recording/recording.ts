/** What a server did to its data folder, and what it said, from its first start on, over some restarts. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { claimOf, messagesOf } from './frames.ts'
import { type Operation, Reader } from './operations.ts'
import { parseTrace } from './trace.ts'

/** A folder with a recording, as `record` leaves it. */
export interface RecordingFiles {
  /** In it, an empty folder at first, the data folder was made, with others above it. */
  readonly root: string
  readonly data: string
  readonly epoch: string
  /** How many processes there were, one after the other: each has a trace, and what it left behind. */
  readonly processes: number
  /** Of each entry of the log, the eventId of its last event. */
  readonly entries: readonly number[]
}

/** What a process leaves behind, and the next one goes on from. */
export const dataFiles = ['events.mdb', 'ordinal.json', 'checkpoint.mdb']

export const filesOf = (folder: string) => ({
  about: join(folder, 'recording.json'),
  /** The log as it was in the end, an event a line. */
  events: join(folder, 'events.jsonl'),
  trace: (process: number) => join(folder, `trace-${process}.txt`),
  left: (process: number) => join(folder, `left-${process}`),
})

/** Something begins or ends; or a process has ended, and files are as it left them. */
export type Step =
  | { readonly kind: 'begin' | 'end'; readonly process: number; readonly operation: Operation }
  | { readonly kind: 'gone'; readonly process: number; readonly left: ReadonlyMap<string, Buffer> }

/** What left a process, and what that claims. */
export interface Told {
  /** The greatest eventId in any message whose first byte left with it; 0 where there is none. */
  readonly begins: number
  /** The same, of any message whose last byte left with it. */
  readonly ends: number
  readonly messages: readonly string[]
}

export interface Recording extends RecordingFiles {
  /** The log as it was in the end: the text of each event, the first of them event 1. */
  readonly events: readonly string[]
  readonly steps: readonly Step[]
  readonly told: ReadonlyMap<Operation, Told>
}

/** @throws {Error} where something was recorded that there is no model of */
export function readRecording(folder: string): Recording {
  const files = filesOf(folder)
  const about: RecordingFiles = JSON.parse(readFileSync(files.about, 'utf8'))
  const there = new Map<string, 'file' | 'folder'>([[about.root, 'folder']])
  const steps: Step[] = []
  const told = new Map<Operation, Told>()
  for (let process = 1; process <= about.processes; process++) {
    const reader = new Reader(about.root, there)
    for (const call of parseTrace(readFileSync(files.trace(process), 'utf8'))) reader.take(call)
    steps.push(...stepsOf(process, reader.operations))
    const names = dataFiles.filter((name) => existsSync(join(files.left(process), name)))
    const left = names.map((name) => {
      const bytes = readFileSync(join(files.left(process), name))
      return [join(about.data, name), bytes] as const
    })
    steps.push({ kind: 'gone', process, left: new Map(left) })
    for (const [operation, said] of toldBy(reader.operations)) told.set(operation, said)
  }
  const events = readFileSync(files.events, 'utf8').split('\n').slice(0, -1)
  return { ...about, events, steps, told }
}

function stepsOf(process: number, operations: readonly Operation[]): Step[] {
  const steps: { readonly line: number; readonly order: number; readonly step: Step }[] = []
  for (const [index, operation] of operations.entries()) {
    const { begins, ends } = operation
    steps.push({ line: begins, order: 2 * index, step: { kind: 'begin', process, operation } })
    if (ends === undefined) continue
    steps.push({ line: ends, order: 2 * index + 1, step: { kind: 'end', process, operation } })
  }
  steps.sort((one, other) => one.line - other.line || one.order - other.order)
  return steps.map(({ step }) => step)
}

/** Puts the streams together, and says of each sending which messages begin and end in it. */
function toldBy(operations: readonly Operation[]): Map<Operation, Told> {
  const streams = new Map<string, { operation: Operation; bytes: Buffer }[]>()
  for (const operation of operations) {
    if (operation.change.kind !== 'tell') continue
    const { stream, bytes } = operation.change
    const sendings = streams.get(stream)
    if (sendings) sendings.push({ operation, bytes })
    else streams.set(stream, [{ operation, bytes }])
  }
  const told = new Map<Operation, Told>()
  for (const sendings of streams.values()) {
    const messages = messagesOf(Buffer.concat(sendings.map(({ bytes }) => bytes)))
    let at = 0
    for (const { operation, bytes } of sendings) {
      const end = at + bytes.length
      const begun = messages.filter(({ start }) => at <= start && start < end)
      const ended = messages.filter((message) => at < message.end && message.end <= end)
      const most = (some: typeof messages) => Math.max(0, ...some.map(({ text }) => claimOf(text)))
      const texts = begun.map(({ text }) => text)
      told.set(operation, { begins: most(begun), ends: most(ended), messages: texts })
      at = end
    }
  }
  return told
}
