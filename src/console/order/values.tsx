/** Values of whatever form, as people read them: money with its point, lists of records as tables. */
import { shownValue } from '../mask.ts'
import { money } from '../money.ts'
import { fullTime, plainWords, timeWords } from '../words.ts'

/** Names of fields that are amounts, where there is a currency. */
const amounts = /^(?:total|paid|refunded|balance)$|(?:price|amount)$/i
const times = new Set(['createdAt', 'updatedAt', 'recordedAt'])

interface ValueProps {
  readonly name: string
  readonly value: unknown
  readonly currency?: string | undefined
}

export function Value({ name, value, currency }: ValueProps) {
  if (value === null || value === undefined) return <span class="faint">none</span>
  if (Array.isArray(value) && value.every(isRecord)) {
    return <Records records={value} currency={currency} />
  }
  if (typeof value === 'number') {
    if (times.has(name)) {
      return (
        <span class="number" title={fullTime(value)}>
          {timeWords(value)}
        </span>
      )
    }
    if (currency !== undefined && amounts.test(name)) {
      return (
        <span class="number">
          {money(value, currency)} <span class="unit">{currency}</span>
        </span>
      )
    }
    return <span class="number">{value}</span>
  }
  if (typeof value === 'string') {
    const isWord = name === 'status'
    return (
      <bdi class={isWord ? undefined : 'mono'}>
        {isWord ? plainWords(value) : shownValue(value, name)}
      </bdi>
    )
  }
  return <code class="json">{JSON.stringify(shownValue(value, name))}</code>
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function Records({
  records,
  currency,
}: {
  readonly records: readonly Readonly<Record<string, unknown>>[]
  readonly currency: string | undefined
}) {
  if (records.length === 0) return <span class="faint">none</span>
  const keys = [...new Set(records.flatMap((record) => Object.keys(record)))]
  return (
    <table class="records">
      <thead>
        <tr>
          {keys.map((key) => (
            <th key={key} scope="col">
              {plainWords(key)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {records.map((record, index) => (
          <tr key={index}>
            {keys.map((key) => (
              <td key={key} class={typeof record[key] === 'number' ? 'numeric' : undefined}>
                <bdi>{cellText(record[key], key, currency)}</bdi>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function cellText(value: unknown, key: string, currency: string | undefined): string {
  const isAmount = typeof value === 'number' && currency !== undefined && amounts.test(key)
  return isAmount ? money(value, currency) : String(shownValue(value, key) ?? '')
}

/** The data of an event in one line. */
export function dataLine(data: object): string {
  return Object.entries(shownValue(data))
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('  ')
}
