/** The log: the events of all orders as they are recorded, the newest first. */
import { useSignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import type { WireEvent } from '../../client/index.ts'
import { type Column, VirtualGrid } from '../grid/virtual-grid.tsx'
import { shownId } from '../mask.ts'
import { byAndTime, dataColumn } from '../order/event-columns.tsx'
import { filter, goTo, orderLink, turnTo } from '../route.ts'
import { methods } from '../server/methods.ts'
import { client, lacking } from '../server/session.ts'
import { Later } from '../shell/later.ts'
import { Notice } from '../shell/notice.tsx'
import { count, counted } from '../words.ts'
import { Tail } from './tail.ts'

const columns: readonly Column<WireEvent>[] = [
  {
    key: 'event',
    title: 'Event',
    isNumeric: true,
    sorted: 'descending',
    render: ({ eventId }) => eventId,
  },
  { key: 'type', title: 'Type', render: ({ type }) => type },
  {
    key: 'order',
    title: 'Order',
    render: ({ orderId }) => (
      <bdi class="mono" title={shownId(orderId)}>
        {shownId(orderId)}
      </bdi>
    ),
  },
  {
    key: 'version',
    title: 'Version',
    isNumeric: true,
    render: ({ version }) => version,
  },
  dataColumn,
  ...byAndTime,
]

export function LogPage() {
  const engine = client.value
  const type = filter.type.value
  const orderId = filter.orderId.value
  const tail = useMemo(() => new Tail(engine, { type, orderId }), [engine, type, orderId])
  useEffect(() => () => tail.close(), [tail])
  const isPaused = useSignal(false)
  useEffect(() => tail.pause(isPaused.peek()), [tail, isPaused])
  const refused = lacking('read', 'see events')
  if (refused) return <Notice>{refused}</Notice>
  const rows = tail.shown.value
  return (
    <section class="panel list" aria-label="Log">
      <h1 class="sr">Log</h1>
      <LogFilters />
      {tail.error.value && <Notice kind="bad">{tail.error.value}</Notice>}
      <VirtualGrid<WireEvent>
        label="Events, the newest first"
        name="log"
        columns={columns}
        rows={rows}
        keyOf={({ eventId }) => String(eventId)}
        rowHeight={28}
        total={-1}
        onOpen={(event) => goTo(orderLink(event.orderId, event.eventId))}
        onLook={({ isHeld }) => tail.hold(isHeld)}
      >
        {rows.length === 0 && <p class="empty">No event yet. What is recorded appears here.</p>}
      </VirtualGrid>
      <div class="foot">
        <button
          type="button"
          aria-pressed={isPaused.value}
          onClick={() => {
            isPaused.value = !isPaused.value
            tail.pause(isPaused.value)
          }}
        >
          {isPaused.value ? 'Go on' : 'Pause'}
        </button>
        <span>
          {tail.isFollowing.value
            ? `Following, ${counted(rows.length, 'event')} at hand`
            : `Standing still, ${count(tail.waiting.value)} newer`}
        </span>
      </div>
    </section>
  )
}

const typing = new Later(200)

function LogFilters() {
  const types = methods.value?.eventTypes ?? []
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()}>
      <label class="field">
        <span>Type</span>
        <select
          value={filter.type.value}
          onChange={({ currentTarget }) => turnTo({ type: currentTarget.value })}
        >
          <option value="">all</option>
          {types.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>Order id</span>
        <input
          type="search"
          class="mono"
          placeholder="all"
          value={filter.orderId.value}
          autocomplete="off"
          spellcheck={false}
          onInput={({ currentTarget: { value } }) => {
            typing.run(() => turnTo({ of: value.replace(/[^A-Za-z0-9_.:-]/g, '').slice(0, 64) }))
          }}
        />
      </label>
    </form>
  )
}
