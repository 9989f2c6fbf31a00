import type { Outcome } from '../domain.ts'

/** Hears what the sequencer does, on its hot path: each call must be cheap, and must not throw. */
export interface SequencerObserver {
  /** A command is about to get its answer. */
  answered(method: string, answer: Outcome | Error): void
  /** An append has become durable: how many events it held, and how long it was under way. */
  committed(events: number, ms: number): void
}
