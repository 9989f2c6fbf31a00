import { execFileSync } from 'node:child_process'
import { findProgram, type Server, startServer } from './server.ts'

export class NatsProgram {
  readonly version: string
  readonly #path = findProgram('nats-server', 'nats-server', ['/usr/sbin'])

  /** @throws {MissingProgramError} if NATS is not installed */
  constructor() {
    this.version = execFileSync(this.#path, ['--version'], { encoding: 'utf8' }).trim()
  }

  /** Starts a server with JetStream on the folder, at a free port of loopback. */
  async start(folder: string): Promise<{ readonly port: number; readonly server: Server }> {
    const args = ['-a', '127.0.0.1', '-p', '-1', '-js', '-sd', folder]
    const ready = /client connections on 127\.0\.0\.1:(\d+)[\s\S]*Server is ready/
    const server = await startServer(this.#path, args, { ready, killSignal: 'SIGKILL' })
    return { port: Number(server.ready[1]), server }
  }
}
