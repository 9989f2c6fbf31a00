/** One command on an open order: tried on it as it is or was, or really sent. */
import { useSignal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import type { Moment } from '../order/story.ts'
import { turnTo } from '../route.ts'
import type { Method } from '../server/methods.ts'
import { lacking } from '../server/session.ts'
import { Fields } from './fields.tsx'
import { filledFor } from './filled.ts'
import { OutcomeWords } from './outcome.tsx'
import { Submission } from './submission.ts'

interface CommandFormProps {
  readonly method: Method
  readonly moment: Moment
  readonly isNow: boolean
}

export function CommandForm({ method, moment, isNow }: CommandFormProps) {
  const { view } = moment
  // What is typed stays while the order moves on under it.
  const submission = useMemo(() => new Submission(method, filledFor(method, view)), [method])
  const isStrict = useSignal(false)
  const outcome = submission.outcome.value
  const isBusy = submission.isBusy.value
  const refused = lacking('write', 'send commands')
  const submit = (event: Event) => {
    event.preventDefault()
    if (!isNow || refused) void submission.tryOut(isNow ? null : view.eventId)
    else void submission.send(isStrict.value ? { expectedVersion: view.version } : {})
  }
  return (
    <form class="command" onSubmit={submit} noValidate aria-label={method.name}>
      <Fields
        schema={method.params}
        draft={submission.draft.value}
        hidden={['orderId']}
        faults={submission.faults.value}
        example={method.example}
        onChange={(path, value) => submission.change(path, value)}
      />
      {isNow && !refused && (
        <label class="check">
          <input
            type="checkbox"
            checked={isStrict.value}
            onChange={({ currentTarget }) => {
              isStrict.value = currentTarget.checked
            }}
          />
          Only if it still is version {view.version}
        </label>
      )}
      <div class="actions">
        {isNow && !refused && (
          <button type="submit" class="primary" disabled={isBusy}>
            Send
          </button>
        )}
        <button
          type="button"
          disabled={isBusy}
          onClick={() => void submission.tryOut(isNow ? null : view.eventId)}
        >
          {isNow ? 'Try, record nothing' : `Try on the order as it was at event ${view.eventId}`}
        </button>
        {!isNow && (
          <button type="button" class="quiet" onClick={() => turnTo({ event: null })}>
            To send, go back to now
          </button>
        )}
      </div>
      {refused && <p class="hint">{refused}</p>}
      {outcome && <OutcomeWords outcome={outcome} before={view} />}
    </form>
  )
}
