/**
 * What the engine is given (a Domain), and what passes through it.
 *
 * Types only. The stages know an order by its id, its version and its events; what an order is made
 * of, and what may happen to it, is the Domain's.
 */
import type { TObject } from 'typebox'
import type { AnyMachineSnapshot, AnyStateMachine, StateValue } from 'xstate'

/** What a client asks for, checked for its form and ready to be decided. */
export interface Command {
  readonly method: string
  readonly orderId: string
  /** As the method's schema has it, orderId included; without commandId and expectedVersion. */
  readonly params: object
  /** The idempotency key, one order's. */
  readonly commandId: string | null
  /** Of method and params, so that a reused commandId is told from a repeat. Null without one. */
  readonly commandHash: string | null
  readonly expectedVersion: number | null
  /** Who asks: the subject of the token, or null. */
  readonly by: string | null
  /** The one customer whose orders who asks may touch; null for all. */
  readonly customerId: string | null
}

/** An event that could be recorded, as `decide` proposes it. */
export interface Candidate {
  readonly type: string
  readonly data: object
}

/** A fact that was recorded. It is what the order's machine hears, and it never changes. */
export interface RecordedEvent extends Candidate {
  /** Its place in the whole log: incremental, without gaps. */
  readonly eventId: number
  readonly orderId: string
  /** How many events the order has with this one. */
  readonly version: number
  /** The order's event before this one; null for its first. */
  readonly previousEventId: number | null
  /** Milliseconds since the Unix epoch, by the sequencer's clock. */
  readonly recordedAt: number
  readonly by: string | null
  readonly commandId: string | null
  /** Of the command that led here; null where that had no commandId. */
  readonly commandHash: string | null
  /** The version of the form of `data`. */
  readonly schema: number
}

/** A recorded event, together with the state it led to. */
export interface Recorded {
  readonly event: RecordedEvent
  readonly snapshot: AnyMachineSnapshot
}

/** The answer to an accepted command, given once the event is durable and the view shows it. */
export interface Receipt {
  readonly orderId: string
  readonly version: number
  readonly eventId: number
  readonly recordedAt: number
  /** True where the command had been honoured before, and this is the first receipt again. */
  readonly replayed: boolean
}

/** The answer to a command that was not applied. A value, never an exception; nothing is recorded. */
export interface Refusal {
  /** The stable code in words, such as `NOT_ALLOWED`. */
  readonly refused: string
  /** One sentence for people. */
  readonly message: string
  /** What a program may read: the state, the guard that said no, what can be done now. */
  readonly details: Readonly<Record<string, unknown>>
}

export type Outcome = Receipt | Refusal

/** Where an order stands in the log. */
export interface Standing {
  readonly orderId: string
  readonly eventId: number
  readonly version: number
  readonly createdAt: number
  readonly updatedAt: number
}

/** What one event did to a view. */
export interface Change<V extends View = View> {
  readonly view: V
  /** The view before; undefined where the order is new. */
  readonly before: V | undefined
}

/** The latest state of one order, as clients see it; a Domain adds fields of its own. */
export interface View extends Standing {
  /** The machine's state value. */
  readonly state: StateValue
  /** One word for people. */
  readonly status: string
  /** The methods that the order would accept now, with some params. */
  readonly can: readonly string[]
}

/** One command of a domain: its form, and the event it records. */
export interface Method {
  /** One sentence for people. */
  readonly title: string
  /** With `orderId`, which is optional where the method creates. */
  readonly params: TObject
  /** The type of the event that it records. */
  readonly records: string
  /** True where it starts an order; every other method needs one. */
  readonly creates: boolean
  /** What a schema cannot say. An empty list where all is well. */
  readonly check?: (params: never) => readonly ParamFault[]
}

/** One thing that is wrong with the params of a call. */
export interface ParamFault {
  /** A JSON pointer into the params. */
  readonly path: string
  readonly message: string
}

/** The form of the data of one event type. */
export interface EventForm {
  /** The version of the form, recorded with each event. */
  readonly schema: number
  readonly data: TObject
}

/**
 * The life of an order, as a team brings it. Pure: no I/O, no clock, no randomness, and nothing that
 * it is given is changed: of a new engine the contexts are frozen, so that a change throws.
 */
export interface Domain<
  Commands extends Record<string, object> = Record<string, object>,
  DomainView extends View = View,
> {
  readonly name: string
  /**
   * To be changed with whatever `machine`, `view` and `owner` call that makes other views: what was
   * kept of views is then made anew. Their own text, and the forms of events, are looked at as well.
   */
  readonly version?: string | number
  /** Hears recorded events. Without delays, invoked actors and spawned children. */
  readonly machine: AnyStateMachine
  readonly methods: { readonly [Name in keyof Commands & string]: Method }
  readonly events: Readonly<Record<string, EventForm>>
  /** The domain's own refusals: the code in words, and its number from 2006 on. */
  readonly refusals: Readonly<Record<string, number>>
  /**
   * Says which event a command leads to from this state, or why it leads to none. The event
   * returned is one that the machine takes.
   */
  decide(snapshot: AnyMachineSnapshot, method: string, params: object): Candidate | Refusal
  /** What clients see of an order in this state: what JSON can say, and nothing else. */
  view(snapshot: AnyMachineSnapshot, standing: Standing): DomainView
  /** Whose order it is, for its whole life: for listing by customer, and tokens bound to one. */
  owner(view: DomainView): string | null
}
