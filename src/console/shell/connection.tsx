/** Where the connection stands, in a word. */
import { connection, greeting } from '../server/session.ts'

const words = {
  connecting: 'Connecting',
  'catching up': 'Catching up',
  live: 'Live',
  closed: 'Not connected',
} as const

export function Connection() {
  const { state, lost } = connection.value
  const word = state === 'connecting' && lost ? 'Lost, trying again' : words[state]
  const hello = greeting.value
  const rights = hello ? rightsOf(hello.roles, hello.customerId) : ''
  return (
    <span class={`connection ${state.replace(' ', '-')}`} role="status" title={rights}>
      <span class="dot" aria-hidden="true" />
      {word}
    </span>
  )
}

function rightsOf(roles: readonly string[], customerId: string | null): string {
  const may = roles.length === 0 ? 'nothing' : roles.join(', ')
  return `May: ${may}${customerId === null ? '' : `, for the orders of ${customerId} only`}`
}
