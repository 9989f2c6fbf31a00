/** What can be done with the order at a moment, and, of all else, why not: the machine itself says. */
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { CommandForm } from '../forms/command-form.tsx'
import { filledFor } from '../forms/filled.ts'
import { type Method, methods, methodsError } from '../server/methods.ts'
import { attempt } from '../server/trial.ts'
import { Notice } from '../shell/notice.tsx'
import { errorWords } from '../words.ts'
import type { Moment } from './story.ts'

interface CommandsProps {
  readonly moment: Moment
  readonly isNow: boolean
}

export function Commands({ moment, isNow }: CommandsProps) {
  const chosen = useSignal<string | null>(null)
  const known = methods.value
  if (!known) return methodsError.value ? <Notice kind="bad">{methodsError.value}</Notice> : null
  const others = known.commands.filter(({ creates }) => !creates)
  const { can } = moment.view
  return (
    <section class="commands" aria-label="Commands">
      <h3>{isNow ? 'Possible now' : 'Possible then'}</h3>
      <ul class="command-list">
        {others.map((method) => (
          <li key={method.name} class={can.includes(method.name) ? 'can' : 'cannot'}>
            <button
              type="button"
              aria-expanded={chosen.value === method.name}
              onClick={() => {
                chosen.value = chosen.value === method.name ? null : method.name
              }}
            >
              <span class="mono">{method.name}</span>
            </button>
            <span class="why">
              {can.includes(method.name) ? (
                method.title
              ) : (
                <WhyNot method={method} moment={moment} isNow={isNow} />
              )}
            </span>
            {chosen.value === method.name && (
              <CommandForm method={method} moment={moment} isNow={isNow} />
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

/** Tries the command with its example, under ids that are new: as none of its kind is possible, it is refused for that. */
function WhyNot({ method, moment, isNow }: CommandsProps & { readonly method: Method }) {
  const { view } = moment
  const { orderId, eventId } = view
  const why = useSignal('')
  useEffect(() => {
    let isAsked = true
    const params = { ...method.example, ...filledFor(method, view) }
    attempt(method.name, params, isNow ? null : eventId).then(
      (trial) => {
        if (!isAsked) return
        if (!('message' in trial)) why.value = ''
        else why.value = whyOf(trial.message, method.name, trial.guard)
      },
      (error) => {
        if (isAsked) why.value = errorWords(error)
      },
    )
    return () => {
      isAsked = false
    }
    // The view is that of its event.
  }, [method, orderId, eventId, isNow, why])
  return <>{why.value}</>
}

/** The reason alone: what is possible instead is in sight already. */
function whyOf(message: string, method: string, guard: string | undefined): string {
  const [, reason = message] =
    /^(?:\S+ was refused: )?(.*?)\.(?: Possible now:.*| Nothing is possible any more\.)?$/.exec(
      message,
    ) ?? []
  const named = guard && !reason.includes(guard) ? ` (${guard} says no)` : ''
  return `Not ${method.split('.').at(-1)}: ${reason}${named}`
}
