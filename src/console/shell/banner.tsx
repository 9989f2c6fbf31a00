/** What everyone on the page must know: the server is away, starting, stopping, or its disk is full. */
import { health } from '../server/health.ts'
import { connection, needsToken, reconnect } from '../server/session.ts'
import { count } from '../words.ts'
import { isStorageFull } from './storage.ts'

export function Banner() {
  const { state, lost, error } = connection.value
  if (state === 'closed' && !needsToken.value) {
    return (
      <div class="banner bad" role="alert">
        <span>{error?.message ?? 'The connection was closed.'}</span>
        <button type="button" onClick={reconnect}>
          Connect again
        </button>
      </div>
    )
  }
  if (state === 'connecting' && lost) return <Away />
  if (isStorageFull.value) {
    return (
      <div class="banner bad" role="alert">
        The server’s disk is full: it takes no commands until there is room. What was recorded is
        shown as before.
      </div>
    )
  }
  return null
}

function Away() {
  const now = health.value
  if (now?.status === 'replaying') {
    const { done, total } = now
    const part = total === 0 ? '' : `, ${Math.floor((100 * done) / total)} %`
    return (
      <div class="banner" role="status">
        The server is starting, and reads its log: {count(done)} of {count(total)} events{part}.
        <progress max={total} value={done} aria-label="Events read" />
      </div>
    )
  }
  const words =
    now?.status === 'stopping'
      ? 'The server is stopping. The page comes back when it is there again.'
      : 'The server is away. What is shown is how it was; the page comes back by itself.'
  return (
    <div class="banner bad" role="alert">
      {words}
    </div>
  )
}
