/** What every table of events shows of each: its data, who did it, and when. */
import type { WireEvent } from '../../client/index.ts'
import type { Column } from '../grid/virtual-grid.tsx'
import { shownName } from '../mask.ts'
import { fullTime, timeWords } from '../words.ts'
import { dataLine } from './values.tsx'

export const dataColumn: Column<WireEvent> = {
  key: 'data',
  title: 'Data',
  render: ({ data }) => {
    const line = dataLine(data)
    return (
      <bdi class="mono" title={line}>
        {line}
      </bdi>
    )
  },
}

export const byAndTime: readonly Column<WireEvent>[] = [
  {
    key: 'by',
    title: 'By',
    render: ({ by }) => (by === null ? <span class="faint">–</span> : <bdi>{shownName(by)}</bdi>),
  },
  {
    key: 'time',
    title: 'Time',
    isNumeric: true,
    render: ({ recordedAt }) => <span title={fullTime(recordedAt)}>{timeWords(recordedAt)}</span>,
  },
]
