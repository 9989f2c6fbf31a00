/**
 * The table of methods: which role a call takes, which schema its params are held to, and who
 * answers it. Commands are the domain's and go to the sequencer; all else reads, or concerns the
 * session that calls.
 */
import type { Config } from '../config.ts'
import type { Command, Domain, ParamFault, Receipt, Refusal } from '../domain.ts'
import { InvalidParamsError, UnknownMethodError } from '../errors.ts'
import type { EventLog } from '../log/event-log.ts'
import type { CommandForms } from '../protocol/commands.ts'
import { type RpcError, rpcCodes } from '../protocol/jsonrpc.ts'
import {
  checkRead,
  commandRole,
  type ReadMethod,
  type ReadParams,
  type Role,
  readMethods,
  readRoles,
} from '../protocol/methods.ts'
import { compileCheck, type ParamsCheck } from '../protocol/params.ts'
import { faultError, refusalError } from '../protocol/wire.ts'
import type { Runtime, TurnClock } from '../runtime.ts'
import type { Answer, Waiting } from '../sequencer/append.ts'
import type { OrderView } from '../view/order-view.ts'
import { AskedCommand } from './asked-command.ts'
import { type Identity, mayDo, nobodyInParticular } from './auth/identity.ts'
import type { GatewayObserver } from './observer.ts'
import type { Paths } from './paths.ts'
import { type ReadAnswer, Reads } from './reads.ts'
import { paramsOf, refusedId } from './scope.ts'
import { Trials } from './trials.ts'
import { Walks } from './walks.ts'
import type { Passages } from './watch/passages.ts'
import type { Subscriptions } from './watch/subscriptions.ts'

/** What the gateway needs of the stages behind it. */
export interface GatewayStages {
  readonly domain: Domain
  readonly forms: CommandForms
  readonly log: EventLog
  readonly view: OrderView
  /** Hands a command to the sequencer, which answers it once; those of a batch keep their order. */
  take(waiting: Waiting): void
  /** Told how long a command waited for its receipt, in milliseconds. */
  onReceipt?(ms: number): void
}

/** The session that calls, as far as its calls concern it. */
export interface Caller {
  /** Undefined until a token has been taken, where tokens are asked for. */
  readonly identity: Identity | undefined
  readonly subscriptions: Subscriptions
  hello(params: ReadParams<'session.hello'>): ReadAnswer | Promise<ReadAnswer>
}

/** The one answer to a call: a result as JSON text, a receipt, or an error. */
export type Given =
  | { readonly result: string }
  | { readonly receipt: Receipt }
  | { readonly error: RpcError }

/** Takes the answer to a call. */
export interface Reply {
  give(answer: Given): void
}

type Reader<Name extends ReadMethod> = (
  params: ReadParams<Name>,
  caller: Caller,
  identity: Identity,
) => ReadAnswer | Promise<ReadAnswer>

interface Read {
  readonly check: ParamsCheck
  readonly answer: (
    params: never,
    caller: Caller,
    identity: Identity,
  ) => ReadAnswer | Promise<ReadAnswer>
}

export interface CallsOptions {
  readonly stages: GatewayStages
  readonly config: Config
  readonly runtime: Runtime
  readonly clock: TurnClock
  readonly observer: GatewayObserver
  readonly paths: Paths
  readonly passages: Passages
}

export class Calls {
  readonly #stages: GatewayStages
  readonly #observer: GatewayObserver
  readonly #reads = new Map<string, Read>()
  readonly #clock: TurnClock

  constructor({ stages, config, runtime, clock, observer, paths, passages }: CallsOptions) {
    this.#stages = stages
    this.#observer = observer
    this.#clock = clock
    const { view, log } = stages
    const walks = new Walks(config)
    const reads = new Reads({ view, log, config, runtime, walks, passages })
    const trials = new Trials({ domain: stages.domain, view, walks, paths, runtime })
    const readers: { readonly [Name in ReadMethod]: Reader<Name> } = {
      'session.hello': (params, caller) => caller.hello(params),
      'order.get': (params, _, identity) => reads.get(params, identity),
      'order.list': (params, _, identity) => reads.list({ ...params }, identity),
      'order.counts': (_params, _, identity) => reads.counts(identity),
      'order.history': (params, _, identity) => reads.history(params, identity),
      'order.at': (params, _, identity) => reads.at(params, identity),
      'order.try': ({ method, params, eventId }, _, identity) => {
        const command = this.#prepareTrial(method, params, identity)
        return 'refused' in command ? command : trials.run(command, eventId, identity)
      },
      'order.path': (params, _, identity) => reads.path(params, identity, paths),
      'events.read': (params, _, identity) => reads.events(params, identity),
      'events.subscribe': (params, { subscriptions }, identity) =>
        subscriptions.events(params, identity),
      'views.subscribe': (params, { subscriptions }, identity) =>
        subscriptions.views(params, identity),
      'subscription.ack': (params, { subscriptions }) => subscriptions.ack(params),
      'subscription.cancel': (params, { subscriptions }) => subscriptions.cancel(params),
    }
    for (const [name, schema] of Object.entries(readMethods(config))) {
      const answer = readers[name as ReadMethod] as Read['answer']
      this.#reads.set(name, { check: compileCheck(schema), answer })
    }
  }

