/** Amounts are integers in the minor unit of a currency; ISO 4217 says how many digits that has. */

const digitsOtherThanTwo: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
}

const digitsByCurrency = new Map(
  Object.entries(digitsOtherThanTwo).flatMap(([digits, codes]) =>
    codes.split(' ').map((code) => [code, Number(digits)] as const),
  ),
)

export const minorDigits = (currency: string): number => digitsByCurrency.get(currency) ?? 2

/** 123456 in USD as `1,234.56`. Exact, however large. */
export function money(amount: number, currency: string): string {
  const digits = minorDigits(currency)
  const text = String(Math.abs(amount)).padStart(digits + 1, '0')
  const whole = text.slice(0, text.length - digits).replace(/\B(?=(\d{3})+$)/g, ',')
  const sign = amount < 0 ? '−' : ''
  return digits === 0 ? sign + whole : `${sign}${whole}.${text.slice(-digits)}`
}
