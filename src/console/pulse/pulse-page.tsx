/** How the engine does: two minutes of it, a reading a second. */
import { lacking } from '../server/session.ts'
import { Notice } from '../shell/notice.tsx'
import { count } from '../words.ts'
import { Plot } from './plot.tsx'
import { newest, pulseError, type Sample, samples } from './pulse.ts'

const whole = (value: number) => count(Math.round(value))
const ms = (value: number) => (value < 10 ? value.toFixed(2) : value.toFixed(0))
const tenths = (value: number) => (value < 10 ? value.toFixed(1) : whole(value))

export function PulsePage() {
  const refused = lacking('admin', 'see how the server does')
  if (refused) return <Notice>{refused}</Notice>
  const all = samples.value
  const of = (key: keyof Sample) => all.map((sample) => sample[key])
  const one = (key: keyof Sample) => [{ name: '', values: of(key) }]
  const reading = newest.value
  return (
    <div class="page">
      {pulseError.value && <Notice kind="bad">{pulseError.value}</Notice>}
      <h1 class="sr">Pulse</h1>
      <dl class="tally">
        <Tally name="Orders" value={reading?.orders} />
        <Tally name="Newest event" value={reading?.eventId} />
        <Tally name="Sockets" value={reading?.sockets} />
        <Tally name="Live actors" value={reading?.liveActors} />
      </dl>
      <div class="plots">
        <Plot
          title="Commands"
          unit="a second"
          format={tenths}
          lines={[
            { name: 'taken', values: of('receipts') },
            { name: 'refused', values: of('refused') },
          ]}
        />
        <Plot
          title="Until the receipt"
          unit="ms"
          format={ms}
          lines={[
            { name: 'p50', values: of('receiptP50') },
            { name: 'p99', values: of('receiptP99') },
          ]}
        />
        <Plot title="Events in a commit" unit="" format={tenths} lines={one('commitEvents')} />
        <Plot title="Inbox" unit="commands" format={whole} lines={one('inbox')} />
        <Plot title="Watchers" unit="subscriptions" format={whole} lines={one('subscriptions')} />
        <Plot title="Event loop late, p99" unit="ms" format={ms} lines={one('delayP99')} />
      </div>
      <p class="hint">
        Two minutes, a reading a second. Receipts are timed over sockets, from the call to the
        answer; the percentiles are exact to a quarter.
      </p>
    </div>
  )
}

function Tally({ name, value }: { readonly name: string; readonly value: number | undefined }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="number">{value === undefined ? '–' : count(value)}</dd>
    </div>
  )
}
