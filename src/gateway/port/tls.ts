/** The certificate and the key of a server, read from files, checked before anyone connects. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { Server } from 'node:https'
import type { Socket } from 'node:net'
import { ListenError } from '../../errors.ts'
import { readListenFile } from '../auth/files.ts'

export interface TlsFiles {
  readonly cert: Buffer
  readonly key: Buffer
}

/**
 * @throws {ListenError} if a file cannot be read, is not what it should be, or if the two do not fit
 */
export function readTls(certFile: string, keyFile: string): TlsFiles {
  const cert = readListenFile(certFile, 'the TLS certificate')
  const key = readListenFile(keyFile, 'the TLS key')
  if (!certificateOf(cert, certFile).checkPrivateKey(privateKeyOf(key, keyFile))) {
    throw new ListenError(`The key in ${keyFile} does not fit the certificate in ${certFile}.`)
  }
  return { cert, key }
}

function certificateOf(bytes: Buffer, file: string): X509Certificate {
  try {
    return new X509Certificate(bytes)
  } catch {
    throw new ListenError(`${file} holds no certificate in PEM form.`)
  }
}

function privateKeyOf(bytes: Buffer, file: string): KeyObject {
  try {
    return createPrivateKey(bytes)
  } catch {
    throw new ListenError(`${file} holds no private key in PEM form, or one under a passphrase.`)
  }
}

/** The connections of a server whose TLS handshake is not done: the server itself knows of none. */
export class Handshakes {
  readonly #open = new Map<string, Socket>()

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      const peer = peerOf(socket)
      this.#open.set(peer, socket)
      socket.once('close', () => this.#open.delete(peer))
    })
    server.on('secureConnection', (socket) => this.#open.delete(peerOf(socket)))
  }

  cutOff(): void {
    for (const socket of this.#open.values()) socket.destroy()
  }
}

/** No two open connections to a port have the same. */
function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
