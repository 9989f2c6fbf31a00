import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { get } from 'node:https'
import { connect as connectTcp } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { ListenError } from '../../src/errors.ts'
import { readTls } from '../../src/gateway/port/tls.ts'
import { temporaryFolder } from '../support/folders.ts'
import { RpcClient } from '../support/rpc.ts'
import { type Door, fileOf, messageOf, openDoor } from './auth/door.ts'
import { type Certificate, hasOpenssl, noOpenssl, selfSigned } from './certificates.ts'

const canMake = hasOpenssl()
beforeEach((context) => {
  if (!canMake) context.skip(noOpenssl)
})

const token = 'the-token-of-ann-1234'
const tokensFile = () => fileOf([{ token, subject: 'ann', roles: ['read'] }])

interface Secure {
  readonly door: Door
  readonly ca: Buffer
}

async function secure(options: object = {}): Promise<Secure> {
  const files = selfSigned()
  return { door: await openDoor({ ...files, ...options }), ca: readFileSync(files.tlsCertFile) }
}

function open({ door, ca }: Secure, options: object = {}): Promise<RpcClient> {
  const socket = new WebSocket(`wss://127.0.0.1:${door.address.port}/ws`, { ca, ...options })
  onTestFinished(() => socket.terminate())
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(new RpcClient(socket)))
    socket.once('error', reject)
  })
}

function status({ door, ca }: Secure, path: string, headers = {}): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const url = `https://localhost:${door.address.port}${path}`
    const request = get(url, { ca, headers, servername: 'localhost', agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode))
    })
    request.on('error', reject)
  })
}

describe('a server with TLS', () => {
  it('serves wss and https', async () => {
    const served = await secure({ tokensFile: tokensFile() })
    const headers = { authorization: `Bearer ${token}` }
    const client = await open(served, { headers })
    client.send('{"over":"TLS"}')
    await served.door.hears(1)
    expect(served.door.heard).toEqual(['{"over":"TLS"}'])
    expect(served.door.came).toMatchObject([{ subject: 'ann' }])
    expect(await status(served, '/health')).toBe(200)
    await expect(open(served, { headers: { authorization: 'Bearer no' } })).rejects.toThrow('401')
  })

  it('lets in its own pages, which are https', async () => {
    const served = await secure()
    const { port } = served.door.address
    await open(served, { origin: `https://127.0.0.1:${port}` })
    await expect(open(served, { origin: `http://127.0.0.1:${port}` })).rejects.toThrow('403')
    expect(await status(served, '/health', { host: 'evil.example' })).toBe(403)
  })

  it('may listen off loopback with tokens, and answers to the names that it was given', async () => {
    const options = { host: '0.0.0.0', tokensFile: tokensFile(), hosts: ['orders.example'] }
    const served = await secure(options)
    await open(served, { headers: { host: 'orders.example' } })
    expect(served.door.came).toEqual([undefined])
    await expect(open(served)).rejects.toThrow('403')
  })

  it('hangs up on those who do not speak TLS, and serves on', async () => {
    const served = await secure()
    const { port } = served.door.address
    for (const text of ['GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n', '\u0016\u0003garbage']) {
      const socket = connectTcp(port, '127.0.0.1')
      socket.on('error', () => {})
      socket.resume()
      socket.write(text)
      await new Promise((resolve) => socket.on('close', resolve))
    }
    await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow()
    expect(await status(served, '/health')).toBe(200)
  })

  it('speaks no TLS that is out of date', async () => {
    const { door } = await secure()
    const old = {
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT:@SECLEVEL=0',
    } as const
    const socket = connectTls({ port: door.address.port, rejectUnauthorized: false, ...old })
    const outcome = await new Promise((resolve) => {
      socket.on('error', () => resolve('refused'))
      socket.on('secureConnect', () => resolve('taken'))
    })
    socket.destroy()
    expect(outcome).toBe('refused')
  })

  it('closes in spite of handshakes that are never done', async () => {
    const served = await secure()
    const { port } = served.door.address
    const client = await open(served)
    const still = connectTcp(port, '127.0.0.1')
    still.on('error', () => {})
    still.resume()
    await new Promise((resolve) => still.on('connect', resolve))
    const ended = new Promise((resolve) => still.on('close', resolve))
    // Whoever came after it has been accepted, so that it has been, too.
    await status(served, '/health')
    let isClosed = false
    const closed = served.door.server.close().then(() => {
      isClosed = true
    })
    await ended
    // An open socket is not a handshake, and not the server's to close.
    expect({ isClosed, state: client.socket.readyState }).toEqual({ isClosed: false, state: 1 })
    client.socket.close()
    await closed
  })
})

describe('a certificate and a key are refused', () => {
  const refusal = ({ tlsCertFile, tlsKeyFile }: Certificate) => {
    expect(() => readTls(tlsCertFile, tlsKeyFile)).toThrow(ListenError)
    return messageOf(() => readTls(tlsCertFile, tlsKeyFile))
  }

  it('not where they fit, of RSA too', () => {
    for (const files of [selfSigned(), selfSigned(['-newkey', 'rsa:2048'])]) {
      expect(readTls(files.tlsCertFile, files.tlsKeyFile).cert).toBeInstanceOf(Buffer)
    }
  })

  it('where one is not there', () => {
    const files = selfSigned()
    const none = join(temporaryFolder(), 'none.pem')
    const why = `${none} was to hold the TLS`
    expect(refusal({ ...files, tlsCertFile: none })).toBe(
      `${why} certificate, and there is no such file.`,
    )
    expect(refusal({ ...files, tlsKeyFile: none })).toBe(`${why} key, and there is no such file.`)
  })

  it('where one is the other, or something else', () => {
    const { tlsCertFile, tlsKeyFile } = selfSigned()
    const swapped = { tlsCertFile: tlsKeyFile, tlsKeyFile: tlsCertFile }
    expect(refusal(swapped)).toBe(`${tlsKeyFile} holds no certificate in PEM form.`)
    expect(refusal({ tlsCertFile, tlsKeyFile: tlsCertFile })).toContain('holds no private key')
    expect(refusal({ tlsCertFile: fileOf('PEM'), tlsKeyFile })).toContain('holds no certificate')
    expect(refusal({ tlsCertFile, tlsKeyFile: fileOf('') })).toContain('holds no private key')
  })

  it('where the key is another’s, and nothing of it is told', () => {
    const { tlsCertFile } = selfSigned()
    const { tlsKeyFile } = selfSigned()
    expect(refusal({ tlsCertFile, tlsKeyFile })).toBe(
      `The key in ${tlsKeyFile} does not fit the certificate in ${tlsCertFile}.`,
    )
  })

  it('where the key is under a passphrase', () => {
    const { tlsCertFile, tlsKeyFile } = selfSigned()
    const locked = join(temporaryFolder(), 'locked.pem')
    const args = ['pkey', '-in', tlsKeyFile, '-aes256', '-passout', 'pass:open', '-out', locked]
    execFileSync('openssl', args, { stdio: 'pipe' })
    expect(refusal({ tlsCertFile, tlsKeyFile: locked })).toContain('under a passphrase')
  })
})
