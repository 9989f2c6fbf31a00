/**
 * One client under torture. It sends commands until each has an answer, gives some up and sends them
 * again, sends some twice at once, and repeats some that were answered long ago.
 */
import { WebSocket } from 'ws'
import { type Client, ClientError, connect } from '../../src/client/index.ts'
import type { Receipt } from '../../src/domain.ts'
import type { Chance } from '../soak/chance.ts'
import { type Command, Commands } from '../soak/commands.ts'

/** All that was ever said of one command: once there is a receipt, each sending gets it again. */
export interface Answered {
  readonly command: Command
  readonly receipts: readonly Receipt[]
  readonly refusals: readonly string[]
}

export interface ClientOptions {
  readonly name: string
  /** Clients of which this is the same work on the same orders. */
  readonly ordersOf: string
  readonly url: string
  readonly chance: Chance
  /** Where each command is written down before it is sent. */
  readonly sent: Map<string, Command>
  /** Where each answer is written down, in the order in which all clients have them. */
  readonly answers: Answered[]
}

/** Refusals that say nothing of the command: it is sent again. */
const passing = new Set(['RATE_LIMITED', 'OVERLOADED', 'STOPPING', 'STORAGE_FULL'])
/** Comes back ten times sooner than the SDK does by itself, so that there is load when the next kill comes. */
const haste = 0.1

export class TortureClient {
  /** Sendings besides the first, but for those that the SDK makes by itself. */
  resent = 0
  /** Times that it died with the server. */
  deaths = 0
  readonly #options: ClientOptions
  readonly #commands: Commands
  /** Commands that have a receipt. */
  readonly #honoured: Command[] = []
  #client: Client

  constructor(options: ClientOptions) {
    const { name, chance, ordersOf } = options
    this.#options = options
    this.#commands = new Commands(name, chance, ordersOf)
    this.#client = this.#connect()
  }

  /** Sends one command after another until it is told to stop; then each has its answer. */
  async work(goesOn: () => boolean): Promise<void> {
    const { chance, sent } = this.#options
    while (goesOn()) {
      const command = this.#commands.next()
      sent.set(command.commandId, command)
      await this.#honour(command, chance.below(8) === 0)
      if (this.#honoured.length === 0 || chance.below(8) > 0) continue
      await this.#honour(chance.of(this.#honoured), false)
    }
  }

  /**
   * The client dies, and another takes its place that knows what was left unanswered. Only where the
   * server has died, too: a sending that is still on its way could come after that of the other.
   */
  die(): void {
    this.deaths++
    this.#client.close()
    this.#client = this.#connect()
  }

  close(): void {
    this.#client.close()
  }

  #connect(): Client {
    const { url, name, chance } = this.#options
    return connect(url, {
      client: name,
      random: () => chance.next() * haste,
      socket: (to, protocols) => new WebSocket(to, protocols) as never,
    })
  }

  /** Sends a command again and again until there is an answer that is final. */
  async #honour(command: Command, isGivenUp: boolean): Promise<void> {
    const { chance } = this.#options
    let giveUpAfterMs = isGivenUp ? chance.below(10) : undefined
    const receipts: Receipt[] = []
    const refusals: string[] = []
    for (let sendings = 0; receipts.length + refusals.length === 0; sendings++) {
      const times = chance.below(10) === 0 ? 2 : 1
      this.resent += sendings === 0 ? times - 1 : times
      const sending = Array.from({ length: times }, () => this.#send(command, giveUpAfterMs))
      for (const answer of await Promise.all(sending)) {
        if (answer === undefined) continue
        if ('refused' in answer) refusals.push(answer.refused)
        else receipts.push(answer)
      }
      giveUpAfterMs = undefined
    }
    this.#options.answers.push({ command, receipts, refusals })
    if (receipts.length > 0) this.#honoured.push(command)
  }

  /** Undefined where there is no answer, or none that says anything. */
  async #send({ commandId, method, params }: Command, giveUpAfterMs: number | undefined) {
    const options = giveUpAfterMs === undefined ? { commandId } : { commandId, giveUpAfterMs }
    try {
      const answer = await this.#client.submit(method as 'order.ship', params as never, options)
      return 'refused' in answer && passing.has(answer.refused) ? undefined : answer
    } catch (error) {
      const isExpected =
        error instanceof ClientError && ['GAVE_UP', 'CLOSED'].includes(error.reason)
      if (!isExpected) throw error
      return undefined
    }
  }
}
