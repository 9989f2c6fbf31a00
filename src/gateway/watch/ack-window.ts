/**
 * What a subscription has been sent and has not acked. Without acks promised, the window is always
 * open.
 */
export class AckWindow {
  readonly #lagMax: number
  readonly #sent: { readonly eventId: number; readonly count: number }[] = []
  #lag = 0
  #acked: number
  #lastSent: number

  /**
   * @param lagMax views or events ahead of the acks; Infinity where none are promised
   * @param from the eventId after which the subscription begins
   */
  constructor(lagMax: number, from: number) {
    this.#lagMax = lagMax
    this.#acked = from
    this.#lastSent = from
  }

  /** How many more may be sent. */
  get room(): number {
    return Math.max(0, this.#lagMax - this.#lag)
  }

  get lastSent(): number {
    return this.#lastSent
  }

  sent(eventId: number, count: number): void {
    this.#lastSent = eventId
    if (this.#lagMax === Number.POSITIVE_INFINITY) return
    this.#sent.push({ eventId, count })
    this.#lag += count
  }

  /** Takes an ack of what was sent up to an eventId; returns up to where it is acked now. */
  ack(eventId: number): number {
    let done = 0
    for (const { eventId: sent, count } of this.#sent) {
      if (sent > eventId) break
      this.#lag -= count
      done++
    }
    this.#sent.splice(0, done)
    this.#acked = Math.max(this.#acked, eventId)
    return this.#acked
  }
}
