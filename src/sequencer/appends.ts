/**
 * The appends under way: given to the log one after the other, and settled in that order, each in
 * one of three ways. Durable; surely not written, after which what ran ahead is to be thrown away;
 * or unknown, after which the writer stops.
 */
import assert from 'node:assert/strict'
import type { Config } from '../config.ts'
import { OutcomeUnknownError, StaleHeadError, StorageFullError } from '../errors.ts'
import type { EventLog } from '../log/event-log.ts'
import type { Runtime } from '../runtime.ts'
import type { Answer, Append, Waiting } from './append.ts'
import { LogGuard } from './log-guard.ts'
import type { SequencerObserver } from './observer.ts'
import * as refuse from './refusals.ts'
import type { StalledReader } from './stalled-readers.ts'

export interface AppendHandlers {
  /** Gives the one answer to a command. */
  readonly settle: (waiting: Waiting, answer: Answer) => void
  /** The append is durable: it is to be shown. Its answers are given when this returns. */
  readonly durable: (append: Append) => void
  /** The answers of a durable append were given. */
  readonly answered: (append: Append) => void
  /** Appends have ended: there is room for the next. */
  readonly ended: () => void
  /** Something broke, and nothing may be decided any more. */
  readonly broke: (error: Error) => void
}

export interface AppendsOptions {
  readonly log: EventLog
  readonly config: Config
  readonly runtime: Runtime
  readonly observe?: SequencerObserver | undefined
  readonly onStalledReader?: ((reader: StalledReader) => void) | undefined
}

export class Appends {
  readonly #options: AppendsOptions
  readonly #handlers: AppendHandlers
  /** Finds a log that is lost while nothing is appended. */
  readonly #guard: LogGuard
  /** Those that are not settled, oldest first. */
  readonly #underWay: Append[] = []
  #fellBack = false

  constructor(options: AppendsOptions, handlers: AppendHandlers) {
    this.#options = options
    this.#handlers = handlers
    this.#guard = new LogGuard(options, handlers.broke)
  }

  /** How many are under way. */
  get count(): number {
    return this.#underWay.length
  }

  /** How many answers wait for them. */
  get answersWaiting(): number {
    let waiting = 0
    for (const append of this.#underWay) waiting += append.answers.length
    return waiting
  }

  /** No more are to be started; those under way are still settled. */
  close(): void {
    this.#guard.end()
  }

  /** True since one surely did not land, until `recovered`: nothing may be decided meanwhile. */
  get fellBack(): boolean {
    return this.#fellBack
  }

  /** What ran ahead was thrown away. */
  recovered(): void {
    assert.equal(this.count, 0, 'All appends must have ended before the log is followed again.')
    this.#fellBack = false
  }

  /** The append, under way or being decided, that holds an event; undefined where it is durable. */
  holderOf(eventId: number, deciding: Append): Append | undefined {
    return [...this.#underWay, deciding].find((append) => append.holds(eventId))
  }

  start(append: Append): void {
    const { log, runtime, observe } = this.#options
    const events = append.recorded.map(({ event }) => event)
    const startedAt = runtime.elapsed()
    this.#underWay.push(append)
    const end = (ended: { readonly error?: unknown }) => {
      append.ended = ended
      this.#settleEnded()
    }
    log.append(events, events[0]!.eventId - 1).then(
      () => {
        observe?.committed(events.length, runtime.elapsed() - startedAt)
        end({})
      },
      (error) => end({ error }),
    )
  }

  #settleEnded(): void {
    for (let append = this.#underWay[0]; append?.ended; append = this.#underWay[0]) {
      this.#underWay.shift()
      if ('error' in append.ended) this.#settleFailed(append, append.ended.error as Error)
      else this.#settleDurable(append)
    }
    this.#handlers.ended()
  }

  #settleDurable(append: Append): void {
    try {
      assert(!this.#fellBack, 'No append may land after one that did not.')
      this.#handlers.durable(append)
    } catch (error) {
      for (const waiting of append.answers) {
        this.#handlers.settle(waiting, new OutcomeUnknownError(error))
      }
      return this.#handlers.broke(error as Error)
    }
    for (const waiting of append.answers) this.#handlers.settle(waiting, waiting.outcome!)
    this.#handlers.answered(append)
  }

  /** Where it is sure that nothing was written, the commands are told so; else that nobody knows. */
  #settleFailed(append: Append, error: Error): void {
    const isStale = error instanceof StaleHeadError
    const isFull = error instanceof StorageFullError
    // After an append that found no room, the ones begun on top of it find a stale head.
    const goesOn = isFull || (isStale && this.#fellBack)
    const refusal = goesOn ? refuse.storageFull() : refuse.stopping()
    for (const waiting of append.answers) {
      // A refused command was not applied, whatever became of the event that it was refused for.
      const surelyNot = isFull || isStale || 'refused' in waiting.outcome!
      this.#handlers.settle(waiting, surelyNot ? refusal : new OutcomeUnknownError(error))
    }
    if (goesOn) this.#fellBack = true
    else this.#handlers.broke(error)
  }
}
