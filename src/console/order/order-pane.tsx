/** One order beside the list: where it stands, how it got there, and what could come next. */
import { effect, useSignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import type { WireEvent } from '../../client/index.ts'
import { OrderChart } from '../chart/order-chart.tsx'
import { shownId } from '../mask.ts'
import { follow, openEvent, turnTo } from '../route.ts'
import { client, lacking } from '../server/session.ts'
import { Notice } from '../shell/notice.tsx'
import { Status } from '../shell/status.tsx'
import { Commands } from './commands.tsx'
import { Events } from './events.tsx'
import { Scrubber } from './scrubber.tsx'
import { Story } from './story.ts'
import { ViewFields } from './view-fields.tsx'

export function OrderPane({ orderId }: { readonly orderId: string }) {
  return (
    <section class="panel order" aria-label={`Order ${shownId(orderId)}`}>
      <div class="order-head">
        <h2>
          <bdi class="mono">{shownId(orderId)}</bdi>
        </h2>
        <a class="button quiet" {...follow({ order: null, event: null })}>
          Close
        </a>
      </div>
      <Order orderId={orderId} />
    </section>
  )
}

function Order({ orderId }: { readonly orderId: string }) {
  const engine = client.value
  const story = useMemo(() => new Story(engine, orderId), [engine, orderId])
  useEffect(() => () => story.close(), [story])
  // A moment is the order as it is, or as it was: it moves with the events, and with the address.
  useEffect(() => {
    return effect(() => {
      void story.now.value
      void story.show(story.placeOf(openEvent.value))
    })
  }, [story])
  const reach = useSignal<ReadonlySet<string>>(new Set())
  const events = story.events.value
  const moment = story.moment.value
  const path = story.path.byEvent.value
  const place = story.placeOf(openEvent.value)
  const shown = moment ? story.placeOf(moment.event.eventId) : -1
  const steps = useMemo(() => stepsOf(events, shown, path), [events, shown, path])
  const refused = lacking('read', 'see orders')
  if (refused) return <Notice>{refused}</Notice>
  if (story.isMissing.value) {
    return <Notice>There is no order of that id, or it is not for this token to see.</Notice>
  }
  const isNow = openEvent.value === null
  const move = (to: number) => {
    const event = events[Math.min(Math.max(to, 0), events.length - 1)]
    turnTo({ event: !event || to >= events.length - 1 ? null : event.eventId })
  }
  return (
    <div class="order-body">
      {story.error.value && <Notice kind="bad">{story.error.value}</Notice>}
      {place < 0 && events.length > 0 && (
        <Notice>
          The order was not placed yet at event {openEvent.value}.{' '}
          <button type="button" onClick={() => move(0)}>
            To its first event
          </button>
        </Notice>
      )}
      <Scrubber events={events} place={place} isNow={isNow} onMove={move} />
      {moment && place >= 0 && (
        <div class="moment">
          <div class="standing">
            <Status status={moment.view.status} />
            <span class="faint">version {moment.view.version}</span>
            {!isNow && <span class="tag">as it was just after event {moment.view.eventId}</span>}
          </div>
          <OrderChart
            state={moment.view.state}
            before={moment.before?.state}
            steps={steps}
            next={reach.value}
          />
          {story.path.isTooLong.value && (
            <p class="hint">It has more events than the server tells the way of.</p>
          )}
          <ViewFields view={moment.view} before={moment.before} />
          <Commands moment={moment} isNow={isNow} reach={reach} />
        </div>
      )}
      <h3>Events</h3>
      <Events events={events} place={place} onMove={move} />
    </div>
  )
}

/** The edges that the events took, up to a place; undefined until they are known. */
function stepsOf(
  events: readonly WireEvent[],
  place: number,
  byEvent: ReadonlyMap<number, readonly string[]>,
): readonly (readonly string[])[] | undefined {
  if (byEvent.size === 0) return undefined
  return events.slice(0, place + 1).map(({ eventId }) => byEvent.get(eventId) ?? [])
}
