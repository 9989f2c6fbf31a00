/** The only place of the page where time, storage and the address come in. */

export const now = (): number => Date.now()

/** Runs once after `ms`; returns what cancels it. */
export function after(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}

/** Runs every `ms` while the page is looked at; returns what ends it. */
export function every(ms: number, run: () => void): () => void {
  const timer = setInterval(() => {
    if (isLookedAt()) run()
  }, ms)
  return () => clearInterval(timer)
}

/** Whether somebody may see the page. */
export const isLookedAt = (): boolean => document.visibilityState === 'visible'

/** Whether the window is as a CSS media query says; `changed` hears when it no longer is, or is again. */
export function matchesMedia(query: string, changed: (matches: boolean) => void): boolean {
  const media = matchMedia(query)
  media.addEventListener('change', ({ matches }) => changed(matches))
  return media.matches
}

/** A short text that nobody has used yet, for ids that people read. */
export function shortId(): string {
  const drawn = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0
  return drawn.toString(36).padStart(6, '0').slice(-6)
}

/** What is kept in the browser: for this tab, or from visit to visit. Where nothing may be, nothing is. */
function kept(storage: () => Storage, key: string) {
  return {
    get(): string | undefined {
      try {
        return storage().getItem(key) ?? undefined
      } catch {
        return undefined
      }
    },
    set(value: string | undefined): void {
      try {
        if (value === undefined) storage().removeItem(key)
        else storage().setItem(key, value)
      } catch {
        // It is asked for again.
      }
    },
  }
}

export const keptToken = kept(() => sessionStorage, 'ordinal.token')
export const keptTheme = kept(() => localStorage, 'ordinal.theme')

/** Where the gateway is: beside the page. */
export function gatewayUrl(): string {
  const url = new URL('ws', location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  url.search = ''
  url.hash = ''
  return url.href
}
