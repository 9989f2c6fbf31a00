/** What the sequencer itself refuses, before an order's machine is asked. */
import type { Command, Refusal } from '../domain.ts'
import type { Reason } from '../errors.ts'

function refusal(refused: Reason, message: string, details: Refusal['details'] = {}): Refusal {
  return { refused, message, details }
}

export const orderNotFound = ({ orderId }: Command): Refusal =>
  refusal('ORDER_NOT_FOUND', `There is no order ${orderId}.`, { orderId })

export const orderExists = ({ orderId }: Command): Refusal =>
  refusal('ORDER_EXISTS', `There is an order ${orderId} already.`, { orderId })

/** For a token that is bound to a customer, where somebody else's order has the id. */
export const forbiddenId = ({ orderId }: Command): Refusal =>
  refusal('FORBIDDEN', `This token may not place an order under the id ${orderId}.`)

export const versionConflict = (command: Command, currentVersion: number): Refusal =>
  refusal(
    'VERSION_CONFLICT',
    `Order ${command.orderId} has version ${currentVersion}, not ${command.expectedVersion}.`,
    { currentVersion },
  )

export const commandIdReused = ({ commandId, orderId }: Command): Refusal =>
  refusal(
    'COMMAND_ID_REUSED',
    `Order ${orderId} has honoured commandId ${commandId} for another command. Use a new one.`,
    { commandId },
  )

export const overloaded = (inboxCommandsMax: number): Refusal =>
  refusal('OVERLOADED', `${inboxCommandsMax} commands are waiting. Try again a little later.`)

export const storageFull = (): Refusal =>
  refusal('STORAGE_FULL', 'There is no room left for the log. Nothing was recorded.')

export const stopping = (): Refusal =>
  refusal('STOPPING', 'The engine is stopping and takes no new commands.')
