/** What the page shows is in its address, so that it can be reloaded, sent on, and gone back from. */
import { computed, signal } from '@preact/signals'

const params = signal(new URLSearchParams(location.search))
addEventListener('popstate', () => {
  params.value = new URLSearchParams(location.search)
})

export type Page = 'orders' | 'log' | 'pulse' | 'compare' | 'new'
const pages: readonly string[] = ['orders', 'log', 'pulse', 'compare', 'new']

/** Which page is shown; `orders` where none is named. */
export const page = computed<Page>(() => {
  const named = params.value.get('page') ?? ''
  return pages.includes(named) ? (named as Page) : 'orders'
})

/** The order that is open, or none. */
export const openOrder = computed(() => params.value.get('order'))

/** The event that the open order is shown just after; null for the order as it is. */
export const openEvent = computed(() => {
  const text = params.value.get('event') ?? ''
  return /^\d{1,15}$/.test(text) ? Number(text) : null
})

/** Which step of the comparison is shown, from 1 on. */
export const storyStep = computed(() => {
  const text = params.value.get('step') ?? ''
  return /^[1-9]\d?$/.test(text) ? Number(text) : 1
})

/** Whether texts that people wrote are hidden. */
export const isMasked = computed(() => params.value.has('mask'))

/** Whether the chart of all orders is to be shown; null where that is not said. */
export const wantsChart = computed(() => {
  const text = params.value.get('chart')
  return text === 'on' ? true : text === 'off' ? false : null
})

export const filter = {
  status: computed(() => params.value.get('status') ?? ''),
  state: computed(() => params.value.get('state') ?? ''),
  customerId: computed(() => params.value.get('customer') ?? ''),
  idPrefix: computed(() => params.value.get('id') ?? ''),
  type: computed(() => params.value.get('type') ?? ''),
  orderId: computed(() => params.value.get('of') ?? ''),
}

/** Changes of the address: a text, a number, or null for what is taken out. */
export type Changes = Readonly<Record<string, string | number | null>>

/** The address with these changes; what is not named stays as it is. */
export function linkTo(changes: Changes): string {
  const next = new URLSearchParams(params.value)
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') next.delete(name)
    else next.set(name, String(value))
  }
  // URLSearchParams writes `mask=` for a bare name.
  const text = next.toString().replace(/\bmask=(?=&|$)/, 'mask')
  return text === '' ? location.pathname : `?${text}`
}

/** Another page, or another order: one can go back from it. */
export function goTo(changes: Changes): void {
  history.pushState(null, '', linkTo(changes))
  params.value = new URLSearchParams(location.search)
}

/** The same place, looked at otherwise: going back does not stop at each of these. */
export function turnTo(changes: Changes): void {
  history.replaceState(null, '', linkTo(changes))
  params.value = new URLSearchParams(location.search)
}

/** For links within the page: follows them without loading it again. */
export function follow(changes: Changes) {
  return {
    href: linkTo(changes),
    onClick(event: MouseEvent) {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
      event.preventDefault()
      goTo(changes)
    },
  }
}

const elsewhere = {
  status: null,
  state: null,
  customer: null,
  id: null,
  type: null,
  of: null,
  step: null,
}

/** What leads to a page, from wherever. */
export const pageLink = (name: Page): Changes => ({
  ...elsewhere,
  order: null,
  event: null,
  page: name === 'orders' ? null : name,
})

/** What leads to an order, as it is or as it was. */
export const orderLink = (orderId: string, eventId: number | null = null): Changes => ({
  ...(page.value === 'orders' ? {} : elsewhere),
  page: null,
  order: orderId,
  event: eventId,
})
