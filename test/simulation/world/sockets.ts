/** The two ends of a simulated connection, as the SDK and the gateway know a socket. */
import type { ClientSocket } from '../../../src/client/platform.ts'
import type { Socket, SocketHandlers } from '../../../src/gateway/session/socket.ts'
import type { SimClock, SimProcess } from './clock.ts'
import type { Frame, Way } from './way.ts'

type State = 'connecting' | 'open' | 'closing' | 'closed'

/** What is reported of a connection that ended without a word. */
const abnormal = 1006

export interface ClientEndOptions {
  readonly to: Way
  readonly clock: SimClock
  /** As `ws` can, and browsers cannot. */
  readonly canTerminate: boolean
}

export class ClientEnd implements ClientSocket {
  onopen: ClientSocket['onopen'] = null
  onmessage: ClientSocket['onmessage'] = null
  onerror: ClientSocket['onerror'] = null
  onclose: ClientSocket['onclose'] = null
  readonly terminate?: () => void
  readonly #options: ClientEndOptions
  #state: State = 'connecting'

  constructor(options: ClientEndOptions) {
    this.#options = options
    if (options.canTerminate) this.terminate = () => this.#cutOff()
  }

  get isOver(): boolean {
    return this.#state === 'closed'
  }

  send(text: string): void {
    if (this.#state === 'connecting') throw new Error('It is not connected yet.')
    if (this.#state === 'open') this.#options.to.push({ kind: 'text', text })
  }

  close(code = 1005, reason = ''): void {
    if (this.#state === 'connecting') return this.#cutOff()
    if (this.#state !== 'open') return
    this.#state = 'closing'
    this.#options.to.push({ kind: 'close', code, reason })
    // As browsers do: an other side that does not answer is not waited for.
    this.#options.clock.after(closeMsMax, () => this.#end(abnormal, ''))
  }

  /** Takes what comes from the other side. */
  take(frame: Frame): void {
    if (this.#state === 'closed') return
    switch (frame.kind) {
      case 'open':
        if (this.#state === 'connecting') this.#state = 'open'
        return this.onopen?.({})
      case 'text':
        return this.onmessage?.({ data: frame.text })
      case 'ping':
        return this.#options.to.push({ kind: 'pong' })
      case 'close':
        if (this.#state === 'open') this.#options.to.push(frame)
        return this.#end(frame.code, frame.reason)
      case 'gone':
        this.onerror?.({ message: 'The connection was lost.' })
        return this.#end(abnormal, '')
      case 'pong':
    }
  }

  #cutOff(): void {
    if (this.#state === 'closed') return
    this.#options.to.push({ kind: 'gone' })
    this.#options.clock.after(0, () => this.#end(abnormal, ''))
    this.#state = 'closing'
  }

  #end(code: number, reason: string): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.onclose?.({ code, reason })
  }
}

const closeMsMax = 3000

export interface ServerEndOptions {
  readonly to: Way
  readonly from: Way
  readonly process: SimProcess
}

export class ServerEnd implements Socket {
  handlers: SocketHandlers = {
    text: () => {},
    binary: () => {},
    pong: () => {},
    drain: () => {},
    closed: () => {},
  }
  readonly remote = 'simulated'
  readonly process: SimProcess
  readonly #to: Way
  readonly #from: Way
  #state: State = 'open'
  #gathered: string[] | undefined

  constructor({ to, from, process }: ServerEndOptions) {
    this.#to = to
    this.#from = from
    this.process = process
  }

  get isOver(): boolean {
    return this.#state === 'closed'
  }

  get bufferedBytes(): number {
    const gathered = this.#gathered ?? []
    return gathered.reduce((sum, { length }) => sum + length, this.#to.bytes)
  }

  send(text: string | Buffer): void {
    if (this.#gathered) this.#gathered.push(text.toString())
    else this.#push(text.toString())
  }

  cork(): void {
    this.#gathered ??= []
  }

  uncork(): void {
    const gathered = this.#gathered ?? []
    this.#gathered = undefined
    for (const text of gathered) this.#push(text)
  }

  pause(): void {
    this.#from.pause()
  }

  resume(): void {
    this.#from.resume()
  }

  ping(): void {
    if (this.#state === 'open') this.#to.push({ kind: 'ping' })
  }

  close(code: number, reason: string): boolean {
    if (this.#state !== 'open') return false
    this.#state = 'closing'
    this.#to.push({ kind: 'close', code, reason })
    return true
  }

  terminate(): void {
    if (this.#state === 'closed') return
    this.#to.drop()
    this.#to.push({ kind: 'gone' })
    this.process.after(0, () => this.#end(abnormal))
  }

  /** The other side has taken some of what was sent. */
  drained(): void {
    if (this.process.isAlive && this.#state !== 'closed') this.handlers.drain()
  }

  /** Takes what comes from the other side. */
  take(frame: Frame): void {
    if (!this.process.isAlive || this.#state === 'closed') return
    switch (frame.kind) {
      case 'text':
        return this.handlers.text(frame.text)
      case 'pong':
        return this.handlers.pong()
      case 'close':
        if (this.#state === 'open') this.#to.push(frame)
        this.#state = 'closing'
        return void this.process.after(0, () => this.#end(frame.code))
      case 'gone':
        return this.#end(abnormal)
      case 'open':
      case 'ping':
    }
  }

  #push(text: string): void {
    if (this.#state === 'open') this.#to.push({ kind: 'text', text })
  }

  #end(code: number): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.handlers.closed(code)
  }
}
