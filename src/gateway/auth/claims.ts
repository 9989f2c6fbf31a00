/** What tokens of every kind say of who shows them, and the forms that this has. */
import { Type } from 'typebox'
import { idPattern, subjectCharsMax, tokenCharsMax } from '../../config.ts'
import type { Role } from '../../protocol/methods.ts'

/** Every role there is. */
export const roles: readonly Role[] = ['read', 'write', 'admin']

export const Subject = Type.String({ minLength: 1, maxLength: subjectCharsMax })
export const Roles = Type.Array(Type.Union(roles.map((role) => Type.Literal(role))), {
  minItems: 1,
  uniqueItems: true,
})
/**
 * Without a colon, which ends it in the ids of its orders: `alice` must have no part in the orders of
 * `alice:x`.
 */
export const CustomerId = Type.String({ pattern: idPattern.replace(':', '') })

/** True where a subject can be recorded: as UTF-8, of which half a character is no part. */
export function canBeRecorded(subject: string): boolean {
  return subject.isWellFormed()
}

/** True where a text can be a token at all; nothing is done for one that cannot. */
export function canBeToken(token: string): boolean {
  return token.length > 0 && token.length <= tokenCharsMax
}
