/**
 * The rules of an order written down once more, as plainly as can be: no machine, no states but a
 * phase, sums that are added up. What the engine says is held against it.
 */
import type { RecordedEvent } from '../../../src/domain.ts'
import type { Line } from '../../../src/order/lines.ts'

export type Phase = 'open' | 'shipped' | 'completed' | 'cancelled'

type Data = Record<string, any>

/** The event that a command leads to where nothing speaks against it. */
export function eventOf(
  method: string,
  params: Data,
): { readonly type: string; readonly data: Data } {
  const { lines, paymentId, refundId, amount } = params
  switch (method) {
    case 'order.new': {
      const { customerId = null, currency } = params
      return { type: 'NewOrderEvent', data: { customerId, currency, lines } }
    }
    case 'order.modify':
      return { type: 'ModifyOrderEvent', data: { lines } }
    case 'order.pay':
      return { type: 'OrderPaymentEvent', data: { paymentId, amount } }
    case 'order.ship':
      return { type: 'OrderShippedEvent', data: { trackingId: params['trackingId'] ?? null } }
    case 'order.deliver':
      return { type: 'OrderDeliveredEvent', data: {} }
    case 'order.cancel':
      return { type: 'OrderCancelledEvent', data: { reason: params['reason'] ?? null } }
    case 'order.refund':
      return { type: 'OrderRefundedEvent', data: { refundId, amount } }
    default:
      throw new Error(`There is no ${method}.`)
  }
}

/** An order after some events. It does not change: `after` makes the next one. */
export class PlainOrder {
  readonly phase: Phase
  readonly customerId: string | null
  readonly currency: string
  readonly lines: readonly Line[]
  readonly payments: readonly (readonly [string, number])[]
  readonly refunds: readonly (readonly [string, number])[]

  constructor(made: Partial<PlainOrder>) {
    this.phase = made.phase ?? 'open'
    this.customerId = made.customerId ?? null
    this.currency = made.currency ?? ''
    this.lines = made.lines ?? []
    this.payments = made.payments ?? []
    this.refunds = made.refunds ?? []
  }

  get total(): number {
    return this.lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0)
  }

  get paid(): number {
    return sumOf(this.payments)
  }

  get refunded(): number {
    return sumOf(this.refunds)
  }

  get owed(): number {
    return this.total - this.paid + this.refunded
  }

  get hasEnded(): boolean {
    return this.phase === 'completed' || this.phase === 'cancelled'
  }

  get refundable(): number {
    return this.hasEnded ? this.paid - this.refunded : Math.max(0, -this.owed)
  }

  /** The reason for which it refuses an event; undefined where it takes it. */
  refuses(type: string, data: Data): string | undefined {
    switch (type) {
      case 'NewOrderEvent':
        return 'ORDER_EXISTS'
      case 'ModifyOrderEvent':
        return this.#refusesChange(data['lines'])
      case 'OrderPaymentEvent':
        if (this.hasEnded) return 'NOT_ALLOWED'
        if (this.payments.some(([id]) => id === data['paymentId'])) return 'PAYMENT_ID_REUSED'
        return data['amount'] > this.owed ? 'OVERPAYMENT' : undefined
      case 'OrderShippedEvent':
        return this.phase === 'open' && this.owed <= 0 ? undefined : 'NOT_ALLOWED'
      case 'OrderDeliveredEvent':
        return this.phase === 'shipped' ? undefined : 'NOT_ALLOWED'
      case 'OrderCancelledEvent':
        return this.phase === 'open' ? undefined : 'NOT_ALLOWED'
      case 'OrderRefundedEvent':
        if (this.refunds.some(([id]) => id === data['refundId'])) return 'REFUND_ID_REUSED'
        return data['amount'] > this.refundable ? 'REFUND_EXCEEDS_PAID' : undefined
      default:
        return 'UNKNOWN_EVENT'
    }
  }

  after(type: string, data: Data): PlainOrder {
    switch (type) {
      case 'ModifyOrderEvent':
        return new PlainOrder({ ...this.#own(), lines: this.#changed(data['lines']) })
      case 'OrderPaymentEvent': {
        const payments = [...this.payments, [data['paymentId'], data['amount']] as const]
        return new PlainOrder({ ...this.#own(), payments })
      }
      case 'OrderRefundedEvent': {
        const refunds = [...this.refunds, [data['refundId'], data['amount']] as const]
        return new PlainOrder({ ...this.#own(), refunds })
      }
      default:
        return new PlainOrder({ ...this.#own(), phase: phases[type] ?? this.phase })
    }
  }

  /** The order as clients see it, with the newest of its events and the time of its first. */
  view({ orderId, eventId, version, recordedAt }: RecordedEvent, createdAt: number): object {
    const { phase, customerId, currency, lines, total, paid, refunded, owed } = this
    const payment = owed <= 0 ? 'paid' : paid > refunded ? 'partiallyPaid' : 'unpaid'
    const fulfilment = phase === 'open' ? 'unfulfilled' : 'shipped'
    const back = paid > 0 && paid === refunded ? 'refunded' : phase
    const open = phase === 'shipped' ? 'shipped' : payment === 'unpaid' ? 'created' : payment
    const balance = phase === 'cancelled' ? refunded - paid : owed
    return {
      ...{ orderId, eventId, version, customerId, currency, lines, total, paid, refunded },
      ...{ createdAt, updatedAt: recordedAt, can: this.#can() },
      state: this.hasEnded ? phase : { open: { payment, fulfilment } },
      status: this.hasEnded ? back : open,
      balance: phase === 'completed' ? Math.min(0, balance) : balance,
    }
  }

  #can(): string[] {
    const can: readonly (readonly [string, boolean])[] = [
      ['order.modify', this.phase === 'open'],
      ['order.pay', !this.hasEnded && this.owed > 0],
      ['order.ship', this.phase === 'open' && this.owed <= 0],
      ['order.deliver', this.phase === 'shipped'],
      ['order.cancel', this.phase === 'open'],
      ['order.refund', this.refundable > 0],
    ]
    return can.filter(([, may]) => may).map(([method]) => method)
  }

  #own(): Partial<PlainOrder> {
    const { phase, customerId, currency, lines, payments, refunds } = this
    return { phase, customerId, currency, lines, payments, refunds }
  }

  #refusesChange(changes: readonly Partial<Line>[]): string | undefined {
    if (this.phase !== 'open') return 'NOT_ALLOWED'
    const isKnown = ({ sku, quantity, unitPrice }: Partial<Line>) =>
      this.lines.some((line) => line.sku === sku) || (quantity !== 0 && unitPrice !== undefined)
    if (!changes.every(isKnown)) return 'LINE_UNKNOWN'
    return this.#changed(changes).length === 0 ? 'NOT_ALLOWED' : undefined
  }

  #changed(changes: readonly Partial<Line>[]): Line[] {
    const lines = new Map(this.lines.map((line) => [line.sku, line]))
    for (const { sku = '', quantity = 0, unitPrice } of changes) {
      const price = unitPrice ?? lines.get(sku)?.unitPrice ?? 0
      if (quantity === 0) lines.delete(sku)
      else lines.set(sku, { sku, quantity, unitPrice: price })
    }
    return [...lines.values()]
  }
}

/** The phase that an event leads to; none where it stays. */
const phases: Readonly<Record<string, Phase>> = {
  OrderShippedEvent: 'shipped',
  OrderDeliveredEvent: 'completed',
  OrderCancelledEvent: 'cancelled',
}

function sumOf(amounts: readonly (readonly [string, number])[]): number {
  return amounts.reduce((sum, [, amount]) => sum + amount, 0)
}
