/** Programs in a process of their own: clients beside what is measured, or one subject without the others. */
import { type ChildProcess, fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** By the name of their file. */
export type Program =
  | 'sockets/commanding'
  | 'sockets/watching'
  | 'subjects/apart'
  | 'questions/memory-alone'

/** Run from its source, as the tests do, the suite starts what `tsc -p bench` built. */
const built = import.meta.filename.endsWith('.ts')
  ? join(import.meta.dirname, '.build', 'bench')
  : import.meta.dirname

type Said<Message> = { readonly message: Message } | { readonly error: string }

/** A running program: it is told things, and tells things. */
export class Child<Told, Heard> {
  readonly #child: ChildProcess
  #take: ((said: Said<Heard>) => void) | undefined
  #heard: Said<Heard>[] = []

  /** @throws {Error} if the program is not built */
  constructor(program: Program) {
    const path = join(built, `${program}.js`)
    if (!existsSync(path)) throw new Error(`${path} is missing: npx tsc -p bench makes it.`)
    this.#child = fork(path, { serialization: 'advanced' })
    this.#child.on('message', (said) => this.#hear(said as Said<Heard>))
    this.#child.on('exit', (code) => this.#hear({ error: `${program} ended with ${code}.` }))
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

/** The other side: what a program does with each message. */
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