  isCommand(method: string): boolean {
    return this.#stages.forms.has(method)
  }

  /** Answers a command once it is settled; at once where its form is wrong, or it may not be. */
  command(method: string, params: unknown, caller: Caller, reply: Reply, batch?: object): void {
    const { identity } = caller
    const refused = forbidden(method, commandRole, identity)
    if (refused) return reply.give({ error: this.refusal(refused) })
    let command: Command | Refusal
    try {
      command = this.#prepare(method, params, identity ?? nobodyInParticular)
    } catch (error) {
      return reply.give({ error: faultError(error) })
    }
    if ('refused' in command) return reply.give({ error: this.refusal(command) })
    const askedAt = this.#clock.elapsed()
    this.#stages.take(new AskedCommand(command, batch, askedAt, reply, this))
  }

  /** The sequencer has answered. */
  settled({ command, askedAt, reply }: AskedCommand, answer: Answer): void {
    if (answer instanceof Error) reply.give({ error: this.#fault(command.method, answer) })
    else if ('refused' in answer) reply.give({ error: this.refusal(answer) })
    else {
      reply.give({ receipt: answer })
      this.#stages.onReceipt?.(this.#clock.elapsed() - askedAt)
    }
  }

  /** Answers a call that reads, or concerns the session. Never throws. */
  async read(method: string, params: unknown, caller: Caller, reply: Reply): Promise<void> {
    try {
      const refused = forbidden(method, readRoles[method as ReadMethod], caller.identity)
      if (refused) return reply.give({ error: this.refusal(refused) })
      const read = this.#reads.get(method)
      if (!read) throw new UnknownMethodError(method, this.#known())
      let faults = read.check(params)
      if (faults.length === 0) faults = checkRead(method, params as object)
      if (faults.length > 0) throw new InvalidParamsError(method, faults)
      const identity = caller.identity ?? nobodyInParticular
      const given = read.answer(params as never, caller, identity)
      const answer = given instanceof Promise ? await given : given
      if ('refused' in answer) reply.give({ error: this.refusal(answer) })
      else reply.give({ result: 'text' in answer ? answer.text : JSON.stringify(answer.result) })
    } catch (error) {
      reply.give({ error: this.#fault(method, error) })
    }
  }

  refusal(refusal: Refusal): RpcError {
    return refusalError(refusal, this.#stages.domain.refusals)
  }

  #fault(method: string, fault: unknown): RpcError {
    const error = faultError(fault)
    if (error.code === rpcCodes.internalError) this.#observer.callFailed?.(method, fault)
    return error
  }

  #prepare(method: string, params: unknown, identity: Identity): Command | Refusal {
    const { forms, domain } = this.#stages
    const { subject: by, customerId } = identity
    if (customerId === null) return forms.prepare(method, params, { by, customerId })
    const form = domain.methods[method]!
    const own = paramsOf(customerId, form, params as object)
    if ('refused' in own) return own
    const command = forms.prepare(method, own.params, { by, customerId })
    return refusedId(customerId, form, command) ?? command
  }

  /** Faults are named by where they stand in the params of `order.try`. */
  #prepareTrial(method: string, params: object, identity: Identity): Command | Refusal {
    const within = (faults: readonly ParamFault[]) => new InvalidParamsError('order.try', faults)
    if (!this.isCommand(method)) {
      const message = `must be one of ${Object.keys(this.#stages.domain.methods).join(', ')}`
      throw within([{ path: '/method', message }])
    }
    try {
      return this.#prepare(method, params, identity)
    } catch (error) {
      if (!(error instanceof InvalidParamsError)) throw error
      throw within(error.faults.map((fault) => ({ ...fault, path: `/params${fault.path}` })))
    }
  }

  #known(): string[] {
    return [...Object.keys(this.#stages.domain.methods), ...this.#reads.keys()]
  }
}

/** Why this identity may not call a method that takes a role, or none; undefined where it may. */
function forbidden(
  method: string,
  role: Role | null | undefined,
  identity: Identity | undefined,
): Refusal | undefined {
  if (!identity) return method === 'session.hello' ? undefined : unauthenticated()
  if (role === undefined || mayDo(identity, role)) return undefined
  const message = `${method} takes the role ${role}, which this token does not have.`
  return { refused: 'FORBIDDEN', message, details: { role } }
}

export function unauthenticated(
  message = 'Say who you are first: session.hello with a token.',
): Refusal {
  return { refused: 'UNAUTHENTICATED', message, details: {} }
}
