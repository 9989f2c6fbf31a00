/** Every bound of the client, named with its unit. */
export const limits = {
  /** Calls that wait to be sent or to be answered. One more is refused with `TOO_MANY_CALLS`. */
  callsMax: 10_000,
  /** From dialling to the server's answer to `session.hello`; then the connection is dropped. */
  openMsMax: 10_000,
  /** From the open socket to the token that a function gives; less than the server waits for it. */
  tokenMsMax: 8000,
  /** What a frame may be late by, beyond two heartbeats, before the connection counts as dead. */
  silenceMarginMs: 5000,
  /** What a stopping server may take, beyond its own drainMs, to close the connection. */
  drainMarginMs: 2000,
  /** The longest first wait before trying again; it doubles with each failure. */
  backoffMsFirst: 200,
  /** The longest wait before trying again. */
  backoffMsMax: 5000,
  /** From the greeting on; a connection that lasts so long begins with short waits again. */
  steadyMs: 1000,
  /** The longest wait where the server says to come back at once. */
  soonMsMax: 250,
  /** A subscription to events acks each time that this share of what may be ahead was taken in. */
  ackShare: 1 / 4,
} as const
