import type { Config } from '../../config.ts'
import { errorText, type Parsed } from '../../protocol/jsonrpc.ts'
import type { Calls } from '../calls.ts'
import { overloaded } from '../refusals.ts'

/** Takes the text of one answer. */
export type Give = (text: string) => void

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
 * after. Reads that would make the answers too long are refused; commands never are for that.
 *
 * @param onRead waits until no other batch of the socket has answers of reads in hand
 */
export async function runBatch(
  parts: readonly Parsed[],
  calls: Calls,
  config: Config,
  run: (part: Parsed, give: Give) => Promise<void>,
  onRead: () => Promise<void>,
): Promise<readonly string[]> {
  const answers: string[] = []
  let length = 0
  const give = (text: string) => {
    answers.push(text)
    length += text.length
  }
  let running: Promise<void>[] = []
  for (const part of parts) {
    const reads = !('error' in part) && !calls.isCommand(part.method)
    if (!reads) {
      running.push(run(part, give))
      continue
    }
    await Promise.all(running)
    running = []
    await onRead()
    if (length <= config.outboxCloseBytes) await run(part, give)
    else if (part.id !== undefined) give(errorText(part.id, calls.refusal(tooLong(config))))
  }
  await Promise.all(running)
  return answers
}

function tooLong({ outboxCloseBytes }: Config) {
  return overloaded(
    `The answers of this batch are over ${outboxCloseBytes} bytes already. Ask for less at once.`,
  )
}
