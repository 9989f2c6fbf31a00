/** From the answers to calls to the texts that leave for them. */
import { type CallId, errorText, resultText } from '../../protocol/jsonrpc.ts'
import { receiptText } from '../../protocol/wire.ts'
import type { Given, Reply } from '../calls.ts'

/** Takes the texts of the answers to a frame. */
export interface Answers {
  answer(text: string): void
}

/** Waits for the answer to one call. */
export class Answering implements Reply {
  readonly #id: CallId
  readonly #answers: Answers
  readonly #onAnswered: () => void

  constructor(id: CallId, answers: Answers, onAnswered: () => void) {
    this.#id = id
    this.#answers = answers
    this.#onAnswered = onAnswered
  }

  give(given: Given): void {
    this.#answers.answer(this.#textOf(given))
    this.#onAnswered()
  }

  #textOf(given: Given): string {
    if ('receipt' in given) return receiptText(this.#id, given.receipt)
    if ('error' in given) return errorText(this.#id, given.error)
    return resultText(this.#id, given.result)
  }
}

/** Gathers the answers to the calls of a batch. */
export class BatchAnswers implements Answers {
  readonly texts: string[] = []
  /** Characters of all of them. */
  length = 0
  #awaited = 0
  #onLast: (() => void) | undefined

  /** One more is to come. */
  await(): void {
    this.#awaited++
  }

  /** One that is come. */
  answer(text: string): void {
    this.texts.push(text)
    this.length += text.length
    this.#awaited--
    if (this.#awaited === 0) this.#onLast?.()
  }

  /** Resolves when all that were to come have come. */
  async all(): Promise<void> {
    if (this.#awaited === 0) return
    await new Promise<void>((resolve) => {
      this.#onLast = resolve
    })
  }
}
