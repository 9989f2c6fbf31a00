/** Places an order: the command of the domain that starts one. */
import { useMemo } from 'preact/hooks'
import { shortId } from '../platform.ts'
import { type Method, methods, methodsError } from '../server/methods.ts'
import { greeting, lacking } from '../server/session.ts'
import { Notice } from '../shell/notice.tsx'
import { Fields } from './fields.tsx'
import { OutcomeWords } from './outcome.tsx'
import { Submission } from './submission.ts'

export function NewOrderPage() {
  const creating = methods.value?.commands.filter(({ creates }) => creates) ?? []
  const refused = lacking('write', 'place orders')
  return (
    <div class="page narrow">
      <h1>New order</h1>
      {refused && <Notice>{refused}</Notice>}
      {methodsError.value && <Notice kind="bad">{methodsError.value}</Notice>}
      {creating.map((method) => (
        <NewOrder key={method.name} method={method} maySend={refused === undefined} />
      ))}
    </div>
  )
}

function NewOrder({ method, maySend }: { readonly method: Method; readonly maySend: boolean }) {
  const customerId = greeting.value?.customerId ?? null
  const submission = useMemo(() => {
    return new Submission(method, { ...method.example, ...ownIds(customerId) })
  }, [method, customerId])
  const outcome = submission.outcome.value
  const isBusy = submission.isBusy.value
  const submit = (event: Event) => {
    event.preventDefault()
    if (maySend) void submission.send()
  }
  return (
    <form class="panel command" onSubmit={submit} noValidate aria-label={method.name}>
      <p class="hint">
        {method.title} It is filled in with an example. Amounts are whole numbers in the currency’s
        minor unit.
      </p>
      <Fields
        schema={method.params}
        draft={submission.draft.value}
        faults={submission.faults.value}
        example={method.example}
        onChange={(path, value) => submission.change(path, value)}
      />
      <div class="actions">
        {maySend && (
          <button type="submit" class="primary" disabled={isBusy}>
            Place it
          </button>
        )}
        <button type="button" disabled={isBusy} onClick={() => void submission.tryOut(null)}>
          Try, record nothing
        </button>
      </div>
      {outcome && <OutcomeWords outcome={outcome} />}
    </form>
  )
}

/** A new id; where the token is bound to a customer, one of that customer's. */
function ownIds(customerId: string | null): Record<string, string> {
  const orderId = `order-${shortId()}`
  return customerId === null ? { orderId } : { orderId: `${customerId}:${orderId}`, customerId }
}
