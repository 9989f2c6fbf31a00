import { data } from 'currency-codes'

/**
 * Units of ISO 4217 that nobody is paid in: metals, bond units, units of account, the test code.
 * They begin with X, as do those of the currency unions, which are money.
 */
const moneyOfUnions = new Set(['XAF', 'XCD', 'XCG', 'XOF', 'XPF'])

/** ISO 4217 code to its number of minor digits: USD 2, JPY 0, KWD 3. */
export const minorDigits: ReadonlyMap<string, number> = new Map(
  data
    .filter(({ code }) => !code.startsWith('X') || moneyOfUnions.has(code))
    .map(({ code, digits }) => [code, digits]),
)

/** The codes of `minorDigits`, in alphabetical order. */
export const currencyCodes: readonly string[] = [...minorDigits.keys()].sort()

/** An amount in minor units for people: `(6000, 'USD')` gives `60.00 USD`. */
export function formatAmount(amount: number, currency: string): string {
  const digits = minorDigits.get(currency) ?? 0
  const sign = amount < 0 ? '-' : ''
  const text = String(Math.abs(amount)).padStart(digits + 1, '0')
  const cut = text.length - digits
  const fraction = digits > 0 ? `.${text.slice(cut)}` : ''
  return `${sign}${text.slice(0, cut)}${fraction} ${currency}`
}
