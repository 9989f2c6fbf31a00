/** Tokens from a file, which says of each who it stands for. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { type Static, Type } from 'typebox'
import { tokenCharsMax } from '../../config.ts'
import type { ParamFault } from '../../domain.ts'
import { ListenError } from '../../errors.ts'
import { compileCheck } from '../../protocol/params.ts'
import type { Runtime } from '../../runtime.ts'
import { CustomerId, canBeRecorded, canBeToken, Roles, roles, Subject } from './claims.ts'
import { readListenJson } from './files.ts'
import type { Authenticator, Identity } from './identity.ts'

/** Characters of a token in the file. A shorter one could be guessed. */
export const tokenCharsMin = 16

const Entry = Type.Object(
  {
    // What can stand in a header.
    token: Type.String({
      minLength: tokenCharsMin,
      maxLength: tokenCharsMax,
      pattern: '^[\\x21-\\x7e]*$',
    }),
    subject: Subject,
    roles: Roles,
    customerId: Type.Optional(CustomerId),
    expiresAt: Type.Optional(Type.String({ format: 'date-time' })),
  },
  { additionalProperties: false },
)
type Entry = Static<typeof Entry>

const checkEntry = compileCheck(Entry)

interface Known {
  readonly hash: Buffer
  readonly identity: Identity
}

/**
 * Knows the tokens of a file, as it is now: a JSON array of
 * `{token, subject, roles, customerId?, expiresAt?}`, the last one in ISO 8601 with its time zone.
 *
 * @throws {ListenError} naming the file, the entry and what is wrong with it, never the token
 */
export function openTokensFile(file: string, runtime: Runtime): Authenticator {
  const known = readTokens(file)
  return {
    authenticate: async (token) => {
      const identity = find(known, token)
      return identity && isOver(identity, runtime.now()) ? undefined : identity
    },
  }
}

/** How long it takes says nothing of how much of a token was right, nor of which one it is. */
function find(known: readonly Known[], token: string): Identity | undefined {
  if (!canBeToken(token)) return undefined
  const hash = hashOf(token)
  let found: Identity | undefined
  for (const one of known) {
    if (timingSafeEqual(hash, one.hash)) found = one.identity
  }
  return found
}

function isOver({ expiresAt }: Identity, now: number): boolean {
  return expiresAt !== null && expiresAt <= now
}

function readTokens(file: string): readonly Known[] {
  const entries = readListenJson(file, 'tokens')
  if (!Array.isArray(entries)) throw wrong(file, 'it must hold a JSON array, one entry a token')
  if (entries.length === 0) throw wrong(file, 'it holds none, so that nobody could come in')
  const seen = new Map<string, number>()
  return entries.map((entry, index) => {
    const [fault] = checkEntry(entry)
    if (fault) throw wrong(file, `entry ${index + 1}: ${tell(fault)}`)
    if (!canBeRecorded(entry.subject)) {
      throw wrong(file, `entry ${index + 1}: subject must be well-formed text`)
    }
    const one = knownOf(entry)
    const before = seen.get(one.hash.toString('hex'))
    if (before !== undefined) {
      throw wrong(file, `entries ${before} and ${index + 1} have the same token`)
    }
    seen.set(one.hash.toString('hex'), index + 1)
    return one
  })
}

function knownOf({ token, subject, roles, customerId, expiresAt }: Entry): Known {
  return {
    hash: hashOf(token),
    identity: {
      subject,
      roles,
      customerId: customerId ?? null,
      expiresAt: expiresAt === undefined ? null : Date.parse(expiresAt),
    },
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

const forms: Readonly<Record<string, string>> = {
  token: `must be ${tokenCharsMin} to ${tokenCharsMax} characters that can stand in a header`,
  roles: `must be a list of some of ${roles.join(', ')}, each once`,
  expiresAt: 'must be a time in ISO 8601 with its time zone, such as 2030-01-31T12:00:00Z',
}

/** A key that is not known is not named: it may be a token, in a file of another form. */
function tell({ path, message }: ParamFault): string {
  const key = path.split('/')[1] ?? ''
  if (path === '') return 'must be an object'
  if (!Object.hasOwn(Entry.properties, key)) {
    return `has an unknown key; there are ${Object.keys(Entry.properties).join(', ')}`
  }
  return `${key} ${message === 'is missing' ? message : (forms[key] ?? message)}`
}

function wrong(file: string, what: string): ListenError {
  return new ListenError(`The tokens in ${file} cannot be used: ${what}.`)
}
