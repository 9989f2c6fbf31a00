/**
 * A machine as a chart: its states, and the edges between them. Plain data, so that it can be sent to
 * a page. Names are as the machine has them, whatever they hold: who shows them makes them harmless.
 */

export interface Chart {
  /** The machine's id. */
  readonly machine: string
  /** Parents before their children, as the machine lists them. The first is the machine itself. */
  readonly states: readonly ChartState[]
  /** By source, in the order in which the machine tries them. */
  readonly edges: readonly ChartEdge[]
}

export type StateType = 'atomic' | 'compound' | 'parallel' | 'final' | 'history'

export interface ChartState {
  /**
   * Its dotted path, as a view's `state` names it: `open.payment.paid`; empty for the machine itself.
   * Where keys hold dots and two paths read the same, the later one ends in `~2`.
   */
  readonly id: string
  /** Its key; the machine's id for the machine itself. */
  readonly name: string
  /** The keys on the way to it, from the machine on. */
  readonly path: readonly string[]
  /** The id of the state that it is in; null for the machine itself. */
  readonly parent: string | null
  readonly type: StateType
  /** Of a history state alone. */
  readonly history: 'shallow' | 'deep' | null
  /** Of a compound state: where it begins, and what is done on the way. */
  readonly initial: { readonly target: string; readonly actions: readonly string[] } | null
  readonly entry: readonly string[]
  readonly exit: readonly string[]
  readonly invokes: readonly { readonly id: string; readonly src: string }[]
  readonly tags: readonly string[]
  readonly description: string | null
}

/**
 * What starts a transition: an event, the state as it is (`always`), time (`after`), a state or an
 * actor that is done, an actor that failed or has a new snapshot, or that a history is empty.
 */
export type Trigger = 'event' | 'always' | 'after' | 'done' | 'error' | 'snapshot' | 'history'

export interface ChartEdge {
  /** `source|event|index`, which stays the same as long as the machine does. */
  readonly id: string
  readonly source: string
  /**
   * The event type as XState has it, such as `OrderPaymentEvent`; a pattern such as `*` or `order.*`;
   * empty for `always`. With `source` and `index`, it names the transition that an event took.
   */
  readonly event: string
  /** Which of the source's transitions for this event it is, from 0 on. */
  readonly index: number
  readonly trigger: Trigger
  /** Where it leads. Empty where it stays and leaves nothing; several where it enters regions. */
  readonly targets: readonly string[]
  /** True where it leaves and enters its source even where it need not. */
  readonly reenter: boolean
  /** The guard in words: `isPaid`, `isNew and not (isLate or isHeld)`. */
  readonly guard: string | null
  readonly actions: readonly string[]
  /** Milliseconds, or the name of a delay. */
  readonly delay: number | string | null
  /** The actor that is done, failed, or has a snapshot; null where it is a state that is done. */
  readonly actor: string | null
  readonly description: string | null
}
