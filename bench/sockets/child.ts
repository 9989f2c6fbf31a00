/** Clients in a process of their own, so that they do not share a thread with what is measured. */
import { type ChildProcess, fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Programs of clients, by the name of their file. */
export type Clients = 'commanding' | 'watching'

/** Run from its source, as the tests do, the suite starts what `tsc -p bench` built. */
const built = import.meta.filename.endsWith('.ts')
  ? join(import.meta.dirname, '..', '.build', 'bench', 'sockets')
  : import.meta.dirname

type Said<Message> = { readonly message: Message } | { readonly error: string }

/** A running program of clients: it is told things, and tells things. */
export class ClientProcess<Told, Heard> {
  readonly #child: ChildProcess
  #take: ((said: Said<Heard>) => void) | undefined
  #heard: Said<Heard>[] = []

  /** @throws {Error} if the program is not built */
  constructor(clients: Clients) {
    const program = join(built, `${clients}.js`)
    if (!existsSync(program)) throw new Error(`${program} is missing: npx tsc -p bench makes it.`)
    this.#child = fork(program, { serialization: 'advanced' })
    this.#child.on('message', (said) => this.#hear(said as Said<Heard>))
    this.#child.on('exit', (code) => this.#hear({ error: `The clients ended with ${code}.` }))
    this.#child.on('error', ({ message }) => this.#hear({ error: message }))
  }

  tell(message: Told): void {
    this.#child.send(message as object)
  }

  /** What it says next. @throws {Error} if that is that something is wrong, or if it has ended */
  async next(): Promise<Heard> {
    const said =
      this.#heard.shift() ??
      (await new Promise<Said<Heard>>((resolve) => {
        this.#take = resolve
      }))
    if ('error' in said) throw new Error(said.error)
    return said.message
  }

  ask(message: Told): Promise<Heard> {
    this.tell(message)
    return this.next()
  }

  end(): void {
    this.#child.removeAllListeners('exit')
    this.#child.kill()
  }

  #hear(said: Said<Heard>): void {
    const take = this.#take
    this.#take = undefined
    if (take) take(said)
    else this.#heard.push(said)
  }
}

/** The other side: what a program of clients does with each message. */
export function serve<Told, Heard>(
  handle: (
    told: Told,
    say: (message: Heard) => void,
    fail: (error: Error) => void,
  ) => Promise<void>,
): void {
  const tell = (said: Said<Heard>) => process.send!(said)
  const say = (message: Heard) => tell({ message })
  const fail = ({ message }: Error) => tell({ error: message })
  process.on('message', (told) => void handle(told as Told, say, fail).catch(fail))
  process.on('disconnect', () => process.exit())
}
