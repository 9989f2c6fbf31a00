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

/**
 * What a command is tried with before anybody has typed: its example, with what is the order's own in
 * it. Of a list that the order has, too, that is its first record, as it is.
 */
export function probeFor(method: Method, view: AnyView): object {
  const { params, example } = method
  const probe: Record<string, unknown> = { ...example, ...filledFor(method, view) }
  for (const [key, { items }] of Object.entries(params.properties ?? {})) {
    const own = (view as Readonly<Record<string, unknown>>)[key]
    const [first] = Array.isArray(own) ? (own as readonly object[]) : []
    if (!first || !items?.properties) continue
    const names = Object.keys(items.properties)
    probe[key] = [
      Object.fromEntries(Object.entries(first).filter(([name]) => names.includes(name))),
    ]
  }
  return probe
}
