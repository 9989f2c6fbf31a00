import { join } from 'node:path'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { ListenError } from '../../../src/errors.ts'
import { openTokensFile } from '../../../src/gateway/auth/tokens.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { clockAt, fileOf, messageOf, noon } from './door.ts'

const compare = vi.hoisted(() => vi.fn())
vi.mock('node:crypto', async (original) => {
  const real = await original<typeof import('node:crypto')>()
  compare.mockImplementation(real.timingSafeEqual)
  return { ...real, timingSafeEqual: compare }
})
beforeEach(() => void compare.mockClear())

const secret = 'a-secret-that-nobody-may-see'
const ann = { token: secret, subject: 'ann', roles: ['read', 'write'] }
const bob = { token: `${secret}-of-bob`, subject: 'bob', roles: ['read'], customerId: 'bob' }
const ida = { token: `${secret}-of-ida`, subject: 'ida', roles: ['admin'] }

const open = (entries: unknown, runtime = clockAt()) => openTokensFile(fileOf(entries), runtime)

describe('a tokens file', () => {
  it('says who a token stands for', async () => {
    const known = open([ann, bob, { ...ida, expiresAt: '2030-01-01T13:00:00+00:30' }])
    expect(await known.authenticate(ann.token)).toStrictEqual({
      subject: 'ann',
      roles: ['read', 'write'],
      customerId: null,
      expiresAt: null,
    })
    expect(await known.authenticate(bob.token)).toMatchObject({ customerId: 'bob' })
    expect(await known.authenticate(ida.token)).toMatchObject({ expiresAt: noon + 30 * 60_000 })
  })

  it.each(['', 'x', secret.slice(0, -1), `${secret} `, secret.toUpperCase(), 'x'.repeat(100_000)])(
    'does not know %j',
    async (token) => {
      expect(await open([ann, bob]).authenticate(token)).toBeUndefined()
    },
  )

  it('knows a token until its end, and not at it', async () => {
    const runtime = clockAt()
    const known = open([{ ...ann, expiresAt: '2030-01-01T12:00:01Z' }], runtime)
    runtime.time = noon + 999
    expect(await known.authenticate(secret)).toMatchObject({ subject: 'ann' })
    runtime.time = noon + 1000
    expect(await known.authenticate(secret)).toBeUndefined()
  })

  it('may hold several tokens of one subject, so that they can be changed', async () => {
    const known = open([ann, { ...ann, token: `${secret}-next` }])
    expect(await known.authenticate(secret)).toMatchObject({ subject: 'ann' })
    expect(await known.authenticate(`${secret}-next`)).toMatchObject({ subject: 'ann' })
  })

  it.each([ann.token, ida.token, 'not-known-at-all'])(
    'compares %s with every one it knows, in constant time',
    async (token) => {
      await open([ann, bob, ida]).authenticate(token)
      expect(compare).toHaveBeenCalledTimes(3)
    },
  )
})

describe('a tokens file is refused', () => {
  const fault = (content: unknown) => {
    const file = fileOf(content, 'shop-tokens.json')
    const message = messageOf(() => openTokensFile(file, clockAt()))
    expect(message).toContain(file)
    expect(message).not.toContain(secret)
    expect(() => openTokensFile(file, clockAt())).toThrow(ListenError)
    return message
  }

  it('that is not there', () => {
    const file = join(temporaryFolder(), 'none.json')
    expect(messageOf(() => openTokensFile(file, clockAt()))).toBe(
      `${file} was to hold tokens, and there is no such file.`,
    )
  })

  it('that is a folder', () => {
    expect(() => openTokensFile(temporaryFolder(), clockAt())).toThrow('cannot be read (EISDIR)')
  })

  it.each([
    ['no JSON', `[{"token":"${secret}",}]`, 'is not JSON'],
    ['a bare token', secret, 'is not JSON'],
    ['an object by token', { [secret]: ann }, 'must hold a JSON array'],
    ['nothing', [], 'it holds none'],
    ['no object', [ann, secret], 'entry 2: must be an object'],
    ['null', [null], 'entry 1: must be an object'],
    ['a list', [[ann]], 'entry 1: '],
    ['no token', [{ ...ann, token: undefined }], 'entry 1: token is missing'],
    ['a short token', [ann, { ...bob, token: 'fifteen-charact' }], 'entry 2: token must be 16 to'],
    ['a long token', [{ ...ann, token: secret.repeat(400) }], 'entry 1: token must be 16 to 8192'],
    ['a token with a space', [{ ...ann, token: `${secret} x` }], 'can stand in a header'],
    ['a token beyond ASCII', [{ ...ann, token: `${secret}\u00e9` }], 'can stand in a header'],
    ['a number for a token', [{ ...ann, token: 1234567890123456 }], 'entry 1: token must be'],
    ['no subject', [{ ...ann, subject: undefined }], 'entry 1: subject is missing'],
    ['an empty subject', [{ ...ann, subject: '' }], 'entry 1: subject must'],
    ['a long subject', [{ ...ann, subject: 'x'.repeat(257) }], 'entry 1: subject must'],
    ['half a character', [{ ...ann, subject: 'x\ud800' }], 'entry 1: subject must be well-formed'],
    ['no roles', [{ ...ann, roles: undefined }], 'entry 1: roles is missing'],
    ['an empty list of roles', [{ ...ann, roles: [] }], 'some of read, write, admin'],
    ['an unknown role', [ann, { ...bob, roles: ['read', 'root'] }], 'entry 2: roles must be'],
    ['a role twice', [{ ...ann, roles: ['read', 'read'] }], 'each once'],
    ['a role for roles', [{ ...ann, roles: 'admin' }], 'entry 1: roles must be a list'],
    ['a customer out of form', [{ ...ann, customerId: 'a b' }], 'entry 1: customerId must match'],
    ['an empty customer', [{ ...ann, customerId: '' }], 'entry 1: customerId must match'],
    ['null for a customer', [{ ...ann, customerId: null }], 'entry 1: customerId must'],
    ['a date alone', [{ ...ann, expiresAt: '2030-01-01' }], 'entry 1: expiresAt must be a time'],
    ['no time zone', [{ ...ann, expiresAt: '2030-01-01T12:00:00' }], 'with its time zone'],
    ['no such day', [{ ...ann, expiresAt: '2030-02-30T12:00:00Z' }], 'expiresAt must be a time'],
    ['a number for a time', [{ ...ann, expiresAt: noon }], 'expiresAt must be a time'],
    ['a misspelt key', [{ ...ann, expires: '2030-01-01T12:00:00Z' }], 'has an unknown key'],
    ['a token for a key', [{ ...ann, [secret]: 'read' }], 'entry 1: has an unknown key'],
    ['one token twice', [ann, bob, { ...ida, token: secret }], 'entries 1 and 3 have the same'],
  ])('that holds %s, and no token is told', (_, content, says) => {
    expect(fault(content)).toContain(says)
  })
})
