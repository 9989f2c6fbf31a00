/** What the gateway itself refuses of the calls that read and watch. */
import type { Refusal, View } from '../domain.ts'
import type { Reason } from '../errors.ts'

function refusal(refused: Reason, message: string, details: Refusal['details'] = {}): Refusal {
  return { refused, message, details }
}

export const overloaded = (message: string): Refusal => refusal('OVERLOADED', message)

export const forbiddenCustomer = (customerId: string): Refusal =>
  refusal('FORBIDDEN', `This token is for the orders of customer ${customerId} only.`)

export const orderNotFound = (orderId: string, when = ''): Refusal =>
  refusal('ORDER_NOT_FOUND', `There is no order ${orderId}${when}.`, { orderId })

/** For the history of an order, and why it does not fit in one answer. */
export const tooLong = ({ orderId, version }: View, why: string): Refusal =>
  refusal(
    'TOO_LONG',
    `Order ${orderId} has ${version} events, and ${why}. Read them with events.subscribe, its ` +
      'orderId and a from, or with events.read; order.at gives the order as it was at any of them.',
    { orderId, version },
  )
