import type { Outcome } from '../domain.ts'

/** How many commands of one method had which end. */
class MethodCounts {
  receipts = 0
  replayed = 0
  readonly refused = new Map<string, number>()
  readonly faults = new Map<string, number>()
}

export interface CommandCount {
  readonly method: string
  readonly outcome: 'receipt' | 'replayed' | 'refused' | 'fault'
  /** The stable code of a refusal or a fault; empty for receipts. */
  readonly reason: string
  readonly count: number
}

/** Counts answers to commands: one look-up and one addition each. */
export class CommandCounts {
  readonly #byMethod = new Map<string, MethodCounts>()

  /** @param methods those that are listed before they have been called, too */
  constructor(methods: readonly string[]) {
    for (const method of methods) this.#byMethod.set(method, new MethodCounts())
  }

  add(method: string, answer: Outcome | Error): void {
    const counts = this.#byMethod.get(method)
    if (!counts) return
    if (answer instanceof Error) increment(counts.faults, codeOf(answer))
    else if ('refused' in answer) increment(counts.refused, answer.refused)
    else if (answer.replayed) counts.replayed++
    else counts.receipts++
  }

  *entries(): Generator<CommandCount> {
    for (const [method, { receipts, replayed, refused, faults }] of this.#byMethod) {
      yield { method, outcome: 'receipt', reason: '', count: receipts }
      yield { method, outcome: 'replayed', reason: '', count: replayed }
      for (const [reason, count] of refused) yield { method, outcome: 'refused', reason, count }
      for (const [reason, count] of faults) yield { method, outcome: 'fault', reason, count }
    }
  }
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : 'INTERNAL'
}
