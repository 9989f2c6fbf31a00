/**
 * From the params of a call to a command that can be decided: its form checked against the domain's
 * schema, its order named, its hash taken. Bad input ends here, before anything is queued.
 */
import { hash } from 'node:crypto'
import { type TObject, Type } from 'typebox'
import { idPattern, subjectCharsMax } from '../config.ts'
import type { Command, Domain, Method, ParamFault } from '../domain.ts'
import { InvalidParamsError, UnknownMethodError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { compileCheck, type ParamsCheck } from './params.ts'
import { compilePlainCopy, type PlainCopy } from './plain-copy.ts'

/** What every command takes besides the params of its own. */
export interface CommandOptions {
  /** The idempotency key, one order's: the same command with the same key takes effect once. */
  readonly commandId?: string
  /** Refuses the command unless the order has exactly this version. */
  readonly expectedVersion?: number
}

const options = {
  commandId: Type.Optional(Type.String({ pattern: idPattern })),
  expectedVersion: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
}

/** The schema of all that a command takes: the domain's params, commandId and expectedVersion. */
export function commandSchema(method: Method): TObject {
  return Type.Object(
    { ...method.params.properties, ...options },
    { additionalProperties: false, description: method.title },
  )
}

/** Who asks for a command. */
export interface Caller {
  /** The subject of the token; null without one. */
  readonly by: string | null
  /** The one customer whose orders the token is for; null for all. */
  readonly customerId: string | null
}

const anyone: Caller = { by: null, customerId: null }

/** What the ids of orders begin with that a customer's own token places. */
export const orderIdPrefix = (customerId: string): string => `${customerId}:`

type Params = CommandOptions & { readonly orderId?: string; readonly customerId?: string }

/**
 * What is wrong with the id that a new order is to have. Where orders are of customers, an id with a
 * colon begins with its own customer's: under such ids the tokens of that customer place orders, and
 * one of another's there would tell them that it exists.
 */
function faultsOfId(method: Method, params: Params): readonly ParamFault[] {
  const { orderId, commandId, customerId } = params
  const id = orderId ?? commandId
  if (!method.creates || !('customerId' in method.params.properties)) return []
  if (!id?.includes(':') || id.slice(0, id.indexOf(':')) === customerId) return []
  const whose = customerId === undefined ? 'and the order has none' : `${customerId}`
  const becomes = orderId === undefined ? 'becomes the orderId, and ' : ''
  const message =
    `${becomes}has a colon, before which the order's customerId must stand (${whose}); ` +
    'an orderId without a colon is free to choose'
  return [{ path: orderId === undefined ? '/commandId' : '/orderId', message }]
}

interface Form {
  /** The name of the method: one text for all its commands, by which V8 finds what it looks up at once. */
  readonly name: string
  readonly method: Method
  readonly check: ParamsCheck
  /** Makes short work of most that is right. */
  readonly plainCopy: PlainCopy | undefined
}

const forms = new WeakMap<Method, Form>()

/** Made once for each method: it is code, which V8 would have to learn anew for each engine. */
function formOf(name: string, method: Method): Form {
  const known = forms.get(method)
  if (known?.name === name) return known
  const schema = commandSchema(method)
  const form = { name, method, check: compileCheck(schema), plainCopy: compilePlainCopy(schema) }
  forms.set(method, form)
  return form
}

/** Makes commands of a domain. */
export class CommandForms {
  readonly #forms = new Map<string, Form>()
  readonly #runtime: Runtime

  constructor(domain: Domain, runtime: Runtime) {
    this.#runtime = runtime
    for (const [name, method] of Object.entries(domain.methods)) {
      this.#forms.set(name, formOf(name, method))
    }
  }

  has(method: string): boolean {
    return this.#forms.has(method)
  }

  /**
   * Where the method creates and the params name no order, its commandId becomes the orderId, so
   * that a repeated call finds the same order; where there is neither, a new id is made.
   *
   * @param params may become the command's: the caller changes them no more
   * @throws {UnknownMethodError} if it is no command of the domain
   * @throws {InvalidParamsError} naming each fault by its path; also where the id of a new order has
   * a colon, and does not begin with the order's customerId
   */
  prepare(method: string, params: unknown, caller: Caller = anyone): Command {
    const form = this.#form(method)
    return this.#command(form, plainly(form, params) ?? fitting(form, params), caller)
  }

  /**
   * The same for a caller in the same program, who may do with the params as he likes.
   *
   * @throws as `prepare` does
   */
  copied(method: string, params: object, by: string | null): Command {
    const form = this.#form(method)
    const own = plainly(form, params) ?? fitting(form, copyOf(method, params))
    return this.#command(form, own, by === null ? anyone : { by, customerId: null })
  }

  #form(method: string): Form {
    const form = this.#forms.get(method)
    if (!form) throw new UnknownMethodError(method, [...this.#forms.keys()])
    return form
  }

  /** @param params have the form of the method's */
  #command({ name, method }: Form, params: Params, { by, customerId }: Caller): Command {
    let faults = method.check?.(params as never) ?? []
    // A customer's own token is held to more, and refused with other words.
    if (faults.length === 0 && customerId === null) faults = faultsOfId(method, params)
    if (faults.length > 0) throw new InvalidParamsError(name, faults)
    const isText = typeof by === 'string' && by.length <= subjectCharsMax && by.isWellFormed()
    if (by !== null && !isText) {
      const message = `must be well-formed text of at most ${subjectCharsMax} characters`
      throw new InvalidParamsError(name, [{ path: 'by', message }])
    }
    const { commandId = null, expectedVersion = null } = params
    const prefix = customerId === null ? '' : orderIdPrefix(customerId)
    const orderId = params.orderId ?? commandId ?? this.#newId(prefix)
    const own = ownParams(params, orderId)
    return {
      method: name,
      orderId,
      params: own,
      commandId,
      commandHash: commandId === null ? null : hashOf(name, own),
      expectedVersion,
      by,
      customerId,
    }
  }

  #newId(prefix: string): string {
    const id = prefix + this.#runtime.id()
    if (new RegExp(idPattern).test(id)) return id
    const message = 'must be given: the customerId is too long to make one from'
    throw new InvalidParamsError('A new order', [{ path: '/orderId', message }])
  }
}

