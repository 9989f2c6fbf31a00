/** What Emmett is given and gives, on whatever store: an event's type and data, and what else we know. */
import type { Event as EmmettEvent } from '@event-driven-io/emmett'
import type { Event } from '../../subjects/by-hand/rules.ts'
import type { Unnumbered } from './orders.ts'

export type Message = EmmettEvent<string, Unnumbered['data'], { recordedAt: number }>

/** Emmett takes what stands before the first dash of a stream's name for the type of the stream. */
export function messageOf({ type, data, recordedAt }: Unnumbered): Message {
  return { type, data, metadata: { recordedAt } } as Message
}

/** A row of the table that Emmett keeps its messages in; JSON is parsed. */
export interface MessageRow {
  readonly stream_id: string
  readonly stream_position: string | number
  readonly global_position: string | number
  readonly message_type: string
  readonly message_data: object
  readonly message_metadata: { readonly recordedAt: number }
}

export const messageColumns =
  'stream_id, stream_position, global_position, message_type, message_data, message_metadata'

export function eventOf(row: MessageRow): Event {
  return {
    eventId: Number(row.global_position),
    type: row.message_type,
    orderId: row.stream_id,
    version: Number(row.stream_position),
    recordedAt: row.message_metadata.recordedAt,
    data: row.message_data,
  } as Event
}
