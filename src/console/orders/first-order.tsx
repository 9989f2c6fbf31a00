/** What there is to see where there is no order yet: how to place one. */
import { gatewayUrl } from '../platform.ts'
import { follow, pageLink } from '../route.ts'
import { methods } from '../server/methods.ts'
import { lacking } from '../server/session.ts'

export function FirstOrder() {
  const creating = methods.value?.commands.find(({ creates }) => creates)
  const command = creating
    ? `npx ordinal call ${creating.name} '${JSON.stringify(creating.example)}' --url ${gatewayUrl()}`
    : undefined
  const refused = lacking('write', 'place one')
  return (
    <div class="first">
      <h2>No orders yet</h2>
      <p>
        Every order that is placed appears here at once, and each of its changes with it. The log of
        this server is empty, or this token sees none of its orders.
      </p>
      {refused ? (
        <p>{refused}</p>
      ) : (
        <p>
          <a class="button primary" {...follow(pageLink('new'))}>
            Place a first order
          </a>
        </p>
      )}
      {command && (
        <>
          <p>Or from a terminal:</p>
          <pre class="code">{command}</pre>
        </>
      )}
      <p class="hint">
        <code>npx ordinal serve --demo</code> is a server with made-up orders to look at.
      </p>
    </div>
  )
}
