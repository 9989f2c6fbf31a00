/** What a token that is bound to a customer may ask for, decided before anything is looked up. */
import type { Command, Method, Refusal } from '../domain.ts'
import { orderIdPrefix } from '../protocol/commands.ts'
import { forbiddenCustomer } from './refusals.ts'

/**
 * The params of a command as this customer may give them: where the method takes a customerId, it is
 * the customer's own. A refusal where another one is named, or a new order could not be given one.
 */
export function paramsOf(
  customerId: string,
  method: Method,
  params: object,
): { readonly params: object } | Refusal {
  if (!method.creates) return { params }
  if (!('customerId' in method.params.properties)) return forbiddenCustomer(customerId)
  const named = (params as { customerId?: unknown }).customerId
  if (named !== undefined && named !== customerId) return forbiddenCustomer(customerId)
  return { params: { ...params, customerId } }
}

/** Why a customer may not make an order under this id; undefined where it may. */
export function refusedId(
  customerId: string,
  method: Method,
  command: Command,
): Refusal | undefined {
  const prefix = orderIdPrefix(customerId)
  if (!method.creates || command.orderId.startsWith(prefix)) return undefined
  const message = `This token may place orders only under ids that begin with ${prefix}`
  return { refused: 'FORBIDDEN', message: `${message}.`, details: {} }
}
