/**
 * Hides what people wrote: with `?mask` in the address, texts that may name somebody are shown as a
 * short mark, the same for the same text, so that one can still see what belongs together.
 */
import { isMasked } from './route.ts'

/** FNV-1a, over UTF-16 units. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  }
  return hash >>> 0
}

export const maskOf = (text: string): string =>
  text === '' ? '' : `▒${hashOf(text).toString(36).padStart(4, '0').slice(-4)}`

/** An id that may be of somebody, such as a customer's. */
export const shownName = (text: string): string => (isMasked.value ? maskOf(text) : text)

/** An orderId; before a colon stands whose it is. */
export function shownId(orderId: string): string {
  const colon = orderId.indexOf(':')
  if (!isMasked.value || colon < 0) return orderId
  return `${maskOf(orderId.slice(0, colon))}${orderId.slice(colon)}`
}

/** Texts that are the domain's own words, and of nobody. */
const plainKeys = new Set(['type', 'status', 'state', 'currency', 'can', 'method', 'schema'])

/** A value with all texts in it masked but those; as it is where nothing is to be hidden. */
export function shownValue<T>(value: T, key = ''): T {
  if (!isMasked.value || plainKeys.has(key)) return value
  if (typeof value === 'string') return (key === 'orderId' ? shownId(value) : maskOf(value)) as T
  if (Array.isArray(value)) return value.map((inner) => shownValue(inner, key)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, shownValue(inner, name)]),
  ) as T
}
