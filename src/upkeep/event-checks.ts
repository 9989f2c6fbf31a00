import type { AnyMachineSnapshot } from 'xstate'
import { Fold } from '../checkpoint/fold.ts'
import type { Domain, RecordedEvent } from '../domain.ts'
import { CorruptLogError } from '../errors.ts'
import { compileCheck, type ParamsCheck } from '../protocol/params.ts'
import { ChainChecks } from './chain-checks.ts'

interface Form {
  readonly schema: number
  readonly faultsOf: ParamsCheck
}

/**
 * Checks the events of a log as `ChainChecks` does, and that each has the form which the domain gives
 * it, and is taken by the machine of its order. Holds the state of every order.
 */
export class EventChecks {
  readonly #chain: ChainChecks
  readonly #fold: Fold
  readonly #snapshots = new Map<string, AnyMachineSnapshot>()
  readonly #forms = new Map<string, Form>()

  constructor(domain: Domain, firstEventId: number) {
    this.#chain = new ChainChecks(firstEventId)
    this.#fold = new Fold(domain.machine)
    for (const [type, { schema, data }] of Object.entries(domain.events)) {
      this.#forms.set(type, { schema, faultsOf: compileCheck(data) })
    }
  }

  /** eventId of the last event that was taken; that before the first where none was. */
  get head(): number {
    return this.#chain.head
  }

  /** How many orders there are. */
  get orders(): number {
    return this.#chain.orders
  }

  /**
   * Takes the next event. Where it throws, nothing has changed.
   *
   * @throws {CorruptLogError} if it cannot be what was written
   * @throws {ReplayError} if the order's machine does not take it
   */
  take(event: RecordedEvent): void {
    this.#snapshots.set(event.orderId, this.check(event))
    this.#chain.take(event)
  }

  /** Throws what `take` does, and takes nothing. Returns the state of its order after it. */
  check(event: RecordedEvent): AnyMachineSnapshot {
    this.#chain.check(event)
    this.#checkForm(event)
    return this.#fold.apply(this.#snapshots.get(event.orderId) ?? this.#fold.initial, event)
  }

  /** An event in the form of another version is left to the machine, which has to take it. */
  #checkForm({ eventId, type, schema, data }: RecordedEvent): void {
    const form = this.#forms.get(type)
    if (form?.schema !== schema) return
    const [fault] = form.faultsOf(data)
    if (!fault) return
    const where = fault.path ? `data${fault.path}` : 'data'
    throw new CorruptLogError(eventId, `it is no ${type}: ${where} ${fault.message}`)
  }
}
