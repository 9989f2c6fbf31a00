/** One slider over the events of an order; all that is shown of it moves with it. */
import type { WireEvent } from '../../client/index.ts'
import { timeWords } from '../words.ts'

interface ScrubberProps {
  readonly events: readonly WireEvent[]
  readonly place: number
  /** True where it follows the newest event. */
  readonly isNow: boolean
  readonly onMove: (place: number) => void
}

export function Scrubber({ events, place, isNow, onMove }: ScrubberProps) {
  const last = events.length - 1
  const event = events[place]
  if (!event) return null
  const words = `${place + 1} of ${events.length}: event ${event.eventId}, ${event.type}`
  return (
    <div class="scrubber">
      <button
        type="button"
        aria-label="The event before"
        disabled={place <= 0}
        onClick={() => onMove(place - 1)}
      >
        ‹
      </button>
      <input
        type="range"
        aria-label="Event"
        aria-valuetext={words}
        min={0}
        max={Math.max(last, 0)}
        step={1}
        value={place}
        disabled={last <= 0}
        onInput={({ currentTarget }) => onMove(Number(currentTarget.value))}
      />
      <button
        type="button"
        aria-label="The event after"
        disabled={place >= last}
        onClick={() => onMove(place + 1)}
      >
        ›
      </button>
      <p class="scrubber-words">
        <strong class="number">{event.eventId}</strong> {event.type}
        <span class="faint">
          {' '}
          · {place + 1} of {events.length} · {timeWords(event.recordedAt)}
        </span>
      </p>
      <button type="button" class="now" aria-pressed={isNow} onClick={() => onMove(last)}>
        {isNow ? 'Following' : 'Back to now'}
      </button>
    </div>
  )
}