/** A copy of params that surely have the form; undefined where they are to be looked at more closely. */
function plainly({ plainCopy }: Form, params: unknown): Params | undefined {
  try {
    return plainCopy?.(params)
  } catch {
    // What cannot be read: then it is said why.
    return undefined
  }
}

/** @throws {InvalidParamsError} if they do not have the form */
function fitting({ name, check }: Form, params: unknown): Params {
  const faults = check(params)
  if (faults.length > 0) throw new InvalidParamsError(name, faults)
  return params as Params
}

/** The params that are the method's own; the very same where there is nothing to take out or add. */
function ownParams(params: Params, orderId: string): object {
  const isOwn = params.commandId === undefined && params.expectedVersion === undefined
  if (isOwn && params.orderId === orderId) return params
  const { commandId: _, expectedVersion: __, ...rest } = params
  return { ...rest, orderId }
}

/** Characters of 16 bytes in hex. */
const hashChars = 32

/** The first 16 bytes of SHA-256 over the JSON of `[method, params]`, keys sorted; in hex. */
function hashOf(method: string, params: object): string {
  return hash('sha256', JSON.stringify([method, sorted(params)]), 'hex').slice(0, hashChars)
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]))
}

/**
 * The params as they are now, as JSON has them: what is checked is what is recorded, whatever the
 * caller does with them meanwhile.
 */
export function copyOf(method: string, params: object): unknown {
  try {
    return copyPlain(params)
  } catch (error) {
    const message =
      error instanceof RangeError
        ? 'are too deep, or hold themselves'
        : `cannot be read: ${error instanceof Error ? error.message : String(error)}`
    throw new InvalidParamsError(method, [{ path: '', message }])
  }
}

/** By hand where it is plain data, which leaves less garbage than a text of it. */
function copyPlain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return copyList(value)
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return JSON.parse(JSON.stringify(value))
  const copy: Record<string, unknown> = { ...value }
  for (const key in copy) {
    const inner = copy[key]
    if (inner === undefined) delete copy[key]
    else if (typeof inner === 'object') copy[key] = copyPlain(inner)
  }
  return copy
}

/** `map` would leave the holes of a sparse list, in which no check looks. */
function copyList(list: readonly unknown[]): unknown[] {
  const copy = new Array<unknown>(list.length)
  for (let index = 0; index < list.length; index++) copy[index] = copyPlain(list[index])
  return copy
}
