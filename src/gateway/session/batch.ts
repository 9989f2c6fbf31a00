import type { Config } from '../../config.ts'
import { type Call, type CallId, errorText, type Parsed } from '../../protocol/jsonrpc.ts'
import type { Calls } from '../calls.ts'
import { overloaded } from '../refusals.ts'
import { BatchAnswers } from './answers.ts'

/**
 * The batches of one socket that read, one at a time: what is read is in hand until its batch is
 * answered, so only one of them may have any.
 */
export class Turns {
  #last: Promise<void> = Promise.resolve()

  /** Resolves when it is this one's turn, with what ends it. */
  async come(): Promise<() => void> {
    const before = this.#last
    let end = () => {}
    this.#last = new Promise((resolve) => {
      end = resolve
    })
    await before
    return end
  }
}

/**
 * Runs the calls of an array in its order, and resolves with their answers. Commands follow each
 * other without waiting; a call that reads sees what those before it did, and nothing of those
 * after. Reads that would make the answers too long are refused; commands never are for that. A
 * notification is answered by nothing, and not executed.
 *
 * @param run runs a call, and gives its answer to `answers`
 * @param onRead waits until no other batch of the socket has answers of reads in hand
 */
export async function runBatch(
  parts: readonly Parsed[],
  calls: Calls,
  config: Config,
  run: (call: Call, id: CallId, answers: BatchAnswers) => void,
  onRead: () => Promise<void>,
): Promise<readonly string[]> {
  const answers = new BatchAnswers()
  for (const part of parts) {
    const { id } = part
    if (id === undefined) continue
    const isRead = !('error' in part) && !calls.isCommand(part.method)
    if (isRead) {
      await answers.all()
      await onRead()
    }
    answers.await()
    if ('error' in part) answers.answer(errorText(id, part.error))
    else if (!isRead || answers.length <= config.outboxCloseBytes) run(part, id, answers)
    else answers.answer(errorText(id, calls.refusal(tooLong(config))))
    if (isRead) await answers.all()
  }
  await answers.all()
  return answers.texts
}

function tooLong({ outboxCloseBytes }: Config) {
  return overloaded(
    `The answers of this batch are over ${outboxCloseBytes} bytes already. Ask for less at once.`,
  )
}
