/** Certificates that a test makes for itself, with the machine's openssl. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { temporaryFolder } from '../support/folders.ts'

/** What a test says that cannot make any. */
export const noOpenssl = 'SKIPPED: there is no openssl here to make certificates with'

export function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

export interface Certificate {
  readonly tlsCertFile: string
  readonly tlsKeyFile: string
}

/** A certificate for 127.0.0.1 and localhost that signs itself, and its key. */
export function selfSigned(keyKind: readonly string[] = ec): Certificate {
  const folder = temporaryFolder()
  const [tlsCertFile, tlsKeyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
      ...['-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'],
      ...['-keyout', tlsKeyFile, '-out', tlsCertFile, ...keyKind],
    ],
    { stdio: 'pipe' },
  )
  return { tlsCertFile, tlsKeyFile }
}

const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
