/** A socket as the gateway sees it. Only ws.ts knows the library behind it. */
export interface Socket {
  /** The address at the other end, a proxy's where there is one. */
  readonly remote: string | undefined
  /** Sends one text frame; the same bytes to several sockets cost little more than to one. */
  send(text: string | Buffer): void
  /** Keeps back what is sent from here on, until `uncork` sends it in one go. */
  cork(): void
  uncork(): void
  /** Bytes given to `send` that have not left yet. */
  readonly bufferedBytes: number
  /** Stops reading, until `resume`. */
  pause(): void
  resume(): void
  ping(): void
  /**
   * Closes in good order, with a code that says what the client should do; false where the other
   * side has closed it before, whose code stands.
   */
  close(code: number, reason: string): boolean
  /** Cuts it off at once. */
  terminate(): void
  /** Set by the gateway. */
  handlers: SocketHandlers
}

export interface SocketHandlers {
  /** A text frame came. */
  text(text: string): void
  /** A binary frame came. */
  binary(): void
  pong(): void
  /** Some of what was buffered has left. */
  drain(): void
  /** It is closed, by whichever side; 1006 where it was cut off. Called once. */
  closed(code: number): void
}
