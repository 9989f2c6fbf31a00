/** A form on its way: what is typed, what is sent or tried, and what came of it. */
import { computed, signal } from '@preact/signals'
import { CallError, type Receipt, type WireEvent } from '../../client/index.ts'
import type { Method } from '../server/methods.ts'
import { type AnyView, client } from '../server/session.ts'
import { attempt, type Refusal, refusalOf } from '../server/trial.ts'
import { isStorageFull } from '../shell/storage.ts'
import { errorWords } from '../words.ts'
import { type Draft, emptyDraft, paramsOf, withAt } from './schema.ts'

export type Outcome =
  | { readonly kind: 'recorded'; readonly receipt: Receipt }
  | { readonly kind: 'would'; readonly event: WireEvent; readonly view: AnyView }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly isTrial: boolean }
  | { readonly kind: 'failed'; readonly message: string }

const noFaults: ReadonlyMap<string, string> = new Map()

/** Time after which the server has no answer for a person. */
const giveUpAfterMs = 15_000

export class Submission {
  readonly method: Method
  readonly draft
  readonly isBusy = signal(false)
  readonly outcome = signal<Outcome | undefined>(undefined)
  readonly faults = computed(() => {
    const outcome = this.outcome.value
    return outcome?.kind === 'refused' ? outcome.refusal.faults : noFaults
  })

  /** @param filled params that are known already */
  constructor(method: Method, filled: object) {
    this.method = method
    this.draft = signal<Draft>(emptyDraft(method.params, filled))
  }

  change(path: readonly (string | number)[], value: Draft): void {
    this.draft.value = withAt(this.draft.value, path, value)
  }

  /** Really sends it, once, however often it is asked to meanwhile. */
  send(options: { readonly expectedVersion?: number } = {}): Promise<void> {
    return this.#run(async (params) => {
      const answer = await client.value.submit(
        this.method.name,
        { ...params, ...options },
        { giveUpAfterMs },
      )
      if (!('refused' in answer)) {
        isStorageFull.value = false
        return { kind: 'recorded', receipt: answer }
      }
      const { refused, message, details } = answer
      if (refused === 'STORAGE_FULL') isStorageFull.value = true
      const refusal = refusalOf(refused, message, details)
      return { kind: 'refused', refusal, isTrial: false }
    })
  }

  /** Asks what it would lead to just after an event; null for now. */
  tryOut(eventId: number | null): Promise<void> {
    return this.#run(async (params) => {
      const trial = await attempt(this.method.name, params, eventId)
      if ('event' in trial) return { kind: 'would', ...trial }
      return { kind: 'refused', refusal: trial, isTrial: true }
    })
  }

  async #run(work: (params: object) => Promise<Outcome>): Promise<void> {
    if (this.isBusy.value) return
    this.isBusy.value = true
    const params = paramsOf(this.method.params, this.draft.value) as object
    try {
      this.outcome.value = await work(params)
    } catch (error) {
      this.outcome.value = failureOf(error)
    }
    this.isBusy.value = false
  }
}

function failureOf(error: unknown): Outcome {
  if (error instanceof CallError) {
    const refusal = refusalOf(error.reason, error.message, error.data)
    return { kind: 'refused', refusal, isTrial: false }
  }
  return { kind: 'failed', message: errorWords(error) }
}
