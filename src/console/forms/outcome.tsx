/** What came of a command, in words: recorded, refused and why, or what it would have led to. */
import { ActiveStates } from '../chart/active-states.tsx'
import { dataLine } from '../order/values.tsx'
import { ViewFields } from '../order/view-fields.tsx'
import { follow, orderLink } from '../route.ts'
import type { AnyView } from '../server/session.ts'
import type { Refusal } from '../server/trial.ts'
import { Notice } from '../shell/notice.tsx'
import { plainWords } from '../words.ts'
import type { Outcome } from './submission.ts'

export function OutcomeWords({
  outcome,
  before,
}: {
  readonly outcome: Outcome
  readonly before?: AnyView | undefined
}) {
  switch (outcome.kind) {
    case 'recorded': {
      const { orderId, eventId, version } = outcome.receipt
      return (
        <Notice kind="good">
          Recorded as event <strong class="number">{eventId}</strong>, version {version} of{' '}
          <a {...follow(orderLink(orderId))}>
            <bdi class="mono">{orderId}</bdi>
          </a>
          .
        </Notice>
      )
    }
    case 'would':
      return (
        <div class="would" role="status">
          <p>
            It would be recorded as <strong>{outcome.event.type}</strong>, version{' '}
            {outcome.event.version}, and leave the order {plainWords(outcome.view.status)}. Nothing
            was recorded.
          </p>
          <p class="mono line">
            <bdi>{dataLine(outcome.event.data)}</bdi>
          </p>
          <ActiveStates state={outcome.view.state} before={before?.state} />
          <ViewFields view={outcome.view} before={before} onlyChanged={before !== undefined} />
        </div>
      )
    case 'refused':
      return <RefusalWords refusal={outcome.refusal} isTrial={outcome.isTrial} />
    case 'failed':
      return <Notice kind="bad">{outcome.message}</Notice>
  }
}

function RefusalWords({
  refusal,
  isTrial,
}: {
  readonly refusal: Refusal
  readonly isTrial: boolean
}) {
  const { code, message, guard, faults } = refusal
  const isForm = faults.size > 0
  return (
    <Notice kind="bad">
      <strong>{isTrial ? 'It would be refused' : 'Refused'}.</strong>{' '}
      {isForm ? 'Something in the form is not right: see below the fields.' : message}
      {isForm && !hasFields(faults) && ` ${[...faults.values()].join('; ')}.`}
      <span class="codes">
        <code>{code}</code>
        {guard && (
          <>
            {' '}
            the guard <code>{guard}</code> said no
          </>
        )}
      </span>
    </Notice>
  )
}

const hasFields = (faults: ReadonlyMap<string, string>) => [...faults.keys()].some((path) => path)
