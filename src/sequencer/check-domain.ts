import type { Domain } from '../domain.ts'
import { codes, DomainError } from '../errors.ts'
import { unsupportedParts } from '../statechart/unsupported.ts'

/** The first number that is a domain's own; see `codes`. */
const refusalCodeMin = 2006

/**
 * Checks what the types of a domain cannot say.
 *
 * @param engineMethods the methods that are the engine's own
 * @throws {DomainError} naming all that keeps the domain from being run
 */
export function checkDomain(domain: Domain, engineMethods: readonly string[]): void {
  const wrong = [...unsupportedParts(domain.machine)]
  for (const [name, { records, params }] of Object.entries(domain.methods)) {
    if (!Object.hasOwn(domain.events, records)) {
      wrong.push(`${name} records ${records}, which has no form`)
    }
    if (!('orderId' in params.properties)) wrong.push(`${name} does not name an orderId`)
    if (engineMethods.includes(name)) wrong.push(`${name} is a method of the engine's own`)
  }
  for (const type of Object.keys(domain.events)) {
    if (!/^[A-Za-z0-9_.:-]{1,64}$/.test(type)) wrong.push(`${type} is no name for an event`)
  }
  const taken = new Set<number>(Object.values(codes))
  for (const [reason, code] of Object.entries(domain.refusals)) {
    if (reason in codes || taken.has(code)) wrong.push(`${reason} (${code}) is the engine's own`)
    else if (!(code >= refusalCodeMin)) {
      wrong.push(`${reason} (${code}) is not numbered from ${refusalCodeMin} on`)
    }
  }
  if (wrong.length > 0) {
    throw new DomainError(`The domain ${domain.name} cannot be run: ${wrong.join('; ')}.`)
  }
}
