import { follow, type Page, page, pageLink } from '../route.ts'
import { hasToken, useToken } from '../server/session.ts'
import { Connection } from './connection.tsx'
import { type Theme, theme } from './theme.ts'

const tabs: readonly (readonly [Page, string])[] = [
  ['orders', 'Orders'],
  ['log', 'Log'],
  ['pulse', 'Pulse'],
  ['compare', 'Compare'],
  ['new', 'New order'],
]

export function Header() {
  return (
    <header class="top">
      <a class="brand" {...follow(pageLink('orders'))}>
        <img src="./icon.svg" width="20" height="20" alt="" />
        Ordinal
      </a>
      <nav aria-label="Pages">
        {tabs.map(([name, title]) => (
          <a
            key={name}
            {...follow(pageLink(name))}
            aria-current={page.value === name ? 'page' : undefined}
          >
            {title}
          </a>
        ))}
      </nav>
      <Connection />
      <label class="theme">
        <span class="sr">Colours</span>
        <select
          value={theme.value}
          onChange={(event) => {
            theme.value = event.currentTarget.value as Theme
          }}
        >
          <option value="system">System</option>
          <option value="light">Light</option>
          <option value="dark">Dark</option>
        </select>
      </label>
      {hasToken() && (
        <button type="button" class="quiet" onClick={() => useToken(undefined)}>
          Forget token
        </button>
      )}
    </header>
  )
}
