/** The events of one order with their data, the newest first; choosing one moves the slider there. */
import type { WireEvent } from '../../client/index.ts'
import { type Column, VirtualGrid } from '../grid/virtual-grid.tsx'
import { byAndTime, dataColumn } from './event-columns.tsx'

const columns: readonly Column<WireEvent>[] = [
  {
    key: 'event',
    title: 'Event',
    isNumeric: true,
    render: ({ eventId }) => <span class="number">{eventId}</span>,
  },
  { key: 'type', title: 'Type', render: ({ type }) => type },
  dataColumn,
  ...byAndTime,
]

interface EventsProps {
  readonly events: readonly WireEvent[]
  readonly place: number
  readonly onMove: (place: number) => void
}

export function Events({ events, place, onMove }: EventsProps) {
  const newestFirst = [...events].reverse()
  const current = events[place]?.eventId
  return (
    <VirtualGrid<WireEvent>
      label="Events of this order, the newest first"
      name="story"
      columns={columns}
      rows={newestFirst}
      keyOf={({ eventId }) => String(eventId)}
      rowHeight={30}
      total={events.length}
      openKey={current === undefined ? null : String(current)}
      rowClass={({ eventId }) => (eventId > (current ?? 0) ? 'later' : '')}
      onOpen={(event) => onMove(events.indexOf(event))}
    />
  )
}
