/** One order kept in two ways, as `/compare.json` tells of it; a server need not have it. */
import { signal } from '@preact/signals'
import { fetchJson } from '../server/session.ts'
import { errorWords } from '../words.ts'

/** One thing that was stored, as it was read back. */
export type Stored = Readonly<Record<string, unknown>>

export interface Step {
  readonly step: number
  readonly text: string
  readonly details: readonly string[]
}

/** Two steps, and what is stored after them. */
export interface Chapter {
  readonly title: string
  readonly ordinary: {
    readonly steps: readonly Step[]
    readonly row: Stored
    /** The columns that have other values than before. */
    readonly overwritten: readonly string[]
  }
  readonly eventSourced: {
    readonly steps: readonly Step[]
    readonly events: readonly StoredEvent[]
    /** The eventIds of those that are new. */
    readonly added: readonly number[]
    readonly view: Stored
  }
}

export interface StoredEvent {
  readonly eventId: number
  readonly type: string
  readonly recordedAt: number
  readonly data: object
}

export interface Answer {
  readonly answered: 'yes' | 'partly' | 'no'
  readonly text: string
  readonly eventIds?: readonly number[]
}

export interface Comparison {
  readonly orderId: string
  readonly chapters: readonly Chapter[]
  readonly questions: readonly {
    readonly question: string
    readonly ordinary: Answer
    readonly eventSourced: Answer
  }[]
  readonly rebuilt: { readonly events: number; readonly equal: boolean }
}

export const comparison = signal<Comparison | undefined>(undefined)
export const comparisonError = signal<string | undefined>(undefined)

let isAsked = false

export async function loadComparison(): Promise<void> {
  if (isAsked) return
  isAsked = true
  try {
    const response = await fetchJson('compare.json')
    if (response.status === 404) {
      throw new Error('This server does not tell it: ordinal serve does, and ordinal compare.')
    }
    if (!response.ok) throw new Error(`/compare.json was answered with ${response.status}.`)
    comparison.value = (await response.json()) as Comparison
    comparisonError.value = undefined
  } catch (error) {
    comparisonError.value = errorWords(error)
    isAsked = false
  }
}

/** What is seen at one step: the text of both sides, and what each has stored by then. */
export interface Scene {
  readonly title: string
  readonly ordinary: Step
  readonly eventSourced: Step
  /** Undefined where nothing is stored yet. */
  readonly stored: Chapter | undefined
  /** What was stored before that; undefined where nothing was, or it is as it was. */
  readonly before: Chapter | undefined
  /** True where this step is what stored it. */
  readonly isNew: boolean
}

/** All steps, one after the other. In each chapter the first step asks, and the last one stores. */
export function scenesOf({ chapters }: Comparison): readonly Scene[] {
  return chapters.flatMap(({ title, ordinary, eventSourced }, index) =>
    ordinary.steps.map((step, place) => {
      const isLast = place === ordinary.steps.length - 1
      const stored = isLast ? chapters[index] : chapters[index - 1]
      return {
        title,
        ordinary: step,
        eventSourced: eventSourced.steps[place] ?? step,
        stored,
        before: isLast ? chapters[index - 1] : undefined,
        isNew: isLast,
      }
    }),
  )
}
