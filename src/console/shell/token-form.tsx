/** Asks for a token, which is kept for this tab alone, and sent in `session.hello`. */
import { useSignal } from '@preact/signals'
import { hasToken, useToken } from '../server/session.ts'
import { Notice } from './notice.tsx'

export function TokenForm() {
  const token = useSignal('')
  const submit = (event: Event) => {
    event.preventDefault()
    const given = token.value.trim()
    if (given !== '') useToken(given)
  }
  return (
    <main class="gate">
      <form class="panel" onSubmit={submit}>
        <h1>This server asks for a token</h1>
        {hasToken() && (
          <Notice kind="bad">The token is not known here, or has come to its end.</Notice>
        )}
        <label class="field">
          <span>Token</span>
          <input
            type="password"
            class="mono"
            autocomplete="off"
            value={token.value}
            onInput={(event) => {
              token.value = event.currentTarget.value
            }}
          />
        </label>
        <p class="hint">
          It is kept for this tab until it is closed, and goes to this server only.
        </p>
        <button type="submit" class="primary">
          Come in
        </button>
      </form>
    </main>
  )
}
