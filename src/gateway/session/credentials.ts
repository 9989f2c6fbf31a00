/** Who a socket's client is, from when on it is known, and until when it counts. */
import type { Config } from '../../config.ts'
import type { Refusal } from '../../domain.ts'
import { closeCodes } from '../../protocol/handshake.ts'
import type { Role } from '../../protocol/methods.ts'
import type { Runtime } from '../../runtime.ts'
import type { Authenticator, Identity } from '../auth/identity.ts'
import { unauthenticated } from '../calls.ts'

export interface CredentialsOptions {
  /** Undefined where a token is still to come. */
  readonly identity: Identity | undefined
  /** Undefined where no tokens are asked for. */
  readonly authenticator: Authenticator | undefined
  readonly config: Config
  readonly runtime: Runtime
  readonly close: (code: number, reason: string) => void
}

/** The longest time that a timer of the platform can wait. */
const timerMsMax = 2 ** 31 - 1

export class Credentials {
  readonly #options: CredentialsOptions
  #identity: Identity | undefined
  #cancelTimer: () => void = () => {}
  #ended = false

  constructor(options: CredentialsOptions) {
    this.#options = options
    if (options.identity) this.#take(options.identity)
    else this.#waitForHello()
  }

  get identity(): Identity | undefined {
    return this.#identity
  }

  /**
   * Takes a token; undefined where it is good. One that is not closes the socket. A later token may
   * prolong the first one: it must be for the same subject and customer, and have all of its roles, as
   * what is watched by one of them goes on.
   */
  async hello(token: string | undefined): Promise<Refusal | undefined> {
    const { authenticator, close, runtime } = this.#options
    if (!authenticator || (token === undefined && this.#identity)) return undefined
    if (token === undefined) return unauthenticated('session.hello takes a token here.')
    const identity = await authenticator.authenticate(token)
    // The socket has closed meanwhile: a timer would outlive it.
    if (this.#ended) return unauthenticated()
    if (!identity) {
      // After the answer, which says so too.
      runtime.soon(() => close(closeCodes.unauthenticated, 'the token does not count'))
      return unauthenticated('This token is not known, or does not count any more.')
    }
    if (this.#identity && !isSame(this.#identity, identity)) return another()
    if (this.#identity && !hasRolesOf(this.#identity, identity)) return lesser()
    this.#take(identity)
    return undefined
  }

  end(): void {
    this.#ended = true
    this.#cancelTimer()
  }

  #take(identity: Identity): void {
    this.#identity = identity
    this.#cancelTimer()
    this.#cancelTimer = () => {}
    const { expiresAt } = identity
    if (expiresAt === null) return
    const { runtime } = this.#options
    // It can end on its way here, when the session is not whole yet and cannot be closed.
    if (expiresAt <= runtime.now()) runtime.soon(() => this.#waitForEnd(expiresAt))
    else this.#waitForEnd(expiresAt)
  }

  #waitForHello(): void {
    const { config, runtime, close } = this.#options
    this.#cancelTimer = runtime.after(config.helloTimeoutMs, () =>
      close(closeCodes.noHello, 'no token came'),
    )
  }

  #waitForEnd(expiresAt: number): void {
    const { runtime, close } = this.#options
    const left = expiresAt - runtime.now()
    if (left <= 0) return close(closeCodes.unauthenticated, 'the token has come to its end')
    this.#cancelTimer = runtime.after(Math.min(left, timerMsMax), () => {
      this.#waitForEnd(expiresAt)
    })
  }
}

function isSame(one: Identity, other: Identity): boolean {
  return one.subject === other.subject && one.customerId === other.customerId
}

function hasRolesOf({ roles }: Identity, other: Identity): boolean {
  const has = (role: Role) => other.roles.includes(role) || other.roles.includes('admin')
  return roles.every(has)
}

function lesser(): Refusal {
  const message = 'This token has not all roles of the one before. Open another socket for it.'
  return { refused: 'FORBIDDEN', message, details: {} }
}

function another(): Refusal {
  const message = 'This socket is somebody else’s already. Open another one for this token.'
  return { refused: 'FORBIDDEN', message, details: {} }
}
