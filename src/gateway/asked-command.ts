import type { Command, Outcome } from '../domain.ts'
import type { Answer, Waiting } from '../sequencer/append.ts'
import type { LiveOrder } from '../sequencer/live-order.ts'
import type { Reply } from './calls.ts'

/** Who makes an answer to a call of what the sequencer answers. */
interface Settling {
  settled(asked: AskedCommand, answer: Answer): void
}

/** A command that a socket waits for. */
export class AskedCommand implements Waiting {
  readonly command: Command
  readonly batch: object | undefined
  /** As `Runtime.elapsed`. */
  readonly askedAt: number
  readonly reply: Reply
  order: LiveOrder | undefined = undefined
  outcome: Outcome | undefined = undefined
  readonly #settling: Settling

  constructor(
    command: Command,
    batch: object | undefined,
    askedAt: number,
    reply: Reply,
    settling: Settling,
  ) {
    this.command = command
    this.batch = batch
    this.askedAt = askedAt
    this.reply = reply
    this.#settling = settling
  }

  settle(answer: Answer): void {
    this.#settling.settled(this, answer)
  }
}
