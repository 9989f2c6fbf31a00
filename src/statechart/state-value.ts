import type { StateValue } from 'xstate'

/**
 * The active states of a state value that have none inside them, as dotted paths:
 * `{open: {payment: 'paid', fulfilment: 'shipped'}}` gives
 * `['open.payment.paid', 'open.fulfilment.shipped']`.
 */
export function activeStates(value: StateValue, prefix = ''): readonly string[] {
  if (typeof value === 'string') return [prefix + value]
  return Object.entries(value).flatMap(([key, inner = {}]) => {
    const path = prefix + key
    return isLeaf(inner) ? [path] : activeStates(inner, `${path}.`)
  })
}

/** A state value in a few words for people: `open (payment paid, fulfilment shipped)`. */
export function describeState(value: StateValue): string {
  if (typeof value === 'string') return value
  return Object.entries(value)
    .map(([key, inner = {}]) => {
      if (isLeaf(inner)) return key
      if (typeof inner === 'string') return `${key} ${inner}`
      return `${key} (${describeState(inner)})`
    })
    .join(', ')
}

/** The same state value, which many share from here on: who changed it would change the others'. */
export function frozenState(value: StateValue): StateValue {
  if (typeof value === 'string') return value
  for (const inner of Object.values(value)) if (inner !== undefined) frozenState(inner)
  return Object.freeze(value)
}

/** A region without states of its own has an empty object for its value. */
function isLeaf(value: StateValue): boolean {
  return typeof value === 'object' && Object.keys(value).length === 0
}
