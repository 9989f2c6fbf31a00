/** What both sides of a socket know before the first message, and what its end means. */

/** The one subprotocol; what a client gets that offers none. */
export const subprotocol = 'orders.v1.json'

/**
 * Why the gateway closes a socket: 40xx do not retry, 41xx back off, 42xx come back now.
 * `close-codes.ts` says when.
 */
export const closeCodes = {
  badFrame: 4000,
  unauthenticated: 4001,
  /** Reserved. */
  forbidden: 4003,
  noHello: 4008,
  superseded: 4009,
  tooSlow: 4101,
  tooManySockets: 4102,
  shuttingDown: 4200,
} as const
