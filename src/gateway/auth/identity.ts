/** Who calls, and what they may do. */
import type { Role } from '../../protocol/methods.ts'

export interface Identity {
  /** The subject of the token, recorded as `by`; null without a token. */
  readonly subject: string | null
  /** `admin` stands for all of them. */
  readonly roles: readonly Role[]
  /** The one customer whose orders it sees and touches; null for all. */
  readonly customerId: string | null
  /** Milliseconds since the Unix epoch from which on it counts no more; null for never. */
  readonly expiresAt: number | null
}

/** Whoever comes by loopback where no tokens are asked for. */
export const nobodyInParticular: Identity = {
  subject: null,
  roles: ['read', 'write', 'admin'],
  customerId: null,
  expiresAt: null,
}

/** Tells tokens that count from those that do not. */
export interface Authenticator {
  /** Whom the token stands for; undefined where it is not known, forged, or past its time. */
  authenticate(token: string): Promise<Identity | undefined>
}

/** True where the identity may do what takes this role. */
export function mayDo(identity: Identity, role: Role | null): boolean {
  return role === null || identity.roles.includes(role) || identity.roles.includes('admin')
}
