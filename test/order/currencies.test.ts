import { describe, expect, it } from 'vitest'
import { currencyCodes, formatAmount, minorDigits } from '../../src/order/currencies.ts'

describe('the currencies', () => {
  it('have the minor digits of ISO 4217', () => {
    const digits = { USD: 2, EUR: 2, JPY: 0, KRW: 0, KWD: 3, TND: 3, CLF: 4, ISK: 0, XOF: 0 }
    for (const [code, count] of Object.entries(digits)) expect(minorDigits.get(code)).toBe(count)
  })

  it('are codes of three letters, each once and in order', () => {
    for (const code of currencyCodes) expect(code).toMatch(/^[A-Z]{3}$/)
    expect(currencyCodes).toEqual([...new Set(currencyCodes)].sort())
    expect(currencyCodes.length).toBe(minorDigits.size)
    expect(currencyCodes.length).toBeGreaterThan(150)
  })

  it('do not have what nobody is paid in: metals, bonds, drawing rights, tests, nothing', () => {
    for (const code of ['XAU', 'XAG', 'XPD', 'XPT', 'XBA', 'XBB', 'XDR', 'XSU', 'XTS', 'XXX']) {
      expect(currencyCodes).not.toContain(code)
    }
  })

  it('have those of the currency unions, which begin with X too', () => {
    for (const code of ['XAF', 'XCD', 'XOF', 'XPF']) expect(currencyCodes).toContain(code)
  })
})

describe('formatAmount', () => {
  it.each([
    [6000, 'USD', '60.00 USD'],
    [5, 'USD', '0.05 USD'],
    [0, 'USD', '0.00 USD'],
    [-0, 'USD', '0.00 USD'],
    [-5, 'USD', '-0.05 USD'],
    [-123456, 'EUR', '-1234.56 EUR'],
    [6000, 'JPY', '6000 JPY'],
    [0, 'JPY', '0 JPY'],
    [6000, 'KWD', '6.000 KWD'],
    [1, 'CLF', '0.0001 CLF'],
    [Number.MAX_SAFE_INTEGER, 'USD', '90071992547409.91 USD'],
  ])('writes %d %s as %s', (amount, currency, text) => {
    expect(formatAmount(amount, currency)).toBe(text)
  })
})
