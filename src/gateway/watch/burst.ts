import type { Config } from '../../config.ts'
import type { Change, View } from '../../domain.ts'
import type { SharedBytes } from './shared-bytes.ts'

export interface BurstOptions {
  readonly config: Config
  readonly shared: SharedBytes
}

/** Changes that were told in one go. Most who watch everything are sent the very same for them. */
export class Burst {
  readonly views: readonly View[]
  readonly eventId: number
  readonly #options: BurstOptions
  #isSmall: boolean | undefined
  #frame: { readonly id: number; readonly previous: number; readonly bytes: Buffer } | undefined

  constructor(changes: readonly Change[], options: BurstOptions) {
    this.views = changes.map(({ view }) => view)
    this.eventId = this.views.at(-1)?.eventId ?? 0
    this.#options = options
  }

  /** True where they may be sent in one frame. */
  get isSmall(): boolean {
    this.#isSmall ??= this.#looksSmall()
    return this.#isSmall
  }

  /** The frame of all of them, for those who watch everything, under a number and up to an event. */
  frame(id: number, previous: number, make: () => Buffer): Buffer {
    if (this.#frame?.id !== id || this.#frame.previous !== previous) {
      this.#frame = { id, previous, bytes: make() }
    }
    return this.#frame.bytes
  }

  #looksSmall(): boolean {
    const { config, shared } = this.#options
    const { length } = this.views
    if (length === 0 || length > Math.min(config.batchEventsMax, config.changesKeptMax))
      return false
    let characters = 0
    for (const view of this.views) {
      characters += shared.text(view).length
      if (characters > config.outboxConflateBytes) return false
    }
    return true
  }
}
