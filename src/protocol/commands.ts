/**
 * From the params of a call to a command that can be decided: its form checked against the domain's
 * schema, its order named, its hash taken. Bad input ends here, before anything is queued.
 */
import { hash } from 'node:crypto'
import { type TObject, Type } from 'typebox'
import { idPattern, subjectCharsMax } from '../config.ts'
import type { Command, Domain, Method } from '../domain.ts'
import { InvalidParamsError, UnknownMethodError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { compileCheck, type ParamsCheck } from './params.ts'

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

type Params = CommandOptions & { readonly orderId?: string }

/** Makes commands of a domain. */
export class CommandForms {
  readonly #forms = new Map<string, { method: Method; check: ParamsCheck }>()
  readonly #runtime: Runtime

  constructor(domain: Domain, runtime: Runtime) {
    this.#runtime = runtime
    for (const [name, method] of Object.entries(domain.methods)) {
      this.#forms.set(name, { method, check: compileCheck(commandSchema(method)) })
    }
  }

  has(method: string): boolean {
    return this.#forms.has(method)
  }

  /**
   * Where the method creates and the params name no order, its commandId becomes the orderId, so
   * that a repeated call finds the same order; where there is neither, a new id is made.
   *
   * @throws {UnknownMethodError} if it is no command of the domain
   * @throws {InvalidParamsError} naming each fault by its path
   */
  prepare(method: string, params: unknown, by: string | null = null): Command {
    const form = this.#forms.get(method)
    if (!form) throw new UnknownMethodError(method, [...this.#forms.keys()])
    let faults = form.check(params)
    if (faults.length === 0) faults = form.method.check?.(params as never) ?? []
    if (faults.length > 0) throw new InvalidParamsError(method, faults)
    if (by !== null && (by.length > subjectCharsMax || !by.isWellFormed())) {
      const message = `must be well-formed text of at most ${subjectCharsMax} characters`
      throw new InvalidParamsError(method, [{ path: 'by', message }])
    }
    const { commandId = null, expectedVersion = null, ...rest } = params as Params
    const orderId = rest.orderId ?? commandId ?? this.#runtime.id()
    const own = { ...rest, orderId }
    return {
      method,
      orderId,
      params: own,
      commandId,
      commandHash: commandId === null ? null : hashOf(method, own),
      expectedVersion,
      by,
    }
  }
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
