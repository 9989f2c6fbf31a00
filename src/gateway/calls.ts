/**
 * The table of methods: which schema a call's params are held to, and who answers it. Commands are
 * the domain's and go to the sequencer; all else reads, or concerns the session that calls.
 */
import type { Config } from '../config.ts'
import type { Command, Domain, Outcome, Refusal } from '../domain.ts'
import { InvalidParamsError, UnknownMethodError } from '../errors.ts'
import type { EventLog } from '../log/event-log.ts'
import type { CommandForms } from '../protocol/commands.ts'
import type { RpcError } from '../protocol/jsonrpc.ts'
import { type ReadMethod, type ReadParams, readMethods } from '../protocol/methods.ts'
import { compileCheck, type ParamsCheck } from '../protocol/params.ts'
import { faultError, refusalError } from '../protocol/wire.ts'
import type { OrderView } from '../view/order-view.ts'
import { type ReadAnswer, Reads } from './reads.ts'
import { ViewWatchers } from './views.ts'

/** What the gateway needs of the stages behind it. */
export interface GatewayStages {
  readonly domain: Domain
  readonly forms: CommandForms
  readonly log: EventLog
  readonly view: OrderView
  /** Hands a command to the sequencer, which answers it once. */
  submit(command: Command, settle: (answer: Outcome | Error) => void): void
}

/** What a session does for the calls that concern it. */
export interface Subscriber {
  subscribeViews(orderId: string | undefined): ReadAnswer
  cancel(subscription: number): ReadAnswer
}

/** The one answer to a call: a result as JSON text, or an error. */
export type Reply = (answer: { readonly result: string } | { readonly error: RpcError }) => void

type Reader<Name extends ReadMethod> = (
  params: ReadParams<Name>,
  session: Subscriber,
) => ReadAnswer | Promise<ReadAnswer>

interface Read {
  readonly check: ParamsCheck
  readonly answer: (params: never, session: Subscriber) => ReadAnswer | Promise<ReadAnswer>
}

export class Calls {
  readonly watchers: ViewWatchers
  readonly #stages: GatewayStages
  readonly #reads = new Map<string, Read>()

  constructor(stages: GatewayStages, config: Config) {
    this.#stages = stages
    this.watchers = new ViewWatchers(stages.view, config)
    const reads = new Reads(stages.view, stages.log, config)
    const readers: { readonly [Name in ReadMethod]: Reader<Name> } = {
      'order.get': (params) => reads.get(params),
      'order.list': (params) => reads.list(params),
      'order.history': (params) => reads.history(params),
      'order.at': (params) => reads.at(params),
      'events.read': (params) => reads.events(params),
      'views.subscribe': ({ orderId }, session) => session.subscribeViews(orderId),
      'subscription.cancel': ({ subscription }, session) => session.cancel(subscription),
    }
    for (const [name, schema] of Object.entries(readMethods(config))) {
      const answer = readers[name as ReadMethod] as Read['answer']
      this.#reads.set(name, { check: compileCheck(schema), answer })
    }
  }

  isCommand(method: string): boolean {
    return this.#stages.forms.has(method)
  }

  /** Answers a command once it is settled; at once where its form is wrong. */
  command(method: string, params: unknown, reply: Reply): void {
    let command: Command
    try {
      command = this.#stages.forms.prepare(method, params)
    } catch (error) {
      return reply({ error: faultError(error) })
    }
    this.#stages.submit(command, (answer) => {
      if (answer instanceof Error) reply({ error: faultError(answer) })
      else if ('refused' in answer) reply({ error: this.refusal(answer) })
      else reply({ result: JSON.stringify(answer) })
    })
  }

  /** Answers a call that reads, or concerns the session. Never throws. */
  async read(method: string, params: unknown, session: Subscriber, reply: Reply): Promise<void> {
    try {
      const read = this.#reads.get(method)
      if (!read) throw new UnknownMethodError(method, this.#known())
      const faults = read.check(params)
      if (faults.length > 0) throw new InvalidParamsError(method, faults)
      const given = read.answer(params as never, session)
      const answer = given instanceof Promise ? await given : given
      if ('refused' in answer) reply({ error: this.refusal(answer) })
      else reply({ result: JSON.stringify(answer.result) })
    } catch (error) {
      reply({ error: faultError(error) })
    }
  }

  refusal(refusal: Refusal): RpcError {
    return refusalError(refusal, this.#stages.domain.refusals)
  }

  #known(): string[] {
    return [...Object.keys(this.#stages.domain.methods), ...this.#reads.keys()]
  }
}
