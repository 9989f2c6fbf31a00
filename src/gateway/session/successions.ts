import { closeCodes } from '../../protocol/handshake.ts'

/** What is closed where its client has come again. */
interface Succeeded {
  close(code: number, reason: string): void
}

/** A client's own name for itself, which nobody else can know, and which of its connections this is. */
export interface ClientSession {
  readonly id: string
  readonly connection: number
}

interface Newest {
  readonly connection: number
  /** Undefined once it has closed. */
  session: Succeeded | undefined
}

/**
 * Which connection of each client is its newest. One that lost a connection comes again by another, and
 * sends again what has no answer; so what it sent by the earlier one, and the network may have held back,
 * must not be taken any more: it could be applied after its repeat was refused.
 */
export class Successions {
  readonly #max: number
  /** Those that began last come last. */
  readonly #newest = new Map<string, Newest>()
  readonly #keys = new Map<Succeeded, string>()

  /** @param max clients that are remembered after their last connection has closed */
  constructor(max: number) {
    this.#max = max
  }

  /**
   * A client says which connection of its this is: the one before is closed, or this one, if it is not
   * the newest.
   *
   * @param subject who it is; somebody else's of that name are another client's
   */
  begin(session: Succeeded, { id, connection }: ClientSession, subject: string | null): void {
    const key = JSON.stringify([subject, id])
    const known = this.#newest.get(key)
    if (known?.session === session) return
    if (known && known.connection > connection) return superseded(session)
    if (known?.session) superseded(known.session)
    this.end(session)
    this.#newest.delete(key)
    this.#newest.set(key, { connection, session })
    this.#keys.set(session, key)
    this.#forget()
  }

  /** It has closed. */
  end(session: Succeeded): void {
    const key = this.#keys.get(session)
    if (key === undefined) return
    this.#keys.delete(session)
    const newest = this.#newest.get(key)
    if (newest?.session === session) newest.session = undefined
  }

  #forget(): void {
    for (const [key, { session }] of this.#newest) {
      if (this.#newest.size <= this.#max) return
      if (!session) this.#newest.delete(key)
    }
  }
}

function superseded(session: Succeeded): void {
  session.close(closeCodes.superseded, 'the client came again by another socket')
}
