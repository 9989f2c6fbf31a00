/** What a command would lead to: `order.try`, in the form that the page shows. */
import { CallError, type WireEvent } from '../../client/index.ts'
import { type AnyView, client } from './session.ts'

/** Why a command was not, or would not be, taken. */
export interface Refusal {
  readonly code: string
  readonly message: string
  readonly guard?: string | undefined
  readonly can?: readonly string[] | undefined
  /** What each guard says that stands before the event; none where that is not told. */
  readonly guards?: readonly GuardVerdict[] | undefined
  /** What is wrong with which param, by JSON pointer. */
  readonly faults: ReadonlyMap<string, string>
}

export interface GuardVerdict {
  /** The id of the edge of the chart that it is on. */
  readonly edge: string
  readonly guard: string
  /** Null where it could not say. */
  readonly verdict: boolean | null
}

export interface Would {
  readonly event: WireEvent
  readonly view: AnyView
  /** Ids of the edges that it would take. */
  readonly edges: readonly string[]
  readonly guards: readonly GuardVerdict[]
}

export type Trial = Would | Refusal

interface Fault {
  readonly path: string
  readonly message: string
}

/** @param within where the command's own params begin in the paths of faults */
export function refusalOf(
  code: string,
  message: string,
  details: Readonly<Record<string, unknown>>,
  within = '',
): Refusal {
  const { guard, can, faults, guards } = details
  const named = (Array.isArray(faults) ? faults : []) as readonly Fault[]
  return {
    code,
    message,
    guard: typeof guard === 'string' ? guard : undefined,
    can: Array.isArray(can) ? (can as readonly string[]) : undefined,
    guards: Array.isArray(guards) ? (guards as readonly GuardVerdict[]) : undefined,
    faults: new Map(
      named.map(({ path, message: why }) => [
        path.slice(path.startsWith(within) ? within.length : 0),
        why,
      ]),
    ),
  }
}

/**
 * @param eventId just after which event; null for now
 * @throws {ClientError} where there is no answer
 */
export async function attempt(
  method: string,
  params: object,
  eventId: number | null,
): Promise<Trial> {
  try {
    const asked = { method, params, ...(eventId !== null && { eventId }) }
    return (await client.value.call('order.try', asked)) as Trial
  } catch (error) {
    if (!(error instanceof CallError)) throw error
    return refusalOf(error.reason, error.message, error.data, '/params')
  }
}
