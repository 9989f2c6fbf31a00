import type { View } from '../domain.ts'
import { freezePlain } from '../frozen.ts'
import type { Page } from './order-view.ts'

/**
 * A view as a program outside gets it. It is the very one that others are shown, and holds what the
 * machine goes by, so that it is frozen; and only here, as most views are replaced before anyone asks.
 */
export function handedOut<V extends View | undefined>(view: V): V {
  freezePlain(view)
  return view
}

export function handedOutPage<V extends View>(page: Page<V>): Page<V> {
  page.orders.forEach(handedOut)
  return page
}
