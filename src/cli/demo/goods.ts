/** Who buys in the demo, and what. Prices are in the minor unit of a currency with two digits. */

export interface Customer {
  readonly id: string
  readonly currency: string
}

export const customers: readonly Customer[] = [
  ...['alice', 'bob', 'dmitri', 'grace', 'ivan', 'mallory', 'olivia', 'peggy'].map((id) => ({
    id,
    currency: 'USD',
  })),
  ...['chiara', 'erik', 'heidi', 'luca', 'nina', 'sofia'].map((id) => ({ id, currency: 'EUR' })),
  ...['frank', 'judy', 'walter'].map((id) => ({ id, currency: 'GBP' })),
  ...['kenji', 'yuki'].map((id) => ({ id, currency: 'JPY' })),
]

export const goods: readonly { readonly sku: string; readonly unitPrice: number }[] = [
  { sku: 'widget', unitPrice: 1000 },
  { sku: 'gadget', unitPrice: 2450 },
  { sku: 'teapot', unitPrice: 3200 },
  { sku: 'mug', unitPrice: 890 },
  { sku: 'notebook', unitPrice: 640 },
  { sku: 'pencils (dozen)', unitPrice: 480 },
  { sku: 'desk lamp', unitPrice: 5990 },
  { sku: 'backpack', unitPrice: 7400 },
  { sku: 'umbrella', unitPrice: 2100 },
  { sku: 'bicycle bell', unitPrice: 1250 },
  { sku: 'board game', unitPrice: 3999 },
  { sku: 'coffee beans 1 kg', unitPrice: 1840 },
]

export const reasons: readonly string[] = [
  'changed my mind',
  'found it cheaper elsewhere',
  'ordered twice by mistake',
  'takes too long',
]
