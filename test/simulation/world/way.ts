/** One direction of one connection: what goes in comes out later, in order. */
import type { Chance } from '../../soak/chance.ts'
import type { SimClock } from './clock.ts'
import type { NetworkSins } from './network.ts'

/** What passes over a connection. */
export type Frame =
  | { readonly kind: 'open' | 'ping' | 'pong' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string }
  /** The connection has ended without a word. */
  | { readonly kind: 'gone' }

export interface WayOptions {
  readonly clock: SimClock
  readonly chance: Chance
  /** How long a frame takes, in ms. */
  readonly delay: () => number
  readonly to: 'client' | 'server'
  readonly sins: NetworkSins
}

export class Way {
  /** Takes what comes out. */
  take: (frame: Frame) => void = () => {}
  readonly #options: WayOptions
  #frames: { readonly at: number; readonly frame: Frame; readonly bytes: number }[] = []
  #bytes = 0
  #heldUntil = 0
  #isPaused = false
  #cancel: (() => void) | undefined

  constructor(options: WayOptions) {
    this.#options = options
  }

  /** Bytes that went in and have not come out. */
  get bytes(): number {
    return this.#bytes
  }

  push(frame: Frame): void {
    const { clock, delay, sins, to, chance } = this.#options
    const at = Math.max(clock.now + delay(), this.#frames.at(-1)?.at ?? 0)
    const isText = frame.kind === 'text'
    const sent =
      isText && sins.tamper ? { ...frame, text: sins.tamper(frame.text, to, chance) } : frame
    const bytes = isText ? frame.text.length : 0
    this.#bytes += bytes
    this.#frames.push({ at, frame: sent, bytes })
    this.#schedule()
  }

  /** Nothing comes out for so long; `Infinity` for never again. */
  hold(ms: number): void {
    this.#heldUntil = Math.max(this.#heldUntil, this.#options.clock.now + ms)
    this.#schedule()
  }

  /** What is in it does not come out. */
  drop(): void {
    this.#frames = []
    this.#bytes = 0
  }

  pause(): void {
    this.#isPaused = true
    this.#schedule()
  }

  resume(): void {
    this.#isPaused = false
    this.#schedule()
  }

  #schedule(): void {
    this.#cancel?.()
    this.#cancel = undefined
    const first = this.#frames[0]
    if (!first || this.#isPaused) return
    const { clock } = this.#options
    const at = Math.max(first.at, this.#heldUntil)
    this.#cancel = clock.after(Math.max(0, at - clock.now), () => this.#pass())
  }

  #pass(): void {
    const { sins, chance } = this.#options
    const isSwapped = sins.reorders && this.#frames.length > 1 && chance.below(4) === 0
    const [passed] = this.#frames.splice(isSwapped ? 1 : 0, 1)
    this.#cancel = undefined
    this.#schedule()
    if (!passed) return
    this.#bytes -= passed.bytes
    this.take(passed.frame)
  }
}
