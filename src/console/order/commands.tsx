/** What can be done with the order at a moment, and what each guard says of that: the machine itself says. */
import { type Signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { CommandForm } from '../forms/command-form.tsx'
import { probeFor } from '../forms/filled.ts'
import { type Method, methods, methodsError } from '../server/methods.ts'
import { attempt, type Trial } from '../server/trial.ts'
import { Notice } from '../shell/notice.tsx'
import { errorWords } from '../words.ts'
import { Guards } from './guards.tsx'
import type { Moment } from './story.ts'

interface CommandsProps {
  readonly moment: Moment
  readonly isNow: boolean
  /** Is told the ids of the edges that the possible commands could take. */
  readonly reach: Signal<ReadonlySet<string>>
}

type Answers = ReadonlyMap<string, Trial | string>

export function Commands({ moment, isNow, reach }: CommandsProps) {
  const chosen = useSignal<string | null>(null)
  const known = methods.value
  const answers = useAnswers(known?.commands ?? none, moment, isNow, reach)
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
              {can.includes(method.name)
                ? method.title
                : whyWords(answers.get(method.name), method.name)}
              <GuardsOf answer={answers.get(method.name)} />
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

const none: readonly Method[] = []

/** Tries each command with its example, under ids that are new. */
function useAnswers(
  commands: readonly Method[],
  { view }: Moment,
  isNow: boolean,
  reach: Signal<ReadonlySet<string>>,
): Answers {
  const answers = useSignal<Answers>(new Map())
  const { orderId, eventId } = view
  useEffect(() => {
    let isAsked = true
    const ask = async ({ name }: Method, params: object) => {
      const answer = await attempt(name, params, isNow ? null : eventId).catch(errorWords)
      return [name, answer] as const
    }
    const others = commands.filter(({ creates }) => !creates)
    void Promise.all(others.map((method) => ask(method, probeFor(method, view)))).then((all) => {
      if (!isAsked) return
      answers.value = new Map(all)
      reach.value = new Set(all.flatMap(([name, answer]) => edgesOf(answer, name, view.can)))
    })
    return () => {
      isAsked = false
    }
    // The view is that of its event.
  }, [commands, orderId, eventId, isNow, answers, reach])
  return answers.value
}

/** Where only what the example asks for is not possible, another one may be: by the same edges. */
function edgesOf(answer: Trial | string, name: string, can: readonly string[]): readonly string[] {
  if (typeof answer === 'string' || !can.includes(name)) return []
  return 'edges' in answer ? answer.edges : (answer.guards ?? []).map(({ edge }) => edge)
}

function GuardsOf({ answer }: { readonly answer: Trial | string | undefined }) {
  if (answer === undefined || typeof answer === 'string') return null
  return <Guards guards={answer.guards ?? []} />
}

/** The reason alone: what is possible instead is in sight already. */
function whyWords(answer: Trial | string | undefined, method: string): string {
  if (answer === undefined || typeof answer === 'string') return answer ?? ''
  if (!('message' in answer)) return ''
  const { message, guard } = answer
  const [, reason = message] =
    /^(?:\S+ was refused: )?(.*?)\.(?: Possible now:.*| Nothing is possible any more\.)?$/.exec(
      message,
    ) ?? []
  const named = guard && !reason.includes(guard) ? ` (${guard} says no)` : ''
  return `Not ${method.split('.').at(-1)}: ${reason}${named}`
}
