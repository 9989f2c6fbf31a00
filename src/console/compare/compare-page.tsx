/** Bob's order, kept in two ways side by side: what each stores at every step, and what it can say at the end. */
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { dataLine, Value } from '../order/values.tsx'
import { storyStep, turnTo } from '../route.ts'
import { Notice } from '../shell/notice.tsx'
import { counted, plainWords, timeWords } from '../words.ts'
import {
  type Answer,
  type Chapter,
  type Comparison,
  comparison,
  comparisonError,
  loadComparison,
  type Scene,
  type Step,
  scenesOf,
} from './comparison.ts'

export function ComparePage() {
  useEffect(() => void loadComparison(), [])
  const told = comparison.value
  if (comparisonError.value) return <Notice>{comparisonError.value}</Notice>
  if (!told) return <p class="empty">Both systems are run…</p>
  return <Told told={told} />
}

function Told({ told }: { readonly told: Comparison }) {
  const scenes = scenesOf(told)
  const last = scenes.length
  const at = Math.min(storyStep.value - 1, last)
  const scene = scenes[at]
  const move = (to: number) => turnTo({ step: to + 1 })
  return (
    <div class="page compare">
      <header class="compare-head">
        <h1>One order, kept in two ways</h1>
        <div class="stepper">
          <button type="button" disabled={at === 0} onClick={() => move(at - 1)}>
            ‹ Back
          </button>
          <input
            type="range"
            aria-label="Step"
            aria-valuetext={scene ? `Step ${at + 1}: ${scene.title}` : 'What each can answer'}
            min={0}
            max={last}
            value={at}
            onInput={({ currentTarget }) => move(Number(currentTarget.value))}
          />
          <button type="button" class="primary" disabled={at === last} onClick={() => move(at + 1)}>
            {at >= last - 1 ? 'The answers ›' : 'Next ›'}
          </button>
        </div>
        <p class="faint">
          {scene ? `Step ${at + 1} of ${last}: ${scene.title}` : 'At the end: what each can answer'}
        </p>
      </header>
      {scene ? <SceneView scene={scene} /> : <Answers told={told} />}
      <p class="hint">Both systems have really run on this server, in folders of their own.</p>
    </div>
  )
}

function SceneView({ scene }: { readonly scene: Scene }) {
  const { ordinary, eventSourced, stored, before, isNew } = scene
  return (
    <div class="sides" aria-live="polite">
      <Side title="An ordinary system" step={ordinary}>
        {stored ? <Row stored={stored} before={before} isNew={isNew} /> : <Nothing />}
      </Side>
      <Side title="Event-sourced" step={eventSourced}>
        {stored ? <Events stored={stored} isNew={isNew} /> : <Nothing />}
      </Side>
    </div>
  )
}

interface SideProps {
  readonly title: string
  readonly step: Step
  readonly children: ComponentChildren
}

function Side({ title, step, children }: SideProps) {
  return (
    <section class="panel side" aria-label={title}>
      <h2>{title}</h2>
      <p>{step.text}</p>
      {step.details.length > 0 && (
        <ul class="details">
          {step.details.map((line) => (
            <li key={line} class="mono">
              {line}
            </li>
          ))}
        </ul>
      )}
      <h3>What is stored</h3>
      {children}
    </section>
  )
}

const Nothing = () => <p class="faint">Nothing yet.</p>

interface StoredProps {
  readonly stored: Chapter
  readonly isNew: boolean
}

/** The one row. What was in a column before is nowhere any more. */
function Row({ stored, before, isNew }: StoredProps & { readonly before: Chapter | undefined }) {
  const { row, overwritten } = stored.ordinary
  const currency = typeof row['currency'] === 'string' ? row['currency'] : undefined
  const isChanged = (name: string) => isNew && before !== undefined && overwritten.includes(name)
  return (
    <table class="stored">
      <tbody>
        {Object.entries(row).map(([name, value]) => (
          <tr key={name} class={isChanged(name) ? 'overwritten' : undefined}>
            <th scope="row">{plainWords(name)}</th>
            <td>
              <Value name={name} value={value} currency={currency} />
              {isChanged(name) && <span class="tag">overwritten</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** All events; the order as it is follows from them. */
function Events({ stored, isNew }: StoredProps) {
  const { events, added, view } = stored.eventSourced
  const currency = typeof view['currency'] === 'string' ? view['currency'] : undefined
  const shown = ['status', 'total', 'paid', 'balance'].filter((name) => name in view)
  return (
    <>
      <ol class="stored events">
        {events.map(({ eventId, type, recordedAt, data }) => {
          const isAdded = isNew && added.includes(eventId)
          return (
            <li key={eventId} class={isAdded ? 'added' : undefined}>
              <strong class="number">{eventId}</strong> {type}{' '}
              <span class="faint">{timeWords(recordedAt)}</span>
              {isAdded && <span class="tag good">added</span>}
              <p class="mono line">{dataLine(data)}</p>
            </li>
          )
        })}
      </ol>
      <h3>What follows from it</h3>
      <dl class="fields">
        {shown.map((name) => (
          <div key={name}>
            <dt>{plainWords(name)}</dt>
            <dd>
              <Value name={name} value={view[name]} currency={currency} />
            </dd>
          </div>
        ))}
      </dl>
    </>
  )
}

function Answers({ told: { questions, rebuilt } }: { readonly told: Comparison }) {
  return (
    <section class="panel answers" aria-label="What each can answer">
      {questions.map(({ question, ordinary, eventSourced }) => (
        <div key={question} class="answer">
          <h2>{question}</h2>
          <div class="sides">
            <AnswerView title="An ordinary system" answer={ordinary} />
            <AnswerView title="Event-sourced" answer={eventSourced} />
          </div>
        </div>
      ))}
      <p>
        Thrown away and made again from {counted(rebuilt.events, 'event')}, the order is{' '}
        <strong>{rebuilt.equal ? 'the same, field by field' : 'another one'}</strong>.
      </p>
    </section>
  )
}

const signs = { yes: '✓', partly: '~', no: '✗' } as const

function AnswerView({ title, answer }: { readonly title: string; readonly answer: Answer }) {
  const { answered, text, eventIds } = answer
  return (
    <div class={`verdict ${answered}`}>
      <p>
        <span class="sign" aria-hidden="true">
          {signs[answered]}
        </span>{' '}
        <span class="faint">
          {title}: {answered}
        </span>
      </p>
      <p>{text}</p>
      {eventIds && (
        <p class="faint">
          from {eventIds.length === 1 ? 'event' : 'events'} {eventIds.join(', ')}
        </p>
      )}
    </div>
  )
}
