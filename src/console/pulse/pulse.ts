/** What `/pulse.json` says each second, and what that comes to: rates, and how long receipts took. */
import { computed, effect, signal } from '@preact/signals'
import { every } from '../platform.ts'
import { connection, fetchJson, may } from '../server/session.ts'
import { isStorageFull } from '../shell/storage.ts'
import { errorWords } from '../words.ts'
import { type Counted, percentile, since } from './percentiles.ts'

interface Reading {
  readonly elapsedMs: number
  readonly orders: number
  readonly eventId: number
  readonly receipts: number
  readonly refused: Readonly<Record<string, number>>
  readonly commits: number
  readonly commitEvents: number
  readonly receiptMs: Counted
  /** The newest answer to a command was that the disk is full. */
  readonly isStorageFull: boolean
  readonly inbox: number
  readonly liveActors: number
  readonly sockets: number
  readonly subscriptions: number
  readonly eventLoopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number }
}

/** One second, or so. Undefined where nothing happened that could be measured. */
export interface Sample {
  readonly receipts: number
  readonly refused: number
  readonly commitEvents: number | undefined
  readonly receiptP50: number | undefined
  readonly receiptP99: number | undefined
  readonly subscriptions: number
  readonly inbox: number
  readonly delayP99: number
}

const readMs = 1000
export const samplesKept = 120

export const samples = signal<readonly Sample[]>([])
export const pulseError = signal<string | undefined>(undefined)
export const newest = signal<Reading | undefined>(undefined)

let before: Reading | undefined

async function read(): Promise<void> {
  try {
    const response = await fetchJson('pulse.json')
    if (response.status === 401 || response.status === 403) {
      const why = 'This token may not see how the server does: that takes the role admin.'
      pulseError.value = why
      return
    }
    if (!response.ok) throw new Error(`/pulse.json was answered with ${response.status}.`)
    take((await response.json()) as Reading)
    pulseError.value = undefined
  } catch (error) {
    before = undefined
    pulseError.value = `There is no pulse now: ${errorWords(error)}`
  }
}

function take(now: Reading): void {
  const last = before
  before = now
  newest.value = now
  isStorageFull.value = now.isStorageFull
  // A server that was restarted counts anew.
  if (!last || now.elapsedMs <= last.elapsedMs || now.receipts < last.receipts) return
  samples.value = [...samples.value, sampleOf(now, last)].slice(-samplesKept)
}

function sampleOf(now: Reading, last: Reading): Sample {
  const seconds = (now.elapsedMs - last.elapsedMs) / 1000
  const commits = now.commits - last.commits
  const receiptMs = since(now.receiptMs, last.receiptMs)
  return {
    receipts: (now.receipts - last.receipts) / seconds,
    refused: (sum(now.refused) - sum(last.refused)) / seconds,
    commitEvents: commits > 0 ? (now.commitEvents - last.commitEvents) / commits : undefined,
    receiptP50: percentile(receiptMs, 0.5),
    receiptP99: percentile(receiptMs, 0.99),
    subscriptions: now.subscriptions,
    inbox: now.inbox,
    delayP99: now.eventLoopDelayMs.p99,
  }
}

const sum = (counts: Readonly<Record<string, number>>) =>
  Object.values(counts).reduce((total, count) => total + count, 0)

/** Reads on while there is a connection, whose token may, whatever page is shown. */
export function watchPulse(): void {
  const isAllowed = computed(() => connection.value.state === 'live' && may('admin'))
  effect(() => {
    if (!isAllowed.value) return undefined
    before = undefined
    void read()
    return every(readMs, () => void read())
  })
}
