/** What a form can be filled with before anybody types. */
import { shortId } from '../platform.ts'
import type { Method } from '../server/methods.ts'
import type { AnyView } from '../server/session.ts'

/**
 * Ids that have to be new get one, made from the example; an amount is what the balance is. All else is
 * left to whoever types.
 */
export function filledFor({ params, example }: Method, view: AnyView): Record<string, unknown> {
  const filled: Record<string, unknown> = { orderId: view.orderId }
  for (const key of params.required ?? []) {
    const schema = params.properties?.[key]
    if (!schema || key === 'orderId') continue
    if (schema.pattern !== undefined) filled[key] = `${example[key] ?? key}-${shortId()}`
    const { balance } = view as { readonly balance?: unknown }
    if (key === 'amount' && typeof balance === 'number' && balance !== 0) {
      filled[key] = Math.abs(balance)
    }
  }
  return filled
}
