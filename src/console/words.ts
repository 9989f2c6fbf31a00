/** What people read: times, states, and why something did not work. */
import type { View } from '../client/index.ts'
import { ClientError } from '../client/index.ts'
import { now } from './platform.ts'

export type StateValue = View['state']

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })
const dateAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
const dayMs = 24 * 60 * 60 * 1000

/** A time of the server's clock: of today without the date. */
export function timeWords(ms: number): string {
  return Math.abs(now() - ms) < dayMs / 2 ? clock.format(ms) : dateAndTime.format(ms)
}

export const fullTime = (ms: number): string => dateAndTime.format(ms)

const whole = new Intl.NumberFormat('en')

/** A number with its thousands apart. */
export const count = (number: number): string => whole.format(number)

const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

/** A number in a few letters: `9,999`, `12.3K`. */
export const fewDigits = (number: number): string =>
  number < 10_000 ? whole.format(number) : short.format(number)

/** One thing is, more are: `1 event`, `2 events`. */
export const counted = (number: number, one: string): string =>
  `${count(number)} ${one}${number === 1 ? '' : 's'}`

/** `partlyDone` as `partly done`. */
export const plainWords = (name: string): string =>
  name.replace(/([a-z\d])([A-Z])/g, (_, before: string, letter: string) => {
    return `${before} ${letter.toLowerCase()}`
  })

/** The active states, each by its path: `open.payment.paid`. */
export function statePaths(state: StateValue, above = ''): string[] {
  if (typeof state === 'string') return [above + state]
  return Object.entries(state).flatMap(([region, inner]) => {
    const path = `${above}${region}`
    return inner === undefined ? [path] : statePaths(inner as StateValue, `${path}.`)
  })
}

/** Why something could not be had, in a sentence. */
export function errorWords(error: unknown): string {
  if (error instanceof ClientError) return error.message
  return error instanceof Error ? error.message : String(error)
}
